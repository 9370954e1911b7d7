package command

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// In a container glass may be process 1. Every orphan of the application becomes its child then, and stays a zombie until
// it is waited for; but a process that waits for any child takes the exits away that package os waits for. So process 1
// only starts glass once more, passes signals on, and waits for whatever ends.

// isInit says that this process has orphans to wait for.
func isInit() bool { return os.Getpid() == 1 }

// beInit starts glass with the same arguments, and returns when it has ended, with its exit code.
func beInit() error {
	signals := make(chan os.Signal, signalBacklog)
	signal.Notify(signals)
	glass, err := os.StartProcess("/proc/self/exe", os.Args, &os.ProcAttr{
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}, // those that are handed over stay open by themselves
		Sys:   ownGroup(),
	})
	if err != nil {
		return fmt.Errorf("glass is process 1, and cannot start the process that serves: %w", err)
	}
	for got := range signals {
		switch got {
		case syscall.SIGCHLD:
			if code, ended := reap(glass.Pid); ended {
				return silentExit(code)
			}
		case syscall.SIGURG, syscall.SIGPIPE: // Go's own
		default:
			syscall.Kill(glass.Pid, got.(syscall.Signal))
		}
	}
	return nil
}

// ownGroup keeps a Ctrl-C from reaching glass twice, which would be impatience: from the terminal, and from process 1. On
// a terminal glass is in the foreground, so that it may read from it.
func ownGroup() *syscall.SysProcAttr {
	foreground, err := unix.IoctlGetInt(int(os.Stdin.Fd()), unix.TIOCGPGRP)
	return &syscall.SysProcAttr{Setpgid: true, Foreground: err == nil && foreground == syscall.Getpgrp(), Ctty: int(os.Stdin.Fd())}
}

// reap waits for all children that have ended, and says whether glass is one of them.
func reap(glass int) (code int, ended bool) {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil || pid <= 0:
			return code, ended
		case pid == glass:
			code, ended = status.ExitStatus(), true
			if status.Signaled() {
				code = 128 + int(status.Signal())
			}
		}
	}
}

// takeOverFromInit makes the sockets ours that were handed over to process 1.
func takeOverFromInit() {
	if os.Getppid() == 1 && os.Getenv("LISTEN_PID") == "1" {
		os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid()))
	}
}
