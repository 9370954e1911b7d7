package command

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithUs has pdb end with this process, whatever ends it: without a terminal it would read its end for ever.
func dieWithUs(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// awaitHangUp returns when a terminal is gone.
func awaitHangUp(terminal *os.File) {
	fds := []unix.PollFd{{Fd: int32(terminal.Fd())}} // what it waits for needs no event to be asked for
	for {
		n, err := unix.Poll(fds, -1)
		if n > 0 || err != nil && err != unix.EINTR {
			return
		}
	}
}
