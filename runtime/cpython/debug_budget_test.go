package cpython_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"glasswsgi/inspect/hub"
	"glasswsgi/runtime/cpython"
)

// withoutLines records no call in lock-step, unless somebody has control.
var withoutLines = hub.Options{LockSteps: -1}

// TestWithoutLines: of a call that is not in lock-step nothing is told but its worker and what it writes to wsgi.errors; the
// next one is, as soon as somebody has control.
func TestWithoutLines(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debugWith(t, withoutLines, interpreter, `
def application(environ, start_response):
    environ["wsgi.errors"].write("path " + environ["PATH_INFO"])
    start_response("200 OK", [])
    return [environ["wsgi.input"].read() + type(next(iter(environ))).__name__.encode()]
`, nil)
		for _, controlled := range []bool{true, false, true} { // the worker is told in the first one that somebody looks
			if controlled {
				d.must(d.TakeControl())
			} else {
				d.ReleaseControl()
			}
			got, want := d.answer(d.get("/ada")), "str"
			if controlled {
				want = "Name" // it tells who looks it up
			}
			if got != want {
				t.Errorf("controlled %t: a name of the environ is a %s", controlled, got)
			}
			x, _ := d.Hub.Exchange(d.next(hub.ExchangeEnded).Exchange)
			for len(x.Errors) == 0 || controlled && (len(x.Reads) == 0 || len(x.Said) == 0) { // they come by another way than the end
				d.next(hub.ExchangeChanged)
				x, _ = d.Hub.Exchange(x.ID)
			}
			if x.WithoutLines == controlled || len(x.Reads) > 0 != controlled || len(x.Said) > 0 != controlled || x.Worker == nil || x.Errors[0].Text != "path /ada" {
				t.Errorf("controlled %t: %+v, worker %v, errors %+v, reads %+v, said %+v", controlled, x.WithoutLines, x.Worker, x.Errors, x.Reads, x.Said)
			}
		}
	})
}

// TestPauseWithoutLines: a call that was not in lock-step when it began can be paused, looked at, and go on, when somebody
// takes control while it runs.
func TestPauseWithoutLines(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		if !hasMonitoring(interpreter) {
			t.Skip("before 3.12, what runs already is not seen")
		}
		d := debugWith(t, withoutLines, interpreter, `
def application(environ, start_response):
    start_response("200 OK", [])
    go_on = True
    while go_on and environ["PATH_INFO"] == "/loop":
        count = 1
    return [b"ended"]
`, nil)
		d.answer(d.get("/")) // the worker is told that somebody looks
		d.next(hub.ExchangeEnded)
		d.ReleaseControl()
		answer := d.get("/loop")
		running := d.looping(5)
		d.must(d.TakeControl())
		d.must(d.Pause(running))
		id, stop := d.stopped()
		if id != running || stop.Reason != hub.AtPause || !strings.HasPrefix(where(stop), "application:") {
			t.Errorf("%d: %+v", id, stop)
		}
		scopes, err := d.Scopes(id, 1)
		d.must(err)
		_, err = d.SetVariable(id, scopes[0].Reference, "go_on", "False")
		d.must(err)
		d.must(d.Continue(id))
		if got := d.answer(answer); got != "ended" {
			t.Errorf("%q", got)
		}
	})
}

// TestBreakpointUnderLoad: while clients ask without a pause, and no call is in lock-step, a breakpoint that somebody sets stops
// the next one that comes to its line; and when control is given back, everybody goes on.
func TestBreakpointUnderLoad(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debugWith(t, withoutLines, interpreter, `
def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
`, func(c *cpython.Config) { c.Threads = 2 })
		d.answer(d.get("/")) // the worker is told that somebody looks
		d.ReleaseControl()
		ctx, cancel := context.WithCancel(context.Background())
		answered := make(chan struct{}, 1)
		var clients sync.WaitGroup
		defer clients.Wait()
		defer cancel()
		for range 3 {
			clients.Go(func() {
				client := &http.Client{Transport: &http.Transport{}}
				defer client.CloseIdleConnections()
				for ctx.Err() == nil {
					request, _ := http.NewRequestWithContext(ctx, "GET", "http://"+d.address+"/", nil)
					response, err := client.Do(request)
					if err != nil {
						if ctx.Err() == nil {
							t.Error(err)
						}
						return
					}
					response.Body.Close()
					select {
					case answered <- struct{}{}:
					default:
					}
				}
			})
		}
		for range 100 {
			receive(t, answered)
		}
		for range 2 {
			d.must(d.TakeControl())
			set, err := d.SetBreakpoints([]hub.Breakpoint{{Kind: hub.AtLine, File: d.file, Line: 4}})
			d.must(err)
			if !set[0].Verified {
				t.Fatalf("%+v", set[0])
			}
			for range 3 {
				id := d.stoppedNow()
				x, _ := d.Hub.Exchange(id)
				if x.Stop.Reason != hub.AtBreakpoint || where(x.Stop) != "application:4" {
					t.Errorf("%+v", x.Stop)
				}
				d.must(d.Continue(id))
			}
			d.ReleaseControl()
			for range 100 {
				receive(t, answered)
			}
		}
	})
}

// TestBreakpointForWaiting: a call that waits for a worker when a breakpoint is set has not begun, and stops there.
func TestBreakpointForWaiting(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		free := filepath.Join(t.TempDir(), "free")
		d := debugWith(t, withoutLines, interpreter, fmt.Sprintf(`
import os, time
def application(environ, start_response):
    start_response("200 OK", [])
    while environ["PATH_INFO"] == "/first" and not os.path.exists(%q):
        time.sleep(0.001)
    return view()
def view():
    return [b"ok"]
`, free), nil)
		d.answer(d.get("/")) // the worker is told that somebody looks
		d.next(hub.ExchangeEnded)
		d.ReleaseControl()
		first := d.get("/first")
		d.looping(5)
		second := d.get("/second")
		for called := false; !called; { // it waits for the only worker
			d.next(hub.ExchangeChanged)
			x, ok := d.Hub.Exchange(3)
			called = ok && len(x.Steps) > 0 && x.Steps[len(x.Steps)-1].Name == "call"
		}
		d.must(d.TakeControl())
		_, err := d.SetBreakpoints([]hub.Breakpoint{{Kind: hub.AtLine, File: d.file, Line: 9, Path: "/second"}})
		d.must(err)
		d.must(os.WriteFile(free, nil, 0o600))
		d.answer(first)
		id, stop := d.stopped()
		if x, _ := d.Hub.Exchange(id); id != 3 || where(stop) != "view:9" || x.WithoutLines {
			t.Errorf("%d is stopped at %s, without lines %t", id, where(stop), x.WithoutLines)
		}
		d.must(d.Continue(id))
		if got := d.answer(second); got != "ok" {
			t.Errorf("%q", got)
		}
	})
}

// looping waits until the latest exchange is at a line of the application, or after it, and returns its ID.
func (d *debugged) looping(line int) uint64 {
	d.t.Helper()
	for deadline := time.Now().Add(debugPatience); time.Now().Before(deadline); {
		id := uint64(len(d.Exchanges()))
		frames, err := d.Stack(id) // an error says that the call has not begun
		if err == nil && len(frames) > 0 && frames[0].Place.Line >= line {
			return id
		}
	}
	d.t.Fatalf("line %d is not reached", line)
	return 0
}

// stoppedNow waits until an exchange is stopped; events may have been lost.
func (d *debugged) stoppedNow() uint64 {
	d.t.Helper()
	for {
		for _, e := range d.Present() {
			if e.Kind == hub.ExchangeStopped {
				return e.Exchange
			}
		}
		select {
		case <-d.Session.Events():
		case <-d.t.Context().Done():
			d.t.Fatal("nothing is stopped")
		}
	}
}

func receive(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(debugPatience):
		t.Fatal("nobody is answered")
	}
}
