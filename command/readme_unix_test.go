//go:build unix

package command

import (
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"glasswsgi/check/suite"
)

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```")

// TestREADMECommands runs every command of the README's shell blocks in their order, word for word, or with another port
// where a program has the usual one. One that serves goes on until the next one serves.
func TestREADMECommands(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	usual, port := "8888", freeREADMEPort(t)
	var server *running
	ran := 0
	for _, block := range shellBlock.FindAllStringSubmatch(string(readme), -1) {
		for line := range strings.Lines(block[1]) {
			line = strings.ReplaceAll(strings.TrimSpace(line), usual, port)
			if !serves(line) {
				if out, err := exec.Command("sh", "-c", line).CombinedOutput(); err != nil {
					t.Errorf("%s\n%v\n%s", line, err, out)
				}
				ran++
				continue
			}
			if server != nil {
				server.stop(t, os.Interrupt)
			}
			if port != usual {
				line += " --bind 127.0.0.1:" + port
			}
			c := exec.Command("sh", "-c", "exec "+line)
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

// freeREADMEPort is the README's port, or another one where a program has that.
func freeREADMEPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:8888")
	if err != nil {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

// serves tells the commands that do not end by themselves.
func serves(line string) bool {
	return regexp.MustCompile(`^go run \. (--\S+ )*examples/`).MatchString(line)
}
