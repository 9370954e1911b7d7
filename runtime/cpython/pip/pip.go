// Package pip runs pip for the embedded Python, which has none of its own. In go pip's arguments; installed packages
// land where the embedded Python's site module, and so every worker, finds them.
//
// Start reading at Run.
package pip

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/kluctl/go-embed-python/pip"

	"glasswsgi/runtime/cpython"
)

// Run runs pip with the arguments. interpreter is the embedded one: its Env says where packages go. The error is an
// *exec.ExitError when pip ran and failed; it has said why then.
func Run(interpreter cpython.Interpreter, arguments []string, stdin io.Reader, stdout, stderr io.Writer) error {
	// The library unpacks below the temporary folder and takes what it finds there, so the name must be a secret.
	library, err := pip.NewPipLib("glass-" + rand.Text())
	if err != nil {
		return fmt.Errorf("unpacking pip: %w", err)
	}
	folder := library.GetExtractedPath()
	defer os.Remove(folder + ".lock")
	defer os.RemoveAll(folder)
	command := exec.Command(interpreter.Path, append([]string{"-m", "pip"}, forUser(arguments)...)...)
	command.Env = append(interpreter.Environ(), "PYTHONPATH="+folder,
		"PIP_DISABLE_PIP_VERSION_CHECK=1", "PIP_NO_WARN_SCRIPT_LOCATION=1")
	command.Stdin, command.Stdout, command.Stderr = stdin, stdout, stderr
	return command.Run()
}

// forUser adds --user to an install that does not say where to.
func forUser(arguments []string) []string {
	at := slices.IndexFunc(arguments, func(a string) bool { return !strings.HasPrefix(a, "-") })
	if at < 0 || arguments[at] != "install" {
		return arguments
	}
	for _, a := range arguments[at:] {
		for _, elsewhere := range []string{"--user", "--target", "-t", "--prefix", "--root"} {
			if a == elsewhere || strings.HasPrefix(a, elsewhere+"=") {
				return arguments
			}
		}
	}
	return slices.Insert(slices.Clone(arguments), at+1, "--user")
}
