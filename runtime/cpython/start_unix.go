//go:build unix

package cpython

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
)

// start runs the command with its ends of the channel and the lifeline as descriptors 3 and 4, in a process group of
// its own: the terminal's Ctrl-C is for us, and we end our workers ourselves.
func start(command *exec.Cmd) (channel, lifeline net.Conn, err error) {
	channel, lifeline, ends, err := channels()
	if err != nil {
		return nil, nil, err
	}
	defer closeFiles(ends)
	command.ExtraFiles = append(ends, command.ExtraFiles...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(command.SysProcAttr)
	if err := command.Start(); err != nil {
		channel.Close()
		lifeline.Close()
		return nil, nil, err
	}
	return channel, lifeline, nil
}

// channels returns our ends of a channel and a lifeline, and the worker's ends of both.
func channels() (channel, lifeline net.Conn, ends []*os.File, err error) {
	channel, channelEnd, err := socketPair()
	if err != nil {
		return nil, nil, nil, err
	}
	lifeline, lifelineEnd, err := socketPair()
	if err != nil {
		channel.Close()
		channelEnd.Close()
		return nil, nil, nil, err
	}
	return channel, lifeline, []*os.File{channelEnd, lifelineEnd}, nil
}

func closeFiles(files []*os.File) {
	for _, file := range files {
		file.Close()
	}
}

// canPreload says that processes can be forked, and descriptors handed over.
const canPreload = true

// sendFiles sends a frame with the descriptors of files beside it.
func sendFiles(channel net.Conn, frame []byte, files []*os.File) error {
	var descriptors []int
	for _, file := range files {
		descriptors = append(descriptors, int(file.Fd()))
	}
	_, _, err := channel.(*net.UnixConn).WriteMsgUnix(frame, syscall.UnixRights(descriptors...), nil)
	return err
}

// describeStatus says what wait(2) tells of a process that has ended.
func describeStatus(status int) string {
	s := syscall.WaitStatus(status)
	if s.Signaled() {
		return "killed by signal: " + s.Signal().String()
	}
	return fmt.Sprintf("exit status %d", s.ExitStatus())
}

// socketPair returns our end and the worker's.
func socketPair() (net.Conn, *os.File, error) {
	syscall.ForkLock.RLock()
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(ends[0])
		syscall.CloseOnExec(ends[1])
		for _, end := range ends { // a whole window fits: fewer turns. What the system refuses is only slower
			syscall.SetsockoptInt(end, syscall.SOL_SOCKET, syscall.SO_SNDBUF, window)
		}
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	ours := os.NewFile(uintptr(ends[0]), "worker channel")
	defer ours.Close()
	theirs := os.NewFile(uintptr(ends[1]), "worker channel")
	conn, err := net.FileConn(ours)
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return conn, theirs, nil
}

func terminateOne(p *os.Process)     { p.Signal(syscall.SIGTERM) }
func killOne(p *os.Process)          { p.Kill() }
func terminateGroup(p *os.Process)   { syscall.Kill(-p.Pid, syscall.SIGTERM) }
func killGroup(p *os.Process)        { syscall.Kill(-p.Pid, syscall.SIGKILL) }
func groupExists(p *os.Process) bool { return syscall.Kill(-p.Pid, 0) == nil }

func isReset(err error) bool { return errors.Is(err, syscall.ECONNRESET) }

func describeExit(s *os.ProcessState) string {
	if status, ok := s.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return "killed by signal: " + status.Signal().String()
	}
	return s.String()
}
