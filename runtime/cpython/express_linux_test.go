package cpython_test

import (
	"os/exec"
	"strings"
	"testing"
)

// overtakes runs a stream that begins in the outbox and goes on by the channel, while each block in the outbox rings the bell.
const overtakes = `
import os, sys, tempfile
sys.path.insert(0, ".")
from glass_worker import channel, express, outbox

class Socket:
    def send(self, data):
        print(data[8], end=" ")
        return len(data)

class Mailbox:
    def receive(self, number, wait):
        return None

def application(environ, start_response):
    write = start_response("200 OK", [])
    first, *others = map(int, sys.argv[1:])
    if first:
        write(b"x" * first)
    return (b"x" * size for size in others)

memory, path = tempfile.mkstemp()
os.unlink(path)
os.ftruncate(memory, outbox.SIZE)
outbox.HOLD_TIME = -1
c = channel.Channel(Socket())
c.outbox = outbox.Outbox(memory, os.pipe()[1])
express.Express(c, Mailbox(), 1, 1 << 20).run(application, {})
`

// TestHeldIsNotOvertaken: what a call sends by the channel comes behind HELD, also where the loop has heard the bell, since it is
// not the loop who reads the channel. It does not come before what the call has put into the outbox.
func TestHeldIsNotOvertaken(t *testing.T) {
	t.Parallel()
	interpreter, err := python()
	if err != nil {
		t.Fatal(err)
	}
	for sizes, first := range map[string]string{
		"2000 2000 2000": "28", // HELD
		"0 10000":        "18", // START_RESPONSE: a large block does not wait in the outbox, though the STORED that tells of it is short
	} {
		command := exec.Command(interpreter.Path, append([]string{"-c", overtakes}, strings.Fields(sizes)...)...)
		command.Env = append(command.Environ(), interpreter.Env...)
		out, err := command.CombinedOutput()
		if kinds := strings.Fields(string(out)); err != nil || len(kinds) < 2 || kinds[0] != first {
			t.Errorf("blocks of %s: the kinds of the first frames are %s, %v", sizes, out, err)
		}
	}
}
