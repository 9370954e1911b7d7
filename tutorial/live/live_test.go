package live

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"glasswsgi/inspect/hub"
	"glasswsgi/inspect/page"
	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/tutorial"
	"glasswsgi/tutorial/learn"
)

const deadline = 60 * time.Second

// begin is a course in Go, and its inspector. Applications are in Go, too: these tests have no Python.
func begin(t *testing.T, start Start) *Inspector {
	t.Helper()
	course, err := learn.Open(t.TempDir(), learn.Options{In: "go"}, &tutorial.Judge{Timeout: deadline, Start: deadline, Limit: deadline})
	if err != nil {
		t.Fatal(err)
	}
	i := New(course, Options{Version: "test", Start: start})
	t.Cleanup(i.Close)
	return i
}

func (i *Inspector) exercise(t *testing.T, name string, solved bool) *tutorial.Exercise {
	t.Helper()
	found, err := i.course.Resolve(name)
	if err != nil {
		t.Fatal(err)
	}
	e := found[0].Exercise
	if solved {
		files, err := e.Solution("go")
		if err == nil {
			err = tutorial.Put(i.course.Work(e).Dir, files, true)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// await waits for an exchange that satisfies a condition.
func await(t *testing.T, i *Inspector, s *hub.Session, what string, is func(*hub.Exchange) bool) *hub.Exchange {
	t.Helper()
	timer := time.After(deadline)
	for {
		for _, x := range i.hub.Exchanges() {
			if x.State == hub.Ended && is(x) {
				return x
			}
		}
		select {
		case <-s.Events():
		case <-timer:
			t.Fatalf("there is no %s", what)
		}
	}
}

func attach(t *testing.T, i *Inspector) *hub.Session {
	t.Helper()
	s, err := i.hub.Attach("test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// TestChecksAreSeen: each connection of a check is an exchange, with what glass makes of its bytes, and the one to look at
// is the one that failed.
func TestChecksAreSeen(t *testing.T) {
	i := begin(t, nil)
	for _, row := range []struct {
		solved    bool
		wrong     bool
		exchanges int // at least
	}{{false, true, 1}, {true, false, 7}} {
		before := i.hub.Last()
		a, err := i.course.Check(t.Context(), i.exercise(t, "always-the-same", row.solved))
		if err != nil {
			t.Fatal(err)
		}
		at := i.Show(a)
		if again := i.Show(a); again != at {
			t.Errorf("it is recorded again: %s, %s", at, again)
		}
		all := i.hub.Exchanges()
		x := all[len(all)-1]
		if n := int(i.hub.Last() - before); n < row.exchanges {
			t.Errorf("%d exchanges are seen, and should be %d", n, row.exchanges)
		}
		if x.Outside == nil || x.Outside.Wrong != row.wrong || x.Outside.Server != "02/always-the-same" || x.Outside.About == "" {
			t.Errorf("%+v", x.Outside)
		}
		if !strings.HasPrefix(string(x.Request.Bytes()), "GET / HTTP/1.0\r\n") || len(x.Response.Bytes()) == 0 || len(x.Environ) == 0 {
			t.Errorf("%+v", x)
		}
		if at == "" || strings.HasPrefix(at, "after") {
			t.Errorf("look at %q", at)
		}
	}
}

// TestOwnRequests: a request by the relay reaches the learner's server, which is started for it, and is seen; after a save
// the new one answers. Glass answers the same bytes beside it.
func TestOwnRequests(t *testing.T) {
	i := begin(t, nil)
	s := attach(t, i)
	e := i.exercise(t, "always-the-same", true)
	body := get(t, "http://"+i.Address(e)+"/mine")
	if body != "<h1>你好</h1>" {
		t.Errorf("%q", body)
	}
	x := await(t, i, s, "exchange", func(x *hub.Exchange) bool { return x.Target == "/mine" })
	if x.Outside == nil || x.Outside.Server != e.Name() || !strings.HasSuffix(string(x.Response.Bytes()), body) {
		t.Errorf("%+v", x)
	}
	beside := i.beside(x)
	if got := get(t, "http://"+beside+"/same"); got != body {
		t.Errorf("glass answers %q", got)
	}
	inside := await(t, i, s, "exchange of glass", func(x *hub.Exchange) bool { return x.Target == "/same" })
	if inside.Outside != nil || i.beside(inside) != beside {
		t.Errorf("%+v", inside)
	}

	if err := os.WriteFile(filepath.Join(i.course.Work(e).Dir, "main.go"), []byte("package main\n\nfunc main() { broken }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := i.course.Check(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	i.Show(i.course.Last(e))
	if body := get(t, "http://"+i.Address(e)+"/"); !strings.Contains(body, "glass learn: go build refuses it") {
		t.Errorf("%q", body)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	client := &http.Client{Timeout: deadline, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
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

// TestRelayPassesBytes: a half-closed connection, and one on which nothing is said, are what they are on the other side.
func TestRelayPassesBytes(t *testing.T) {
	i := begin(t, nil)
	e := i.exercise(t, "always-the-same", true)
	socket, err := net.Dial("tcp", i.Address(e))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	socket.SetDeadline(time.Now().Add(deadline))
	io.WriteString(socket, "GET /half HTTP/1.0\r\n\r\n")
	socket.(*net.TCPConn).CloseWrite()
	all, err := io.ReadAll(bufio.NewReader(socket))
	if err != nil || !strings.HasPrefix(string(all), "HTTP/1.0 200 OK\r\n") {
		t.Errorf("%q, %v", all, err)
	}
}

// TestCallsAreSeen: a call is made again by glass, with every step, while somebody looks.
func TestCallsAreSeen(t *testing.T) {
	started := make(chan string, 8)
	i := begin(t, func(_ context.Context, dir, app string, d cpython.Debugger) (wsgi.Application, func(), error) {
		if filepath.Base(dir) != "four-callables" || d == nil {
			t.Errorf("%s is started in %s", app, dir)
		}
		started <- app
		return native.Applications["environ"], func() {}, nil
	})
	e := i.exercise(t, "four-callables", false)
	a := &tutorial.Attempt{Work: i.course.Work(e), Outcomes: []*tutorial.Outcome{{Check: e.Checks[0], Passed: true, Random: "x"}, {Check: e.Checks[1], Random: "y"}}}
	if at := i.Show(a); at != "" {
		t.Errorf("nobody looks, and it is called: %s", at)
	}
	s := attach(t, i)
	b := *a
	if at := i.Show(&b); at != "after-0" {
		t.Errorf("look at %q", at)
	}
	x := await(t, i, s, "call", func(x *hub.Exchange) bool { return x.Target == "/y" })
	if x.Outside != nil || len(x.Environ) == 0 || x.Head == nil {
		t.Errorf("%+v", x)
	}
	if app := <-started; app != e.Checks[1].Call.App {
		t.Errorf("%s is called", app)
	}
	if x := get(t, "http://"+i.Address(e)+"/own?a=1"); !strings.Contains(x, `QUERY_STRING = "a=1"`) {
		t.Errorf("%s", x)
	}
}

// TestRunsAreSeen: a part of a request on standard input is shown, and what glass makes of it.
func TestRunsAreSeen(t *testing.T) {
	i := begin(t, nil)
	for name, want := range map[string]string{"three-parts": "request-line", "field-lines": "field-line"} {
		e := i.exercise(t, name, true)
		before := i.hub.Last()
		a, err := i.course.Check(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		if i.Show(a); i.hub.Last() < before+5 {
			t.Errorf("%s: only %d exchanges", name, i.hub.Last()-before)
		}
		var steps []string
		for _, x := range i.hub.Exchanges() {
			for _, step := range x.Steps {
				if x.Outside.Server == e.Name() {
					steps = append(steps, step.Name)
				}
			}
		}
		if all := strings.Join(steps, " "); !strings.Contains(all, want) || !strings.Contains(all, "refused") {
			t.Errorf("%s: %s", name, all)
		}
	}
}

// TestPage: the page may be in a frame of its own origin, and of no other.
func TestPage(t *testing.T) {
	i := begin(t, nil)
	server := &http.Server{Handler: i, ReadHeaderTimeout: deadline}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener)
	defer server.Close()
	response, err := http.Get("http://" + listener.Addr().String() + page.Prefix)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	policy := response.Header.Get("Content-Security-Policy")
	if response.StatusCode != http.StatusForbidden || !strings.Contains(policy, "frame-ancestors 'self'") || response.Header.Get("X-Frame-Options") != "SAMEORIGIN" {
		t.Errorf("%d, %s", response.StatusCode, policy)
	}
}
