package cpython_test

import (
	"encoding/hex"
	"os/exec"
	"strings"
	"testing"

	"glasswsgi/runtime/cpython"
)

// Python's own marshal reads what we write, and we read what it writes.
func TestMarshalAgainstPython(t *testing.T) {
	texts := []string{"", "plain", "caf\xe9", strings.Repeat("a", 255), strings.Repeat("a", 256), strings.Repeat("\x80", 300)}
	for _, interpreter := range interpreters(t) {
		encoded := hex.EncodeToString(cpython.MarshalTexts(texts))
		command := exec.Command(interpreter.Path, "-I", "-c", `
import marshal, sys
texts, flags, number = marshal.loads(bytes.fromhex(sys.stdin.read()))
assert [type(t) for t in texts] == [str] * len(texts), texts
assert flags == {"yes": True, "no": False, "none": None}, flags
assert number == -5, number
sys.stdout.write(marshal.dumps(texts, 2).hex())
`)
		command.Stdin = strings.NewReader(encoded)
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		answer, err := hex.DecodeString(string(out))
		if err != nil {
			t.Fatal(err)
		}
		got, err := cpython.UnmarshalTexts(answer)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Join(got, "|") != strings.Join(texts, "|") {
			t.Errorf("got %q, want %q", got, texts)
		}
	}
}
