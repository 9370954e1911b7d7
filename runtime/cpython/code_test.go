package cpython_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"glasswsgi/check/suite"
	"glasswsgi/runtime/cpython"
)

// changesKept makes the code that a worker has left print a line, its source untouched, or leaves nothing but a piece of it.
const changesKept = `
import marshal, sys
path, change = sys.argv[1:]
with open(path, 'rb') as file:
    (version, sources), codes = marshal.load(file)
codes = (compile('import os; os.write(2, b"kept code\\n")\n' + sources[0][1], 'kept', 'exec'),) + codes[1:]
data = marshal.dumps(((version, sources), codes))
if change == 'version':
    data = marshal.dumps(((version + ' of another day', sources), codes))
elif change == 'source':
    data = marshal.dumps(((version, sources[1:]), codes))
elif change == 'piece':
    data = data[:1000]
elif change == 'thing':
    data = marshal.dumps(1)
elif change == 'nothing':
    data = b''
with open(path, 'wb') as file:
    file.write(data)
`

// A worker runs what an earlier one has compiled, if it is of the same source and Python, and else compiles anew.
func TestKeptCode(t *testing.T) {
	suite.Long(t)
	interpreter := interpreters(t)[0]
	app := folder(t, "app.py", "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'']\n")
	for change, runs := range map[string]bool{"none": true, "version": false, "source": false, "piece": false, "thing": false, "nothing": false} {
		t.Run(change, func(t *testing.T) {
			t.Parallel()
			kept := t.TempDir()
			begin := func() string {
				output := logFile(t)
				start(t, "app.py", func(c *cpython.Config) { c.Interpreter.Code, c.Dir, c.Output = kept, app, output })
				return contents(t, output)
			}
			begin()
			files, _ := filepath.Glob(filepath.Join(kept, "*"))
			if len(files) != 1 || !strings.HasSuffix(files[0], "-glass_worker.serve.code") {
				t.Fatalf("a worker left %q", files)
			}
			if _, err := interpreter.Ask("import sys; sys.argv[1:] = " + pythonList(files[0], change) + changesKept); err != nil {
				t.Fatal(err)
			}
			if got := begin(); strings.Contains(got, "kept code") != runs {
				t.Errorf("kept code ran: %v; the worker says %q", !runs, got)
			}
			if got := begin(); strings.Contains(got, "kept code") != runs { // it has left its own
				t.Errorf("the next one says %q", got)
			}
			if left, _ := filepath.Glob(filepath.Join(kept, "*")); len(left) != 1 {
				t.Errorf("left: %q", left)
			}
		})
	}
}

// Where nothing can be kept, a worker compiles each time.
func TestNothingKept(t *testing.T) {
	closed := filepath.Join(t.TempDir(), "not there")
	for _, kept := range []string{"", closed} {
		start(t, "behave.py", func(c *cpython.Config) { c.Interpreter.Code = kept })
	}
	if _, err := os.Stat(closed); err == nil {
		t.Error("a worker made a folder")
	}
}

func pythonList(values ...string) string { return "[r'" + strings.Join(values, "', r'") + "']" }
