package peer

import (
	"bytes"
	"os/exec"
	"strings"
)

// Version is the first word with a digit in what a command prints, or empty when it does not run. Without an environ it
// has ours.
func Version(command, environ []string) string {
	asked := exec.Command(command[0], command[1:]...)
	asked.Env = environ
	out, err := asked.Output()
	if err != nil {
		return ""
	}
	line, _, _ := bytes.Cut(out, []byte("\n"))
	for word := range strings.FieldsSeq(string(line)) {
		if strings.ContainsAny(word, "0123456789") {
			return strings.Trim(word, "()")
		}
	}
	return ""
}
