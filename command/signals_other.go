//go:build !unix

package command

import (
	"os"
	"syscall"
)

// orders: there is Ctrl-C, and nothing that replaces the workers.
var orders = map[os.Signal]order{
	os.Interrupt:    quit,
	syscall.SIGTERM: drain,
}

var nudgeSignal os.Signal

// surviveReaders has nothing to do: there is no SIGPIPE.
func surviveReaders() {}
