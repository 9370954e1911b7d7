package relatives_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"glasswsgi/check/suite"
	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/relatives"
	"glasswsgi/runtime/wsgi"
)

const patience = time.Minute // for what happens soon, on a busy machine

// subjects are the relatives, each with the application of the tests in its language.
var subjects = []struct {
	*relatives.Relative
	app string
}{
	{relatives.Rack, "app.ru"},
	{relatives.PSGI, "app.psgi"},
	{relatives.JSGI, "app.js"},
}

// each runs a test with every relative.
func each(t *testing.T, test func(t *testing.T, r *relatives.Relative, app string)) {
	t.Parallel()
	for _, s := range subjects {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			test(t, s.Relative, s.app)
		})
	}
}

// find finds the interpreter.
func find(t *testing.T, r *relatives.Relative) cpython.Interpreter {
	t.Helper()
	suite.NeedsMore(t)
	interpreter, err := r.Find()
	if err != nil {
		t.Fatal(err)
	}
	return interpreter
}

// tryStart starts a pool. change may be nil.
func tryStart(t *testing.T, r *relatives.Relative, app string, change func(*cpython.Config)) (*cpython.Pool, error) {
	t.Helper()
	config := cpython.Config{Language: r, Interpreter: find(t, r), App: app, Dir: "testdata", Output: outputFile(t)}
	if change != nil {
		change(&config)
	}
	calls, err := r.Calls(max(config.Threads, 1))
	if err != nil {
		t.Fatal(err)
	}
	config.Threads = calls
	return cpython.Start(t.Context(), config)
}

// start is tryStart with an application that can be loaded; the pool is closed with the test.
func start(t *testing.T, r *relatives.Relative, app string, change func(*cpython.Config)) *cpython.Pool {
	t.Helper()
	pool, err := tryStart(t, r, app, change)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := pool.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return pool
}

// outputFile is what the workers print to; a failed test shows it.
func outputFile(t *testing.T) *os.File {
	f, err := os.Create(filepath.Join(t.TempDir(), "output"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if text, _ := os.ReadFile(f.Name()); t.Failed() && len(text) > 0 {
			t.Logf("the workers printed:\n%s", text)
		}
		f.Close()
	})
	return f
}

// request is a request in short: path?query, and its body.
type request struct {
	target string
	body   wsgi.Input
	errors io.Writer
}

func (r request) environ() *wsgi.Environ {
	path, query, _ := strings.Cut(r.target, "?")
	return &wsgi.Environ{
		Variables: []wsgi.Variable{
			{Name: "REQUEST_METHOD", Value: "POST"}, {Name: "SCRIPT_NAME", Value: ""}, {Name: "PATH_INFO", Value: path},
			{Name: "QUERY_STRING", Value: query}, {Name: "REQUEST_URI", Value: r.target}, {Name: "SERVER_NAME", Value: "a.test"},
			{Name: "SERVER_PORT", Value: "80"}, {Name: "SERVER_PROTOCOL", Value: "HTTP/1.1"}, {Name: "HTTP_X_TEST", Value: "\xe9"},
		},
		URLScheme: "http", Input: r.body, Errors: r.errors,
	}
}

// whole is a body that has arrived.
type whole string

func (w whole) Read([]byte) (int, error) { panic("a body that has arrived is not read") }
func (w whole) Whole() ([]byte, bool)    { return []byte(w), true }

// underWay is a body that has to be read.
type underWay struct{ io.Reader }

func (underWay) Whole() ([]byte, bool) { return nil, false }

// response is what came of a request.
type response struct {
	status  string
	headers []wsgi.Header
	body    bytes.Buffer
	blocks  int
	size    int64
	closing error // of Close
}

// call makes a call as a server does. took may be nil; it is asked after each block whether to go on.
func call(pool *cpython.Pool, r request, took func(*response) bool) (*response, error) {
	answer := &response{}
	if r.body == nil {
		r.body = whole("")
	}
	if r.errors == nil {
		r.errors = io.Discard
	}
	iterable, err := pool.Call(r.environ(), func(status string, headers []wsgi.Header, _ error) (wsgi.Write, error) {
		answer.status, answer.headers = status, headers
		return nil, nil
	})
	if err != nil {
		return answer, err
	}
	answer.size = iterable.Size()
	for block, err := range iterable.Chunks() {
		if err != nil {
			iterable.Close()
			return answer, err
		}
		answer.body.Write(block)
		answer.blocks++
		if took != nil && !took(answer) {
			break
		}
	}
	answer.closing = iterable.Close()
	return answer, nil
}

// get makes a call that has to succeed, and returns the body.
func get(t *testing.T, pool *cpython.Pool, target string) string {
	t.Helper()
	answer, err := call(pool, request{target: target}, nil)
	if err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	return answer.body.String()
}

func (r *response) values(name string) (all []string) {
	for _, h := range r.headers {
		if strings.EqualFold(h.Name, name) {
			all = append(all, h.Value)
		}
	}
	return all
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

func isApplicationError(err error, exception string) bool {
	var e *wsgi.ApplicationError
	return errors.As(err, &e) && strings.Contains(e.Exception, exception)
}

func traceback(err error) string {
	var e *wsgi.ApplicationError
	if !errors.As(err, &e) {
		return err.Error()
	}
	return e.Traceback
}

// hangsIn are words of the lines at which calls hang, by relative and target.
var hangsIn = map[string]string{
	"Rack/hang": `"hang" then sleep 600`, "Rack/busy": `"busy" then loop`,
	"PSGI/hang": "sub { sleep 600", "PSGI/busy": "sub { 1 while 1",
	"JSGI/hang": "a promise that is not settled", "JSGI/busy": "", // nothing can be asked while a loop runs
}
