//go:build unix

package command

import (
	"os"
	"syscall"
)

// The signals that gunicorn's users know: INT and QUIT stop at once, TERM gracefully, HUP replaces the workers.
var (
	stopSignals  = []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGCONT}
	reloadSignal = os.Signal(syscall.SIGHUP)
	// nudgeSignal comes from glass pdb. To a process that does not know it, it does nothing.
	nudgeSignal = os.Signal(syscall.SIGCONT)
)
