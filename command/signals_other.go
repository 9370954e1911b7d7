//go:build !unix

package command

import (
	"os"
	"syscall"
)

// There is Ctrl-C, and nothing that replaces the workers.
var (
	stopSignals  = []os.Signal{os.Interrupt, syscall.SIGTERM}
	reloadSignal os.Signal
	nudgeSignal  os.Signal
)
