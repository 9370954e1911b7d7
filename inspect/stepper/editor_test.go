package stepper

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// keys are what somebody types; what is shown is kept.
type keys struct {
	io.Reader
	bytes.Buffer
}

func (k *keys) Read(b []byte) (int, error) { return k.Reader.Read(b) }

// TestEditor: a line can be mended before Enter, and an earlier one comes back.
func TestEditor(t *testing.T) {
	t.Parallel()
	typed := &keys{Reader: strings.NewReader("set PATH = /a\x1b[D\x1b[Dx\r" + "\x1b[A\r" + "\x04")}
	taken, given := 0, 0
	e := newEditorOf(typed, io.Discard)
	e.take = func() func() { taken++; return func() { given++ } }
	for _, want := range []string{"set PATH = x/a", "set PATH = x/a"} {
		if got, err := e.line(); err != nil || got != want {
			t.Errorf("%q, %v, not %q", got, err, want)
		}
	}
	if _, err := e.line(); err != io.EOF {
		t.Errorf("after Ctrl-D: %v", err)
	}
	if taken != 3 || given != 3 {
		t.Errorf("the terminal was taken %d times, and given back %d times", taken, given)
	}
}
