//go:build unix

package command

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestReread: SIGHUP reads the configuration file again. Another application, and how it runs, comes with new workers,
// while requests in progress end in the old ones; for the rest glass says that it has to be started again.
func TestReread(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	one := write(t, dir, "one.py", "def application(environ, start_response):\n    start_response('200 OK', [])\n"+
		"    if environ['PATH_INFO'] == '/held':\n        print('called', flush=True)\n        open('"+fifo+"').read()\n"+
		"    return [repr((1, environ['wsgi.multiprocess'], environ['wsgi.multithread'])).encode()]\n")
	two := write(t, dir, "two.py", "import os\ndef application(environ, start_response):\n    start_response('200 OK', [])\n"+
		"    return [repr((os.environ['NUMBER'], environ['wsgi.multiprocess'], environ['wsgi.multithread'])).encode()]\n")
	config := write(t, dir, "glass.toml", "app = '"+one+"'\nbind = '127.0.0.1:0'\n")
	s := serveCmd(t, command(t, "--config", config))
	if _, body := get(t, s.url); body != "(1, False, False)" {
		t.Errorf("body %q", body)
	}
	held := make(chan string, 1)
	go func() { _, body := get(t, s.url+"/held"); held <- body }()
	s.err.await(t, "called")

	write(t, dir, "glass.toml", "app = '"+two+"'\nbind = '127.0.0.1:1'\nworkers = 2\nthreads = 2\n[env]\nNUMBER = 'two'\n")
	s.Process.Signal(syscall.SIGHUP)
	s.awaitBody(t, "('two', True, True)")
	contains(t, s.err.String(), "started again for what has changed", "flags=--bind")
	release, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	release.Close()
	if body := <-held; body != "(1, False, False)" {
		t.Errorf("the request in progress was answered %q", body)
	}

	for text, want := range map[string]string{
		"app = 3\n": "nothing was reloaded: .*write app",
		"app = 'no_such_module'\nbind = '127.0.0.1:1'\n": "not replaced: cannot load no_such_module",
	} {
		write(t, dir, "glass.toml", text)
		s.Process.Signal(syscall.SIGHUP)
		s.err.await(t, want)
	}
	if _, body := get(t, s.url); body != "('two', True, True)" {
		t.Errorf("body %q", body)
	}
	// As long as the file says another address than glass has, glass says so.
	const differs = "started again for what has changed"
	if n := strings.Count(s.err.String(), differs); n != 2 {
		t.Errorf("said %d times, not twice\n%s", n, s.err)
	}
	write(t, dir, "glass.toml", "app = 'go:hello'\nbind = '127.0.0.1:0'\n")
	s.Process.Signal(syscall.SIGHUP)
	s.awaitBody(t, "Hello, world")
	s.stop(t, syscall.SIGTERM)
	if n := strings.Count(s.err.String(), differs); n != 2 {
		t.Errorf("said of the address that glass has\n%s", s.err)
	}
	if n := strings.Count(s.err.String(), "from now on"); n != 2 {
		t.Errorf("%d applications took over\n%s", n, s.err)
	}
}
