package cpython_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"glasswsgi/check/suite"
	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/cpython/embedded"
	"glasswsgi/runtime/wsgi"
)

const patience = time.Minute // for what happens soon, on a busy machine

var python = sync.OnceValues(func() (cpython.Interpreter, error) { return embedded.Unpack(os.Stderr) })

// interpreters are the embedded Python and, in CI, Debian's.
func interpreters(t testing.TB) []cpython.Interpreter {
	first, err := python()
	if err != nil {
		t.Fatal(err)
	}
	if !suite.Whole() {
		return []cpython.Interpreter{first}
	}
	second, _, err := cpython.Find(suite.Program(t, "/usr/bin/python3"), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	return []cpython.Interpreter{first, second}
}

// start starts a pool that is closed with the test. change may be nil.
func start(t testing.TB, app string, change func(*cpython.Config)) *cpython.Pool {
	t.Helper()
	pool, err := tryStart(t, app, change)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closePool(t, pool) })
	return pool
}

func tryStart(t testing.TB, app string, change func(*cpython.Config)) (*cpython.Pool, error) {
	t.Helper()
	interpreter, err := python()
	if err != nil {
		t.Fatal(err)
	}
	config := cpython.Config{Interpreter: interpreter, App: app, Dir: "testdata", Output: discard(t)}
	if change != nil {
		change(&config)
	}
	return cpython.Start(context.Background(), config)
}

func closePool(t testing.TB, pool *cpython.Pool) {
	t.Helper()
	pids := pool.PIDs()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := pool.Close(ctx); err != nil {
		t.Errorf("Close: %v", err)
	}
	for _, pid := range pids {
		if alive(pid) {
			t.Errorf("worker %d is alive after Close", pid)
		}
	}
}

// discard is a file for the output of applications that nobody looks at.
func discard(t testing.TB) *os.File {
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// logFile is a file for output that the test reads.
func logFile(t testing.TB) *os.File {
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func contents(t testing.TB, f *os.File) string {
	b, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// folder makes a folder with files: name, text, name, text.
func folder(t testing.TB, files ...string) string {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(files); i += 2 {
		path := filepath.Join(dir, files[i])
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// request is a request in short: path?query, and its body.
type request struct {
	target    string
	body      wsgi.Input
	variables []wsgi.Variable
}

func (r request) environ() *wsgi.Environ {
	path, query, _ := strings.Cut(r.target, "?")
	input := r.body
	if input == nil {
		input = whole("")
	}
	return &wsgi.Environ{
		Variables: append([]wsgi.Variable{{Name: "REQUEST_METHOD", Value: "GET"}, {Name: "PATH_INFO", Value: path},
			{Name: "QUERY_STRING", Value: query}}, r.variables...),
		URLScheme: "http", Input: input, Errors: io.Discard,
	}
}

// whole is a body that has arrived.
type whole string

func (w whole) Read([]byte) (int, error) { panic("a body that has arrived is not read") }
func (w whole) Whole() ([]byte, bool)    { return []byte(w), true }

// stream is a body that is under way.
type stream struct{ io.Reader }

func (stream) Whole() ([]byte, bool) { return nil, false }

// response is what came of a request.
type response struct {
	status  string
	headers []wsgi.Header
	excInfo error
	body    bytes.Buffer
	blocks  int
	size    int64
	starts  int
	closing error // of Close
}

// call makes a call as a server does.
func call(pool *cpython.Pool, r request) (*response, error) {
	answer := &response{}
	return answer, exchange(pool, r.environ(), answer)
}

func exchange(pool *cpython.Pool, environ *wsgi.Environ, answer *response) error {
	iterable, err := pool.Call(environ, func(status string, headers []wsgi.Header, excInfo error) (wsgi.Write, error) {
		answer.starts++
		answer.status, answer.headers, answer.excInfo = status, headers, excInfo
		return func(b []byte) error { answer.body.Write(b); answer.blocks++; return nil }, nil
	})
	if err != nil {
		return err
	}
	defer func() { answer.closing = iterable.Close() }()
	answer.size = iterable.Size()
	for block, err := range iterable.Chunks() {
		if err != nil {
			return err
		}
		answer.body.Write(block)
		answer.blocks++
	}
	return nil
}

// get makes a call that has to succeed, and returns the body.
func get(t testing.TB, pool *cpython.Pool, target string) string {
	t.Helper()
	answer, err := call(pool, request{target: target})
	if err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	return answer.body.String()
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

func isWorkerError(err error, reason string) bool {
	var e *cpython.WorkerError
	return errors.As(err, &e) && strings.Contains(e.Reason, reason)
}

func inFolder(dir string) func(*cpython.Config) { return func(c *cpython.Config) { c.Dir = dir } }

// recorder is a log, and what it holds so far.
func recorder() (log *slog.Logger, text func() string) {
	w := &lockedBuffer{}
	return slog.New(slog.NewTextHandler(w, nil)), w.String
}

type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (w *lockedBuffer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *lockedBuffer) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}
