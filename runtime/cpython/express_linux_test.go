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

// goesRound fills the ring several times, reads what was put in as outbox.go does, and stores blocks meanwhile.
const goesRound = `
import os, sys, tempfile
sys.path.insert(0, ".")
from glass_worker import outbox
from glass_worker.outbox import END, HEAD, RING

memory, path = tempfile.mkstemp()
os.unlink(path)
os.ftruncate(memory, outbox.SIZE)
o = outbox.Outbox(memory, None)
for n in range(3 * RING // 3000):
    frame = bytes([n % 251]) * (2990 + n % 20)
    before = o.put
    o.hold(frame)
    first = HEAD + before % RING
    ring = o.memory[HEAD:END]
    assert (ring + ring)[first - HEAD :][: len(frame)] == frame, n
    block = bytes([n % 253]) * (outbox.WORTH_STORING + n)
    place = o.store(block)
    assert o.memory[END + place * outbox.MAX_BLOCK :][: len(block)] == block, n
    o.taken[place] = 0
print("whole", o.position[0] == o.put)
`

// TestRingGoesRound: what the worker puts into the outbox is where the server looks for it, at the end of the ring as well.
func TestRingGoesRound(t *testing.T) {
	t.Parallel()
	if out := runPython(t, goesRound); out != "whole True\n" {
		t.Error(out)
	}
}

// runPython is what a program prints that may import the worker's modules.
func runPython(t *testing.T, program string, args ...string) string {
	t.Helper()
	interpreter, err := python()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(interpreter.Path, append([]string{"-c", program}, args...)...)
	command.Env = append(command.Environ(), interpreter.Env...)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// TestHeldIsNotOvertaken: what a call sends by the channel comes behind HELD, also where the loop has heard the bell, since it is
// not the loop who reads the channel. It does not come before what the call has put into the outbox.
func TestHeldIsNotOvertaken(t *testing.T) {
	t.Parallel()
	for sizes, first := range map[string]string{
		"2000 2000 2000": "28", // HELD
		"0 10000":        "18", // START_RESPONSE: a large block does not wait in the outbox, though the STORED that tells of it is short
	} {
		kinds := strings.Fields(runPython(t, overtakes, strings.Fields(sizes)...))
		if len(kinds) < 2 || kinds[0] != first {
			t.Errorf("blocks of %s: the kinds of the first frames are %s", sizes, kinds)
		}
	}
}
