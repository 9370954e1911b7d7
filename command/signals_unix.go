//go:build unix

package command

import (
	"os"
	"os/signal"
	"syscall"
)

// orders are the signals that gunicorn's users know: INT and QUIT stop at once, TERM gracefully, HUP replaces the workers,
// USR1 opens the logs again, TTIN and TTOU change the number of workers.
var orders = map[os.Signal]order{
	syscall.SIGINT:  quit,
	syscall.SIGQUIT: quit,
	syscall.SIGTERM: drain,
	syscall.SIGHUP:  reload,
	syscall.SIGUSR1: reopen,
	syscall.SIGTTIN: more,
	syscall.SIGTTOU: fewer,
	nudgeSignal:     nudge,
}

// surviveReaders keeps SIGPIPE from ending glass when the reader of its standard output leaves: Go would let it, and a
// signal that is ignored would be ignored in every child, too.
func surviveReaders() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }

// nudgeSignal comes from glass pdb. To a process that does not know it, it does nothing.
var nudgeSignal = os.Signal(syscall.SIGCONT)
