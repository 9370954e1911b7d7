//go:build unix

package command

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```")

// TestREADMECommands runs every command of the README's shell blocks, word for word and in their order. One that serves
// goes on until the next one serves.
func TestREADMECommands(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("VIRTUAL_ENV", "")
	var server *running
	ran := 0
	for _, block := range shellBlock.FindAllStringSubmatch(string(readme), -1) {
		for line := range strings.Lines(block[1]) {
			c := exec.Command("sh", "-c", "exec "+line)
			if !serves(line) {
				if out, err := exec.Command("sh", "-c", line).CombinedOutput(); err != nil {
					t.Errorf("%s%v\n%s", line, err, out)
				}
				ran++
				continue
			}
			if server != nil {
				server.stop(t, os.Interrupt)
			}
			// go run leaves SIGINT to its child: Ctrl-C in a terminal reaches both.
			c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			server = serveCmd(t, c)
			server.anyExit = true
			server.signal = func(s os.Signal) error { return syscall.Kill(-c.Process.Pid, s.(syscall.Signal)) }
			ran++
		}
	}
	if ran < 7 {
		t.Errorf("the README has only %d commands", ran)
	}
}

// serves tells the commands that do not end by themselves.
func serves(line string) bool {
	return regexp.MustCompile(`^go run \. (--\S+ )*examples/`).MatchString(line)
}
