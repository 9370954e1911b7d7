package relatives_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/relatives"
	"glasswsgi/runtime/wsgi"
)

// TestCalls: every relative says the same with its own words, in one worker that serves all of it.
func TestCalls(t *testing.T) {
	each(t, func(t *testing.T, r *relatives.Relative, app string) {
		records := t.TempDir()
		pool := start(t, r, app, func(c *cpython.Config) { c.Env = []string{"RECORDS=" + records} })
		megabytes := strings.Repeat("0123456789abcde\n", 1<<17)
		for _, row := range []struct {
			request
			status, body string
			size         int64
			is           func(*response) bool
		}{
			{request: request{target: "/hello"}, status: "200 OK", body: "Hello, world\n", size: 13},
			{request: request{target: "/nowhere"}, status: "404 Not Found", body: "Not found\n", size: 10},
			{request: request{target: "/echo", body: whole("a\x00\xff")}, status: "200 OK", body: "a\x00\xff", size: 3},
			{request: request{target: "/echo", body: underWay{strings.NewReader(megabytes)}}, status: "200 OK", body: megabytes, size: 2 << 20},
			{request: request{target: "/stream?n=3&size=1"}, status: "200 OK", body: "012", size: -1,
				is: func(a *response) bool { return a.blocks == 3 }},
			{request: request{target: "/whole?n=70000"}, status: "200 OK", body: strings.Repeat("x", 140000), size: 140000},
			{request: request{target: "/cookies"}, status: "200 OK", is: func(a *response) bool {
				return slices.Equal(a.values("Set-Cookie"), []string{"a=1", "b=2"}) && len(a.values("Connection")) == 0
			}},
			{request: request{target: "/emptyfield"}, status: "200 OK", is: func(a *response) bool {
				return slices.Equal(a.values("X-Empty"), []string{""})
			}},
			{request: request{target: "/environ"}, status: "200 OK", size: -2, is: func(a *response) bool {
				return strings.Contains(a.body.String(), `"HTTP_X_TEST":{"type":"str","value":"é"}`)
			}},
			{request: request{target: "/close?id=1&n=30"}, status: "200 OK", body: strings.Repeat("x", 3000000), size: -1},
			{request: request{target: "/events?id=1"}, status: "200 OK", body: `["closed"]`, size: 10},
		} {
			answer, err := call(pool, row.request, nil)
			if err != nil {
				t.Errorf("%s: %v", row.target, err)
				continue
			}
			if body := answer.body.String(); answer.status != row.status || row.size != -2 && (body != row.body || answer.size != row.size) {
				t.Errorf("%s: %s, a size of %d, %.100q of %d bytes", row.target, answer.status, answer.size, body, len(body))
			}
			if row.is != nil && !row.is(answer) {
				t.Errorf("%s: %+v", row.target, answer)
			}
		}
	})
}

// TestErrors: what the application raises is told, and the worker goes on.
func TestErrors(t *testing.T) {
	each(t, func(t *testing.T, r *relatives.Relative, app string) {
		pool := start(t, r, app, nil)
		pid := get(t, pool, "/pid")
		for target, want := range map[string]string{"/raise": "oh no", "/late": "too late", "/notbytes": r.Name + ": a body", "/binary": "oh \ufffd no \u00e9", "/nothing": r.Name + ": a",
			"/largehead": r.Name + ": status and headers take 2"} {
			answer, err := call(pool, request{target: target}, nil)
			if !isApplicationError(err, want) {
				t.Errorf("%s: %v", target, err)
			}
			if target == "/late" && (answer.status != "200 OK" || answer.body.String() != "first") {
				t.Errorf("%s: %+v", target, answer)
			}
		}
		if answer, err := call(pool, request{target: "/closefails"}, nil); err != nil || !isApplicationError(answer.closing, "no close") || answer.body.String() != "all" {
			t.Errorf("/closefails: %q, %v, %v", answer.body.String(), err, answer.closing)
		}
		var broken = errors.New("the client has gone")
		body := underWay{io.MultiReader(strings.NewReader("abc"), failing{broken})}
		if _, err := call(pool, request{target: "/echo", body: body}, nil); err != broken {
			t.Errorf("a broken body: %v", err)
		}
		large := underWay{strings.NewReader(strings.Repeat("x", 1<<20))}
		if answer, err := call(pool, request{target: "/keep", body: large}, nil); err != nil || answer.body.String() != "kept" {
			t.Errorf("/keep: %q, %v", answer.body.String(), err)
		}
		if got := get(t, pool, "/kept"); !strings.Contains(got, "the response has ended") {
			t.Errorf("/kept: %q", got)
		}
		if got := get(t, pool, "/fork"); got != "parent" {
			t.Errorf("/fork: %s", got)
		}
		if got := get(t, pool, "/pid"); got != pid {
			t.Errorf("another worker: %s, not %s", got, pid)
		}
	})
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestTracebacks: a traceback names the application's line, and none of ours.
func TestTracebacks(t *testing.T) {
	each(t, func(t *testing.T, r *relatives.Relative, app string) {
		_, err := call(start(t, r, app, nil), request{target: "/raise"}, nil)
		text := traceback(err)
		if !strings.Contains(text, app) || !strings.Contains(text, "oh no") || strings.Contains(text, "glass worker") {
			t.Errorf("%v\n%s", err, text)
		}
	})
}

// TestGivenUp: a response that is not taken stops the application at its window, and one that is given up is closed.
func TestGivenUp(t *testing.T) {
	each(t, func(t *testing.T, r *relatives.Relative, app string) {
		records := t.TempDir()
		pool := start(t, r, app, func(c *cpython.Config) { c.Env = []string{"RECORDS=" + records} })
		answer, err := call(pool, request{target: "/close?id=2&n=1000"}, func(a *response) bool { return a.blocks < 3 })
		if err != nil || answer.blocks != 3 {
			t.Errorf("%d blocks, %v", answer.blocks, err)
		}
		eventually(t, "close() is called", func() bool { return get(t, pool, "/events?id=2") == `["closed"]` })
	})
}

// TestHangs: a call that hangs is told with its line, and the next one gets another worker.
func TestHangs(t *testing.T) {
	each(t, func(t *testing.T, r *relatives.Relative, app string) {
		pool := start(t, r, app, func(c *cpython.Config) { c.Timeout = 500 * time.Millisecond })
		for _, target := range []string{"/hang", "/busy"} {
			for tries := 0; !hangsAsTold(t, pool, target, hangsIn[r.Name+target]); tries++ {
				if tries == 4 { // on a busy machine the worker may be too late to tell
					t.Fatalf("%s: it does not say where it hangs", target)
				}
			}
			eventually(t, "another worker answers", func() bool {
				answer, err := call(pool, request{target: "/hello"}, nil)
				return err == nil && answer.body.String() == "Hello, world\n"
			})
		}
	})
}

// hangsAsTold makes a call that hangs, and says whether the line at which it does was told.
func hangsAsTold(t *testing.T, pool *cpython.Pool, target, line string) bool {
	t.Helper()
	output := &strings.Builder{}
	var late *cpython.TimeoutError
	_, err := call(pool, request{target: target, errors: output}, nil)
	if !errors.As(err, &late) {
		t.Fatalf("%s: %v", target, err)
	}
	if late.Stack != "" && !strings.Contains(output.String(), "hangs here") {
		t.Errorf("%s: wsgi.errors has %q", target, output.String())
	}
	return strings.Contains(late.Line, line)
}

// TestEnds: a worker that dies fails its call and is replaced, and one that is told to end runs what has to run at the end.
func TestEnds(t *testing.T) {
	each(t, func(t *testing.T, r *relatives.Relative, app string) {
		records := t.TempDir()
		pool := start(t, r, app, func(c *cpython.Config) { c.Env = []string{"RECORDS=" + records} })
		var dead *cpython.WorkerError
		if _, err := call(pool, request{target: "/end"}, nil); !errors.As(err, &dead) || dead.Reason != "exit status 3" {
			t.Errorf("a dead worker: %v", err)
		}
		if got := get(t, pool, "/hello"); got != "Hello, world\n" {
			t.Errorf("after a worker died: %q", got)
		}
		if err := pool.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		eventually(t, "what is registered for the end runs", func() bool {
			text, _ := os.ReadFile(filepath.Join(records, "rexit"))
			return string(text) == "at_exit\n"
		})
	})
}

// TestBrokenOff: a worker that is told to leave in the middle of a call does, and runs what has to run at the end.
func TestBrokenOff(t *testing.T) {
	each(t, func(t *testing.T, r *relatives.Relative, app string) {
		records := t.TempDir()
		pool := start(t, r, app, func(c *cpython.Config) { c.Env = []string{"RECORDS=" + records} })
		failed := make(chan error)
		go func() {
			_, err := call(pool, request{target: "/hang"}, nil)
			failed <- err
		}()
		eventually(t, "the call is at work", func() bool { return pool.Load().Busy > 0 })
		over, cancel := context.WithCancel(t.Context())
		cancel()
		pool.Close(over)
		var dead *cpython.WorkerError
		if err := <-failed; !errors.As(err, &dead) || !strings.Contains(dead.Reason, "before the call was done") {
			t.Errorf("the call: %v", err)
		}
		if text, _ := os.ReadFile(filepath.Join(records, "rexit")); string(text) != "at_exit\n" {
			t.Errorf("at the end: %q", text)
		}
	})
}

// TestOwnEnvironment: what a request does to its environment is its own.
func TestOwnEnvironment(t *testing.T) {
	each(t, func(t *testing.T, r *relatives.Relative, app string) {
		pool := start(t, r, app, nil)
		for range 2 {
			if got := get(t, pool, "/constant"); got != "a.testchanged" {
				t.Errorf("SERVER_NAME: %s", got)
			}
		}
	})
}

// TestAtATime: as many calls are at work as the worker takes.
func TestAtATime(t *testing.T) {
	each(t, func(t *testing.T, r *relatives.Relative, app string) {
		records := t.TempDir()
		pool := start(t, r, app, func(c *cpython.Config) {
			c.Env = []string{"RECORDS=" + records}
			if r.Threaded(2) {
				c.Threads = 2
			} else if calls, _ := r.Calls(1); calls == 1 {
				c.Workers = 2
			}
		})
		for tries, got := 0, ""; got != `["go"]`; tries++ {
			if tries == 4 { // on a busy machine the note may come after the three seconds that the application waits
				t.Fatal(got)
			}
			done := make(chan string)
			id := fmt.Sprint(3 + tries)
			go func() { done <- get(t, pool, "/events?until=go&id="+id) }()
			eventually(t, "the other call is at work", func() bool { return pool.Load().Busy > 0 })
			get(t, pool, "/note?event=go&id="+id)
			got = <-done
		}
	})
}

// TestRackBodies: what only Rack has.
func TestRackBodies(t *testing.T) {
	t.Parallel()
	pool := start(t, relatives.Rack, "app.ru", nil)
	large := strings.Repeat("a line\n", 100_000)
	for _, row := range []struct {
		target string
		body   string
		want   string
	}{
		{"/both", "this", "read this\n"},
		{"/lines", "a\nbcd\ne", "2,4,1"},
		{"/rewind", large, fmt.Sprint(len(large), " ", len(large))},
		{"/rewind", "abc", "3 3"},
	} {
		var body = request{target: row.target, body: whole(row.body)}
		if len(row.body) > 64<<10 {
			body.body = underWay{strings.NewReader(row.body)}
		}
		answer, err := call(pool, body, nil)
		if err != nil || answer.body.String() != row.want {
			t.Errorf("%s: %q, %v", row.target, answer.body.String(), err)
		}
	}
	answer, err := call(pool, request{target: "/two"}, nil)
	if err != nil || !slices.Equal(answer.values("x-two"), []string{"1", "2"}) || answer.body.String() != "ab" {
		t.Errorf("/two: %+v, %v", answer, err)
	}
	if _, err := call(pool, request{target: "/exit"}, nil); !isApplicationError(err, "SystemExit") {
		t.Errorf("/exit: %v", err)
	}
}

// TestPSGIBodies: what only PSGI has.
func TestPSGIBodies(t *testing.T) {
	t.Parallel()
	pool := start(t, relatives.PSGI, "app.psgi", nil)
	source, err := os.ReadFile("testdata/app.psgi")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ target, body, want string }{
		{"/file", "", string(source)},
		{"/delayed", "", "later\n"},
		{"/writer", "", "abc"},
		{"/offset", "12345", "ab\x00\x00123"},
	} {
		for _, body := range []wsgi.Input{whole(row.body), underWay{strings.NewReader(row.body)}} {
			answer, err := call(pool, request{target: row.target, body: body}, nil)
			if err != nil || answer.body.String() != row.want {
				t.Errorf("%s: %q, %v", row.target, answer.body.String(), err)
			}
		}
	}
	if get(t, pool, "/keepwriter"); !strings.Contains(get(t, pool, "/keptwriter"), "the response has ended") {
		t.Error("a writer can be kept")
	}
	for target, want := range map[string]string{"/silent": "PSGI: the application did not call the responder", "/nothing": "PSGI: a response is"} {
		if _, err := call(pool, request{target: target}, nil); !isApplicationError(err, want) {
			t.Errorf("%s: %v", target, err)
		}
	}
}

// TestJSGI: what only JSGI has.
func TestJSGI(t *testing.T) {
	t.Parallel()
	pool := start(t, relatives.JSGI, "app.js", nil)
	for target, want := range map[string]string{
		"/foreach": "ab", "/bytestring": "bytes", "/latewrite": "a",
		"/request/%2F%c3%a9;x?a=%20": `{"method":"POST","scriptName":"","pathInfo":"/request/%2F%c3%a9;x","queryString":"a=%20","host":"a.test",` +
			`"port":80,"scheme":"http","version":[1,1],"headers":{"x-test":"` + "\xe9" + `"},` +
			`"jsgi":{"version":[0,3],"errors":{},"multithread":false,"multiprocess":false,"runOnce":false,"async":true,"ext":{}}}`,
	} {
		if got := get(t, pool, target); got != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}
	for target, want := range map[string]string{
		"/nothing": "JSGI: a response is { status, headers, body }, and the application returned undefined",
		"/text":    "JSGI: a body has forEach; put what is to be sent into an array",
		"/wide":    "JSGI: the header field x-wide holds characters above U+00FF",
		"/status":  "JSGI: status is an integer, not 200 OK",
	} {
		if _, err := call(pool, request{target: target}, nil); !isApplicationError(err, want) {
			t.Errorf("%s: %v", target, err)
		}
	}
	if _, err := relatives.JSGI.Calls(2); err == nil || !strings.Contains(err.Error(), "use --workers") {
		t.Errorf("two threads: %v", err)
	}
}

// TestTurns: workers that take many calls each take turns, although a call ends before the next begins.
func TestTurns(t *testing.T) {
	t.Parallel()
	pool := start(t, relatives.JSGI, "app.js", func(c *cpython.Config) { c.Workers = 2 })
	eventually(t, "two workers are there", func() bool { return pool.Load().Workers == 2 })
	seen := map[string]bool{}
	for range 30 {
		seen[get(t, pool, "/pid")] = true
	}
	if len(seen) != 2 {
		t.Errorf("%d workers had the calls", len(seen))
	}
}
