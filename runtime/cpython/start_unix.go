//go:build unix

package cpython

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"syscall"
)

// start runs the command with its ends of the channel and the lifeline as descriptors 3 and 4, in a process group of
// its own: the terminal's Ctrl-C is for us, and we end our workers ourselves.
func start(command *exec.Cmd) (channel, lifeline net.Conn, err error) {
	channel, channelEnd, err := socketPair()
	if err != nil {
		return nil, nil, err
	}
	defer channelEnd.Close()
	lifeline, lifelineEnd, err := socketPair()
	if err != nil {
		channel.Close()
		return nil, nil, err
	}
	defer lifelineEnd.Close()
	command.ExtraFiles = append([]*os.File{channelEnd, lifelineEnd}, command.ExtraFiles...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(command.SysProcAttr)
	if err := command.Start(); err != nil {
		channel.Close()
		lifeline.Close()
		return nil, nil, err
	}
	return channel, lifeline, nil
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
