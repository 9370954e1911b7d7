//go:build !unix

package peer

import (
	"os"
	"os/exec"
)

// There are no process groups to signal.
func ownGroup(*exec.Cmd) {}

func terminate(p *os.Process) { p.Kill() }
func kill(p *os.Process)      { p.Kill() }
