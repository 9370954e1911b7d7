//go:build unix

package command

import (
	"os"
	"syscall"
)

// orders are the signals that gunicorn's users know: INT and QUIT stop at once, TERM gracefully, HUP replaces the workers.
var orders = map[os.Signal]order{
	syscall.SIGINT:  quit,
	syscall.SIGQUIT: quit,
	syscall.SIGTERM: drain,
	syscall.SIGHUP:  reload,
	nudgeSignal:     nudge,
}

// nudgeSignal comes from glass pdb. To a process that does not know it, it does nothing.
var nudgeSignal = os.Signal(syscall.SIGCONT)
