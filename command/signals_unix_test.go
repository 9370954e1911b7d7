//go:build unix

package command

import "testing"

// TestSignalWhileLoading: whoever presses Ctrl-C while the application is loaded is not forgotten when it has been.
func TestSignalWhileLoading(t *testing.T) {
	app := write(t, t.TempDir(), "impatient.py", "import os, signal\nos.kill(os.getppid(), signal.SIGINT)\n"+answering("hello"))
	for _, flags := range [][]string{nil, {"--reload"}} {
		got := finish(t, command(t, append(flags, "-b", "127.0.0.1:0", app)...), "")
		if got.code < 0 { // the deadline of the test has killed it
			t.Errorf("%v: it goes on\n%s", flags, got.err)
		}
	}
}
