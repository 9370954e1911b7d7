package command

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"glasswsgi/check/suite"
	"glasswsgi/runtime/inprocess"
)

// inProcessApplication answers each path in a way of its own; some of them are the end.
const inProcessApplication = `
import atexit, ctypes, os, signal, threading, time

atexit.register(print, "atexit handlers ran")
signal.signal(signal.SIGTERM, lambda *arguments: None)

def stream():
    for number in range(200):
        yield b"%d " % number * 1000

def read_elsewhere(environ):
    read = []
    thread = threading.Thread(target=lambda: read.append(environ["wsgi.input"].read()))
    thread.start()
    thread.join()
    return read

def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/exit":
        os._exit(7)
    if path == "/crash":
        ctypes.string_at(0)
    if path == "/hang":
        time.sleep(1000)
    if path == "/spin":
        while True:
            time.sleep(0.001)
    if path == "/keep":
        ctypes.PyDLL(None).sleep(1000)
    if path == "/raise":
        raise ValueError("raised on purpose")
    write = start_response("200 OK", [("Content-Type", "text/plain")] if path != "/untyped" else [])
    if path == "/stream":
        return stream()
    if path == "/file":
        return environ["wsgi.file_wrapper"](open("file", "rb"))
    if path == "/body":
        return [environ["wsgi.input"].read()]
    if path == "/thread":
        return read_elsewhere(environ)
    if path == "/write":
        write(b"written, ")
    if path == "/none":
        return None
    print("printed")
    return [b"whole"]
`

// inProcess is a glass that serves inProcessApplication in its own process.
func inProcess(t *testing.T, flags ...string) *running {
	t.Helper()
	if !inprocess.Available {
		t.Skip("this program cannot")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"app.py": inProcessApplication, "file": strings.Repeat("0123456789", 100_000)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := command(t, append([]string{"-b", "127.0.0.1:0", "--in-process", "app.py"}, flags...)...)
	c.Dir = dir
	return serveCmd(t, c)
}

// post sends a body, and returns the status and the body of the response.
func post(t *testing.T, url string, body []byte) (status int, got string) {
	t.Helper()
	client := http.Client{Timeout: deadline}
	response, err := client.Post(url, "text/plain", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// TestInProcess: what leaves a worker leaves Python in the server's own process as well, by either engine.
func TestInProcess(t *testing.T) {
	t.Parallel()
	var stream strings.Builder
	for number := range 200 {
		stream.WriteString(strings.Repeat(fmt.Sprint(number, " "), 1000))
	}
	long := strings.Repeat("a long body ", 100_000)
	const debian = "/usr/bin/python3"
	for _, flags := range [][]string{
		{"--python", "embedded"},
		{"--python", debian},
		{"--python", "embedded", "--model", "threaded", "--threads", "3"},
	} {
		t.Run(strings.Join(flags, " "), func(t *testing.T) {
			t.Parallel()
			if flags[1] == debian {
				suite.Program(t, debian)
			}
			r := inProcess(t, flags...)
			for _, row := range []struct {
				path, body string
				status     int
				want       string
			}{
				{"/", "", 200, "whole"},
				{"/stream", "", 200, stream.String()},
				{"/file", "", 200, strings.Repeat("0123456789", 100_000)},
				{"/body", "short", 200, "short"},
				{"/body", long, 200, long},
				{"/thread", long, 200, long},
				{"/write", "", 200, "written, whole"},
				{"/raise", "", 500, "500 Internal Server Error\n"},
				{"/none", "", 500, "500 Internal Server Error\n"},
				{"/", "", 200, "whole"},
			} {
				if status, got := post(t, r.url+row.path, []byte(row.body)); status != row.status || got != row.want {
					t.Errorf("%s: %d and %d bytes, %.50q; want %d and %d bytes", row.path, status, len(got), got, row.status, len(row.want))
				}
			}
			r.signal(syscall.SIGHUP)
			r.err.await(t, "cannot be loaded anew: start glass again")
			r.stop(t, syscall.SIGTERM)
			for _, want := range []string{"the server ends; one slow call holds up all others", "handler for Terminated, which is ignored",
				"printed\n", "ValueError: raised on purpose", "application: returned None", "atexit handlers ran"} {
				if !strings.Contains(r.err.String(), want) {
					t.Errorf("no %q in\n%s", want, r.err)
				}
			}
		})
	}
}

// TestInProcessEnds: what ends the application ends the server, and not in any way but this.
func TestInProcessEnds(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	for _, row := range []struct {
		path   string
		status int // 0: no response
		code   int // how glass ends; -1: it goes on
		said   string
	}{
		{"/exit", 0, 7, ""},
		{"/crash", 0, 2, "SIGSEGV"},
		{"/hang", 504, -1, "; another thread takes over"},
		{"/spin", 504, -1, "; another thread takes over"},
		{"/keep", 504, 1, "a call keeps the interpreter for itself"},
	} {
		t.Run(row.path, func(t *testing.T) {
			t.Parallel()
			r := inProcess(t, "--timeout", "3")
			client := http.Client{Timeout: deadline}
			response, err := client.Get(r.url + row.path)
			if row.code < 0 { // once more, in a thread that is not Python's main thread
				response, err = client.Get(r.url + row.path)
			}
			if (err != nil) != (row.status == 0) || err == nil && response.StatusCode != row.status {
				t.Errorf("%v, %v; want %d", response, err, row.status)
			}
			if row.code < 0 {
				if status, got := get(t, r.url+"/"); status != 200 || got != "whole" {
					t.Errorf("afterwards: %d %q", status, got)
				}
				r.stop(t, syscall.SIGTERM)
			} else {
				r.anyExit = true
				r.awaitEnd(t)
				if code := r.ProcessState.ExitCode(); code != row.code {
					t.Errorf("exit code %d, want %d", code, row.code)
				}
			}
			if !strings.Contains(r.err.String(), row.said) || strings.Contains(r.err.String(), "worker is killed") {
				t.Errorf("no %q, or a worker where none is, in\n%s", row.said, r.err)
			}
		})
	}
}

// TestInProcessRefuses: each flag that goes with workers only, with a sentence that says so.
func TestInProcessRefuses(t *testing.T) {
	t.Parallel()
	for _, flags := range []string{"--workers 2", "--preload", "--reload", "--max-requests 5", "--max-worker-memory 5", "--chdir docs", "--inspect"} {
		t.Run(flags, func(t *testing.T) {
			t.Parallel()
			got := glass(t, "", append(strings.Fields(flags), "--in-process", "examples/hello.py")...)
			flag, _, _ := strings.Cut(flags, " ")
			if got.code != exitMisused || !strings.Contains(got.err, "--in-process: ") || !strings.Contains(got.err, flag) {
				t.Errorf("code %d, %s", got.code, got.err)
			}
		})
	}
}

// TestInProcessLint: findings come through.
func TestInProcessLint(t *testing.T) {
	t.Parallel()
	r := inProcess(t, "--lint")
	if status, _ := get(t, r.url+"/untyped"); status != 200 {
		t.Errorf("status %d", status)
	}
	r.err.await(t, "lint: header: no Content-Type")
}
