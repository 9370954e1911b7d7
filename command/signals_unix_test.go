//go:build unix

package command

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"glasswsgi/check/suite"
)

// TestSignalWhileLoading: a signal that says stop is obeyed while the application is loaded, and that is no failure.
func TestSignalWhileLoading(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT} {
		for _, flags := range [][]string{nil, {"--reload"}} {
			app := write(t, t.TempDir(), "hanging.py", hanging)
			c := command(t, append(flags, "-b", "127.0.0.1:0", app)...)
			errs := newOutput()
			c.Stderr = errs
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			errs.await(t, "importing")
			c.Process.Signal(signal)
			if err := c.Wait(); err != nil {
				t.Errorf("%v %v: %v\n%s", flags, signal, err, errs)
			}
			if text := errs.String(); strings.Contains(text, "canceled") || !strings.Contains(text, "stopping before the application is loaded") {
				t.Errorf("%v %v:\n%s", flags, signal, text)
			}
		}
	}
}

// hanging is a module whose import does not end.
const hanging = "import threading\nprint('importing', flush=True)\nthreading.Event().wait()\n"

// TestStopDuringReload: new code that hangs keeps no signal from being obeyed.
func TestStopDuringReload(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT} {
		for _, flags := range [][]string{nil, {"--reload"}} {
			dir := t.TempDir()
			app := write(t, dir, "changing.py", answering("one"))
			s := serve(t, append(flags, app)...)
			write(t, dir, "changing.py", hanging)
			s.Process.Signal(syscall.SIGHUP)
			s.err.await(t, "importing")
			s.stop(t, signal)
			if text := s.err.String(); strings.Contains(text, "not replaced") {
				t.Errorf("%v:\n%s", signal, text)
			}
		}
	}
}

// held is an application whose requests wait until somebody writes to a FIFO, and one of them.
type held struct {
	*running
	fifo   string
	answer chan error // of the request: nil is 200
}

// hold starts an application, and a request that waits.
func hold(t *testing.T, flags ...string) *held {
	t.Helper()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	app := write(t, dir, "held.py", "def application(environ, start_response):\n"+
		"    start_response('200 OK', [('Content-Type', 'text/plain')])\n"+
		"    print('called', flush=True)\n"+
		"    return [open('"+fifo+"', 'rb').read()]\n")
	h := &held{serve(t, append(flags, "--log-level", "debug", app)...), fifo, make(chan error, 1)}
	go func() {
		response, err := http.Get(h.url)
		if err == nil {
			response.Body.Close()
			if response.StatusCode != http.StatusOK {
				err = errors.New(response.Status)
			}
		}
		h.answer <- err
	}()
	h.err.await(t, "called")
	return h
}

// release lets the request go on; it waits until the application reads.
func (h *held) release(t *testing.T) {
	t.Helper()
	file, err := os.OpenFile(h.fifo, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
}

// TestSignalsThatAreNoImpatience: SIGHUP and SIGCONT do not hurry a glass that stops.
func TestSignalsThatAreNoImpatience(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGHUP, syscall.SIGCONT} {
		h := hold(t)
		h.Process.Signal(syscall.SIGTERM)
		h.err.await(t, `stopping +signal=terminated`)
		h.Process.Signal(signal)
		h.err.await(t, `obeyed a signal +signal="?`+signal.String())
		h.release(t)
		if err := <-h.answer; err != nil {
			t.Errorf("%v: %v\n%s", signal, err, h.err)
		}
		h.awaitEnd(t)
		if strings.Contains(h.err.String(), "replacing the workers") {
			t.Errorf("%v: it reloads\n%s", signal, h.err)
		}
	}
}

// TestImpatience: a second signal that says stop ends it at once, whichever the first was.
func TestImpatience(t *testing.T) {
	t.Parallel()
	for _, second := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT} {
		h := hold(t, "--graceful-timeout", "1000")
		h.Process.Signal(syscall.SIGTERM)
		h.err.await(t, `stopping +signal=terminated`)
		h.Process.Signal(second)
		h.awaitEnd(t)
		if err := <-h.answer; err == nil {
			t.Errorf("%v: the request was answered", second)
		}
	}
}

// awaitEnd waits until glass has ended well, of the signals that it got.
func (r *running) awaitEnd(t *testing.T) {
	t.Helper()
	r.stop(t, syscall.Signal(0))
}

// TestDrainDuringReload: SIGTERM while new code hangs still lets the requests in progress end.
func TestDrainDuringReload(t *testing.T) {
	t.Parallel()
	h := hold(t)
	write(t, filepath.Dir(h.fifo), "held.py", hanging)
	h.Process.Signal(syscall.SIGHUP)
	h.err.await(t, "importing")
	h.Process.Signal(syscall.SIGTERM)
	h.err.await(t, `stopping +signal=terminated`)
	h.release(t)
	if err := <-h.answer; err != nil {
		t.Errorf("%v\n%s", err, h.err)
	}
	h.awaitEnd(t)
}

// TestReloadDuringReload: SIGHUPs that come during a reload ask for one more after it, since the files may have been read
// before they changed.
func TestReloadDuringReload(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	app := write(t, dir, "changing.py", answering("one"))
	s := serve(t, "--log-level", "debug", app)
	write(t, dir, "changing.py", "print('importing', flush=True)\nopen('"+fifo+"').read()\n"+answering("two"))
	s.Process.Signal(syscall.SIGHUP)
	s.err.await(t, "importing")
	write(t, dir, "changing.py", answering("three, and longer"))
	for n := range 3 { // the system would make one of two that wait at the same time
		s.Process.Signal(syscall.SIGHUP)
		s.err.await(t, strings.Repeat(`(?s)obeyed a signal +signal=hangup.*`, n+2))
	}
	file, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
	s.awaitBody(t, "three, and longer")
	s.stop(t, os.Interrupt)
	if n := strings.Count(s.err.String(), "replacing the workers"); n != 2 {
		t.Errorf("%d reloads\n%s", n, s.err)
	}
}

// TestReloadWithNothingToReload: what is compiled in says so.
func TestReloadWithNothingToReload(t *testing.T) {
	t.Parallel()
	s := serve(t, "--reload", "go:hello")
	s.err.await(t, "--reload has nothing to watch")
	s.Process.Signal(syscall.SIGHUP)
	s.err.await(t, "nothing to reload: go:hello")
	if _, body := get(t, s.url); body != "Hello, world\n" {
		t.Errorf("body %q", body)
	}
}
