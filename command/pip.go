package command

import (
	"errors"
	"os"
	"os/exec"

	"glasswsgi/runtime/cpython/embedded"
	"glasswsgi/runtime/cpython/pip"
)

// pipCommand is `glass pip`: pip for the embedded Python, which has none of its own.
type pipCommand struct {
	Args []string `arg:"" optional:"" passthrough:"" help:"What pip is told: install X, list, uninstall X."`
}

// Run runs pip. When pip fails it has said why, so its exit code is all that is left to tell.
func (c *pipCommand) Run() error {
	interpreter, err := embedded.Unpack(os.Stderr)
	if err != nil {
		return err
	}
	err = pip.Run(interpreter, c.Args, os.Stdin, os.Stdout, os.Stderr)
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return silentExit(failed.ExitCode())
	}
	return err
}

// silentExit is an error about which everything has been said.
type silentExit int

func (silentExit) Error() string { return "" }
