//go:build unix

package command

import (
	"strings"
	"syscall"
	"testing"
)

// TestResize: SIGTTIN and SIGTTOU change the number of workers, of which one is the least; SIGHUP goes back to --workers.
func TestResize(t *testing.T) {
	app := write(t, t.TempDir(), "app.py", strings.Replace(answering("x"), "b'x'", "repr(environ['wsgi.multiprocess']).encode()", 1))
	s := serve(t, app)
	for _, step := range []struct {
		signal syscall.Signal
		log    string
		body   string
	}{
		{syscall.SIGTTOU, "one worker is the least", "False"},
		{syscall.SIGTTIN, "2 × 1", "True"},
		{syscall.SIGTTIN, "3 × 1", "True"},
		{syscall.SIGTTOU, "(?s)3 × 1.*2 × 1", "True"},
		{syscall.SIGHUP, "(?s)2 × 1.*2 × 1.*1 × 1", "False"},
	} {
		s.Process.Signal(step.signal)
		s.err.await(t, step.log)
		if _, body := get(t, s.url); body != step.body {
			t.Errorf("%v: wsgi.multiprocess is %s", step.signal, body)
		}
	}
	native := serve(t, "go:hello")
	native.Process.Signal(syscall.SIGTTIN)
	native.err.await(t, "no workers to add or to end")
}
