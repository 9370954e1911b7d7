//go:build unix

package command

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestLogRotation: after the files have been renamed, either signal makes glass write to new ones: its messages, what the
// application prints, and the access log.
func TestLogRotation(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGHUP} {
		dir := t.TempDir()
		errs, access, address := filepath.Join(dir, "errors"), filepath.Join(dir, "access"), filepath.Join(dir, "s")
		app := write(t, dir, "printing.py", "def application(environ, start_response):\n"+
			"    print('printed', environ['PATH_INFO'], flush=True)\n    start_response('200 OK', [])\n    return []\n")
		c := command(t, "-b", "unix:"+address, "--error-logfile", errs, "--access-logfile", access, "--log-level", "debug", app)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		awaitFile(t, errs, "serving")
		ask := over(address)
		ask(t, "/before")
		awaitFile(t, access, "/before")
		awaitFile(t, errs, "printed /before") // by a pipe, so perhaps later
		for _, path := range []string{errs, access} {
			if err := os.Rename(path, path+".1"); err != nil {
				t.Fatal(err)
			}
		}
		c.Process.Signal(signal)
		awaitFile(t, errs, "obeyed a signal")
		ask(t, "/after")
		awaitFile(t, access, "/after")
		awaitFile(t, errs, "printed /after")
		c.Process.Signal(syscall.SIGTERM)
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
		for _, path := range []string{errs, access} {
			old, err := os.ReadFile(path + ".1")
			if err != nil || !strings.Contains(string(old), "/before") || strings.Contains(string(old), "/after") {
				t.Errorf("%v: %s.1 has\n%s, %v", signal, path, old, err)
			}
		}
		awaitFile(t, errs, "stopping")
	}
}

// over asks a server on a Unix socket.
func over(address string) func(t *testing.T, path string) string {
	client := http.Client{Timeout: deadline, Transport: &http.Transport{DisableKeepAlives: true, DialContext: unixDialer(address)}}
	return func(t *testing.T, path string) string {
		t.Helper()
		response, err := client.Get("http://localhost" + path)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
}

// TestPrintsReachTheLogFile: what an application writes last, and much of it, is in the file when glass has ended.
func TestPrintsReachTheLogFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	errs := filepath.Join(dir, "errors")
	app := write(t, dir, "printing.py", "import atexit\natexit.register(lambda: print('the last line', flush=True))\n"+
		"print('x' * 2_000_000, flush=True)\n"+answering("ok"))
	c := command(t, "-b", "unix:"+filepath.Join(dir, "s"), "--error-logfile", errs, app)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	awaitFile(t, errs, "serving")
	c.Process.Signal(syscall.SIGTERM)
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	text, _ := os.ReadFile(errs)
	if n := strings.Count(string(text), "x"); n < 2_000_000 || !strings.Contains(string(text), "the last line") {
		t.Errorf("%d of 2000000 bytes\n%s", n, text[max(0, len(text)-500):])
	}
}

// TestLogFormats: a message has its date, time, time zone and level; as JSON it has them by name.
func TestLogFormats(t *testing.T) {
	t.Parallel()
	s := serve(t, "go:hello")
	s.stop(t, os.Interrupt)
	if want := regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4} INF serving go:hello `); !want.MatchString(s.err.String()) {
		t.Errorf("no %v in\n%s", want, s.err)
	}
	dir := t.TempDir()
	c := command(t, "-b", "unix:"+filepath.Join(dir, "s"), "--log-format", "json", "--access-logfile", "-", "--access-logformat", "json",
		"--log-level", "info", "go:hello")
	out, errs := newOutput(), newOutput()
	c.Stdout, c.Stderr = out, errs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	errs.await(t, "serving")
	over(filepath.Join(dir, "s"))(t, "/a?b=%22")
	c.Process.Signal(syscall.SIGTERM)
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(errs.String()+out.String()), "\n") {
		var members map[string]any
		if err := json.Unmarshal([]byte(line), &members); err != nil {
			t.Errorf("%v: %s", err, line)
			continue
		}
		for _, name := range []string{"time", "level", "msg"} {
			if members[name] == nil {
				t.Errorf("no %s in %s", name, line)
			}
		}
	}
	contains(t, out.String(), `"method":"GET"`, `"target":"/a?b=%22"`, `"status":200`)
}

// TestReaderLeaves: glass goes on when the reader of its standard output or error has gone, and says so where it can.
func TestReaderLeaves(t *testing.T) {
	t.Parallel()
	for _, leaves := range []string{"stdout", "stderr"} {
		dir := t.TempDir()
		c := command(t, "-b", "unix:"+filepath.Join(dir, "s"), "--pid", filepath.Join(dir, "pid"), "--access-logfile", "-", "--log-level", "debug", "go:hello")
		from, to, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		other := newOutput()
		if leaves == "stdout" {
			c.Stdout, c.Stderr = to, other
		} else {
			c.Stdout, c.Stderr = other, to
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		to.Close()
		if leaves == "stdout" {
			other.await(t, "serving")
		} else {
			io.ReadFull(from, make([]byte, 40)) // it serves
			awaitFile(t, filepath.Join(dir, "pid"), "\n")
		}
		from.Close()
		ask := over(filepath.Join(dir, "s"))
		// The reader has gone when every process that a test beside this one is just starting has closed its copy of it.
		toldOf := func() bool { return leaves == "stderr" || strings.Contains(other.String(), "cannot be written") }
		for asked, patience := 0, time.Now().Add(deadline); (asked < 3 || !toldOf()) && time.Now().Before(patience); asked++ {
			if body := ask(t, "/"); body != "Hello, world\n" {
				t.Errorf("%s: body %q", leaves, body)
			}
		}
		c.Process.Signal(syscall.SIGTERM)
		if err := c.Wait(); err != nil {
			t.Errorf("%s: %v\n%s", leaves, err, other)
		}
		if n := strings.Count(other.String(), "cannot be written"); leaves == "stdout" && n != 1 {
			t.Errorf("it said so %d times\n%s", n, other)
		}
	}
}

// TestTornLine: of a line that is written in part, because the disk is full, the next one is no continuation.
func TestTornLine(t *testing.T) {
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	l := &logFile{path: "access.log", file: to}
	for !l.torn { // on a busy machine the time may be over before a byte is written
		to.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
		l.Write(bytes.Repeat([]byte("x"), 1<<20))
	}
	l.Write([]byte("lost\n"))
	to.SetWriteDeadline(time.Time{})
	go func() {
		l.Write([]byte("whole\n"))
		l.Write([]byte("next\n"))
		to.Close()
	}()
	text, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimLeft(string(text), "x"); got != "\nwhole\nnext\n" {
		t.Errorf("after the line that is torn: %q", got)
	}
}
