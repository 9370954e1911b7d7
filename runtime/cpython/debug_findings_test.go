package cpython_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"glasswsgi/inspect/hub"
	"glasswsgi/runtime/cpython"
)

// hasMonitoring says whether an interpreter has sys.monitoring.
func hasMonitoring(i cpython.Interpreter) bool {
	return strings.Contains(i.Name, "3.14") || strings.Contains(i.Name, "3.13") || strings.Contains(i.Name, "3.12")
}

// TestPauseHotLoop: a loop that calls nothing is stopped, and the stack of a call that runs is there to be seen.
func TestPauseHotLoop(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		if !hasMonitoring(interpreter) {
			return // see TestPauseBeforeMonitoring
		}
		d := debug(t, interpreter, `
def application(environ, start_response):
    start_response("200 OK", [])
    go_on = True
    while go_on:
        count = 1
    return [b"ended"]
`, nil)
		answer := d.get("/")
		id := d.inApplication(5)
		d.must(d.Pause(id))
		_, stop := d.stopped()
		if stop.Reason != hub.AtPause || !strings.HasPrefix(where(stop), "application:") {
			t.Errorf("%+v", stop)
		}
		_, err := d.Evaluate(id, 1, "go_on")
		d.must(err)
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

// TestPauseBeforeMonitoring: before 3.12, what runs stops at the server's next step, and somebody is told so.
func TestPauseBeforeMonitoring(t *testing.T) {
	for _, interpreter := range interpreters(t) {
		if hasMonitoring(interpreter) {
			continue
		}
		dir := t.TempDir()
		d := debug(t, interpreter, fmt.Sprintf(`
import os
def application(environ, start_response):
    start_response("200 OK", [])
    waiting = os.open(%q, os.O_RDONLY)
    os.read(waiting, 1)
    return [b"back"]
`, dir+"/pipe"), nil)
		makePipe(t, dir+"/pipe")
		answer := d.get("/")
		id := d.inApplication(5)
		d.must(d.Pause(id))
		_, err := d.Stack(id) // its answer says that the order before it has arrived
		d.must(err)
		f, err := os.OpenFile(dir+"/pipe", os.O_RDWR, 0) // lets it go on; for reading, too, so that it waits for nobody
		d.must(err)
		defer f.Close()
		f.Write([]byte("x"))
		if _, stop := d.stopped(); stop.Reason != hub.AtPause || where(stop) != "[iterable]" {
			t.Errorf("stopped at %s: %+v", where(stop), stop)
		}
		d.must(d.Continue(id))
		if got := d.answer(answer); got != "back" {
			t.Errorf("%q", got)
		}
	}
}

// TestBreakpointReachesRunningLoop: code that runs already stops at a breakpoint that is set now.
func TestBreakpointReachesRunningLoop(t *testing.T) {
	for _, interpreter := range interpreters(t) {
		if !hasMonitoring(interpreter) {
			continue // sys.settrace looks at every line anyway
		}
		d := debug(t, interpreter, `
def application(environ, start_response):
    start_response("200 OK", [])
    go_on = True
    while go_on:
        count = 1
    return [b"ended"]
`, nil)
		d.get("/")
		d.inApplication(5)
		d.breaks(hub.Breakpoint{Line: 6})
		id, stop := d.stopped()
		if where(stop) != "application:6" {
			t.Errorf("%+v", stop)
		}
		_, err := d.Evaluate(id, 1, "go_on")
		d.must(err)
		scopes, err := d.Scopes(id, 1)
		d.must(err)
		_, err = d.SetVariable(id, scopes[0].Reference, "go_on", "False")
		d.must(err)
		d.must(d.Continue(id))
	}
}

// inApplication waits until the first exchange runs a line of the application from this one on.
func (d *debugged) inApplication(line int) uint64 {
	d.t.Helper()
	for deadline := time.Now().Add(debugPatience); time.Now().Before(deadline); {
		if all := d.Exchanges(); len(all) > 0 {
			frames, err := d.Stack(all[0].ID) // an error says that the call has not begun
			if err == nil && len(frames) > 0 && frames[0].Name == "application" && frames[0].Place.Line >= line {
				return all[0].ID
			}
		}
	}
	d.t.Fatalf("line %d is not reached", line)
	return 0
}

// TestThreadInC: a thread that waits in C shows its stack at once, and stops when it is back.
func TestThreadInC(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		if !hasMonitoring(interpreter) {
			return // it is paused at the server's next step: see TestPauseBeforeMonitoring
		}
		dir := t.TempDir()
		d := debug(t, interpreter, fmt.Sprintf(`
import os, select
def application(environ, start_response):
    start_response("200 OK", [])
    waiting = os.open(%q, os.O_RDONLY)
    os.read(waiting, 1)
    return [b"back"]
`, dir+"/pipe"), nil)
		makePipe(t, dir+"/pipe")
		answer := d.get("/")
		id := d.inApplication(5)
		d.must(d.Pause(id))
		_, err := d.Stack(id) // its answer says that the order before it has arrived
		d.must(err)
		f, err := os.OpenFile(dir+"/pipe", os.O_RDWR, 0) // lets it go on; for reading, too, so that it waits for nobody
		d.must(err)
		defer f.Close()
		f.Write([]byte("x"))
		_, stop := d.stopped()
		if at := where(stop); at != "application:6" && at != "application:7" {
			t.Errorf("stopped at %s", at)
		}
		d.must(d.Continue(id))
		if got := d.answer(answer); got != "back" {
			t.Errorf("%q", got)
		}
	})
}

// TestEvaluateHitsBreakpoint: what is evaluated does not stop at a breakpoint in what it calls.
func TestEvaluateHitsBreakpoint(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, functionApp, nil)
		d.breaks(hub.Breakpoint{Line: 3}, hub.Breakpoint{Line: 9})
		answer := d.get("/x")
		id, _ := d.stopped()
		if v, err := d.Evaluate(id, 1, "shout('a')"); err != nil || v.Text != "'A'" {
			t.Errorf("%+v, %v", v, err)
		}
		d.must(d.Continue(id))
		id, stop := d.stopped()
		if where(stop) != "application:9" {
			t.Errorf("stopped at %s", where(stop))
		}
		d.must(d.Continue(id))
		d.answer(answer)
	})
}

// TestConditionsInPython: conditions, hits, log points; an error in a condition is told and stops nothing.
func TestConditionsInPython(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, functionApp, nil)
		d.breaks(
			hub.Breakpoint{Line: 3, Condition: "1/0"},
			hub.Breakpoint{Line: 4, Log: "loud is {loud} and {no_such}"},
			hub.Breakpoint{Line: 9, Condition: "name == '/stop'"},
			hub.Breakpoint{Line: 10, Hits: "2"},
		)
		if got := d.answer(d.get("/a")); got != "/A" {
			t.Errorf("%q", got)
		}
		if e := d.next(hub.Output); !strings.Contains(e.Text, "ZeroDivisionError") || e.Exchange == 0 {
			t.Errorf("%+v", e)
		}
		if e := d.next(hub.Output); !strings.HasPrefix(e.Text, "loud is /A and <NameError") {
			t.Errorf("%+v", e)
		}
		d.next(hub.ExchangeEnded)
		answer := d.get("/stop")
		id, stop := d.stopped()
		if where(stop) != "application:9" {
			t.Errorf("stopped at %s", where(stop))
		}
		d.must(d.Continue(id))
		if id, stop = d.stopped(); where(stop) != "application:10" {
			t.Errorf("stopped at %s", where(stop))
		}
		d.must(d.Continue(id))
		d.answer(answer)
		if set := d.breaks(hub.Breakpoint{Line: 3, Condition: "1 +"}); set[0].Verified {
			t.Errorf("%+v", set)
		}
	})
}

// TestBreakpointCall: breakpoint() stops in the hub; where nobody is attached it says how to be.
func TestBreakpointCall(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		log := logFile(t)
		d := debug(t, interpreter, `
def application(environ, start_response):
    start_response("200 OK", [])
    breakpoint()
    return [b"on"]
`, func(c *cpython.Config) { c.Output = log })
		answer := d.get("/")
		id, stop := d.stopped()
		if stop.Reason != hub.AtCall || where(stop) != "application:4" {
			t.Errorf("%+v", stop)
		}
		d.must(d.Continue(id))
		d.answer(answer)
		d.Session.Close()
		for deadline := time.Now().Add(debugPatience); !strings.Contains(contents(t, log), "app.py, line 4: nobody is attached"); {
			if got := d.answer(d.get("/")); got != "on" {
				t.Errorf("%q", got)
			}
			if time.Now().After(deadline) {
				t.Fatalf("the log has %q", contents(t, log))
			}
		}
	})
}

// TestUncaughtAndRules: an exception that nobody catches, and a rule that is broken, stop where they happen.
func TestUncaughtAndRules(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, `
def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/raise":
        return fail(path)
    if path == "/header":
        start_response("200 OK", [("Connection", "close")])
    start_response("200 OK", [])
    return blocks() if path == "/block" else "text" if path == "/text" else [b"fine"]

def blocks():
    good = b"one"
    yield good
    yield "two"

def fail(why):
    try:
        int("caught")
    except ValueError:
        pass
    raise KeyError(why)
`, nil)
		d.breaks(hub.Breakpoint{Kind: hub.AtUncaught}, hub.Breakpoint{Kind: hub.AtBrokenRule})
		for _, row := range []struct {
			target, at, text, local string
			reason                  hub.Reason
		}{
			{"/raise", "fail:21", "KeyError: '/raise'", "why", hub.AtException},
			{"/header", "application:7", "header: hop-by-hop: Connection belongs to the connection", "path", hub.AtRule},
			{"/block", "blocks:14", "body: not bytes: the iterable yielded", "good", hub.AtRule},
			{"/text", "application:9", "application: returned a str", "path", hub.AtRule},
		} {
			answer := d.get(row.target)
			id, stop := d.stopped()
			if where(stop) != row.at || !strings.HasPrefix(stop.Text, row.text) || stop.Reason != row.reason {
				t.Errorf("%s: at %s, %+v", row.target, where(stop), stop)
			}
			d.local(id, 1, row.local)
			if row.reason == hub.AtRule && !strings.HasPrefix(stop.Spec, "PEP 3333 ") {
				t.Errorf("%s: %q", row.target, stop.Spec)
			}
			d.must(d.Continue(id))
			d.answer(answer)
		}
		d.breaks(hub.Breakpoint{Kind: hub.AtRaised})
		answer := d.get("/raise")
		for _, at := range []string{"fail:18", "fail:21"} {
			id, stop := d.stopped()
			if where(stop) != at {
				t.Errorf("raised at %s, want %s: %+v", where(stop), at, stop)
			}
			d.must(d.Continue(id))
		}
		d.answer(answer)
	})
}

// TestUncaughtBehindFramework: what a framework catches and writes down stops as what leaves the application does, once;
// what the application catches itself does not.
func TestUncaughtBehindFramework(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, `
import io, logging, sys
from wsgiref.handlers import SimpleHandler
handler = logging.StreamHandler(sys.stderr)
def application(environ, start_response):
    try:
        int("x")
    except ValueError:
        handler.handle(logging.LogRecord("name", logging.ERROR, "", 0, "expected", (), sys.exc_info()))
    framework = SimpleHandler(io.BytesIO(), io.BytesIO(), environ["wsgi.errors"], {"SERVER_PROTOCOL": "HTTP/1.1"})
    framework.run(view)
    start_response(framework.status, [])
    return [b"fine"]

def view(environ, start_response):
    name = "bob"
    raise KeyError(name)
`, nil)
		d.breaks(hub.Breakpoint{Kind: hub.AtUncaught})
		answer := d.get("/")
		id, stop := d.stopped()
		if where(stop) != "view:17" || stop.Text != "KeyError: 'bob'" || stop.Reason != hub.AtException {
			t.Errorf("at %s, %+v", where(stop), stop)
		}
		d.local(id, 1, "name")
		d.must(d.Continue(id))
		d.answer(answer)
	})
}

// TestMultiLineStatement: a statement over several lines is one stop, and each turn of a loop another.
func TestMultiLineStatement(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, `
def application(environ, start_response):
    turns = iter(range(2))
    while True:
        if next(turns, None) is None: break
        value = max(
            int("1"),
            int("2"),
        )
    start_response(
        "200 OK",
        [],
    )
    return [b"x"]
`, nil)
		d.breaks(hub.Breakpoint{Line: 3})
		answer := d.get("/")
		var got []string
		for {
			id, stop := d.stopped()
			if at := strings.TrimPrefix(where(stop), "application:"); at != "4" { // "while True" is no code in newer Pythons
				got = append(got, at)
			}
			if !stop.InPython() {
				d.must(d.Continue(id))
				break
			}
			d.must(d.Step(id, hub.Over))
		}
		d.answer(answer)
		if text := strings.Join(got, " "); text != "3 5 6 5 6 5 10 14 [iterable]" {
			t.Errorf("got %v", got)
		}
	})
}

// TestGeneratorClosed: a step in a generator that is closed early ends with it (cpython#140373).
func TestGeneratorClosed(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, `
def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "1")])
    try:
        yield b"1"
        yield b"2"
    finally:
        closed = True
`, nil)
		d.breaks(hub.Breakpoint{Line: 6})
		answer := d.get("/")
		var got []string
		for {
			e := d.nextOf(hub.ExchangeStopped, hub.ExchangeEnded)
			if e.Kind == hub.ExchangeEnded {
				break
			}
			got = append(got, where(e.Stop))
			d.must(d.Step(e.Exchange, hub.Over))
		}
		d.answer(answer)
		if text := strings.Join(got, " "); !strings.HasPrefix(text, "application:6 application:8 ") {
			t.Errorf("got %s", text)
		}
	})
}

func (d *debugged) nextOf(kinds ...hub.EventKind) hub.Event {
	d.t.Helper()
	late := time.After(debugPatience)
	for {
		select {
		case e := <-d.Session.Events():
			for _, kind := range kinds {
				if e.Kind == kind {
					return e
				}
			}
		case <-late:
			d.t.Fatalf("none of %v", kinds)
		}
	}
}

// TestDetach: when the session is gone, what it stopped goes on, and no worker has anything left of it.
func TestDetach(t *testing.T) {
	for _, interpreter := range interpreters(t) {
		if !hasMonitoring(interpreter) {
			continue
		}
		const source = `
import sys
def application(environ, start_response):
    start_response("200 OK", [])
    tools = [sys.monitoring.get_tool(tool) for tool in range(6)]
    events = [sys.monitoring.get_local_events(tool, application.__code__) for tool in range(6) if tools[tool]]
    return [repr((tools, events, sys.gettrace())).encode()]
`
		d := debug(t, interpreter, source, nil)
		d.breaks(hub.Breakpoint{Line: 5})
		answer := d.get("/")
		d.stopped()
		d.Session.Close()
		d.answer(answer)
		const clean = "([None, None, None, None, None, None], [], None)"
		var got string
		for deadline := time.Now().Add(debugPatience); time.Now().Before(deadline); { // the message is on its way
			if got = d.answer(d.get("/")); got == clean {
				break
			}
		}
		if got != clean {
			t.Errorf("left over: %s", got)
		}
		d.attach()
		d.breaks(hub.Breakpoint{Line: 5})
		again := d.get("/")
		id, _ := d.stopped()
		d.must(d.Continue(id))
		d.answer(again)
	}
}

// TestEditEnvironBeforeCall and what the application then sees; TestOthersGoOn with two threads.
func TestOthersGoOnInPython(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, functionApp, func(c *cpython.Config) { c.Threads = 2 })
		d.breaks(hub.Breakpoint{Line: 8, Condition: "name == '/stop'"})
		first := d.get("/stop")
		id, stop := d.stopped()
		if stop.Note != "" {
			t.Errorf("note %q", stop.Note)
		}
		if got := d.answer(d.get("/other")); got != "/OTHER" {
			t.Errorf("%q", got)
		}
		d.must(d.Continue(id))
		if got := d.answer(first); got != "/STOP" {
			t.Errorf("%q", got)
		}
	})
}

// TestLibraryCode: steps go over what is not the application's own, unless they are asked to go in.
func TestLibraryCode(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, `
import string
def application(environ, start_response):
    start_response("200 OK", [])
    name = string.capwords("a b")
    return [name.encode()]
`, nil)
		for _, row := range []struct {
			how     hub.How
			library bool
		}{{hub.In, false}, {hub.IntoLibrary, true}} {
			d.breaks(hub.Breakpoint{Line: 5})
			answer := d.get("/")
			id, _ := d.stopped()
			d.must(d.Step(id, row.how))
			id, stop := d.stopped()
			if stop.Frames[0].Library != row.library {
				t.Errorf("%s: %+v", row.how, stop.Frames[0])
			}
			d.must(d.Continue(id))
			d.answer(answer)
		}
	})
}

// TestProvenance: each block, and the head, know the line that made them.
func TestProvenance(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, `
def application(environ, start_response):
    write = start_response("200 OK", [("X-A", "b")])
    write(b"written ")
    if environ["PATH_INFO"] == "/list":
        return [b"returned"]
    return blocks()

def blocks():
    yield b"one "
    yield b"two"
`, nil)
		for target, want := range map[string]string{
			"/":     "start_response@3 write()@4 block@10 block@11",
			"/list": "start_response@3 write()@4 block@6",
		} {
			d.answer(d.get(target))
			x, _ := d.Exchange(d.next(hub.ExchangeEnded).Exchange)
			var got []string
			for _, o := range x.Response.Origins {
				if o.Python != nil {
					name := fmt.Sprintf("%s@%d", o.By, o.Python.Line)
					if len(got) == 0 || got[len(got)-1] != name {
						got = append(got, name)
					}
				}
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s: got %v, want %s", target, got, want)
			}
		}
	})
}

// TestFindingsStop: with --lint, what the server lets pass stops at its line, too.
func TestFindingsStop(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, `
def application(environ, start_response):
    path = environ["PATH_INFO"]
    start_response(status="200 OK", response_headers=[("Content-Type", "text/plain")])
    return [path.encode()]
`, func(c *cpython.Config) { c.Lint = true })
		d.breaks(hub.Breakpoint{Kind: hub.AtBrokenRule})
		answer := d.get("/x")
		id, stop := d.stopped()
		if where(stop) != "application:4" || stop.Reason != hub.AtRule || !strings.HasPrefix(stop.Text, "start_response: keyword arguments: ") {
			t.Errorf("at %s: %+v", where(stop), stop)
		}
		if v := d.local(id, 1, "path"); v.Text != "'/x'" {
			t.Errorf("%+v", v)
		}
		d.must(d.Step(id, hub.Over))
		if id, stop = d.stopped(); where(stop) != "application:5" {
			t.Errorf("the next line is %s", where(stop))
		}
		d.must(d.Continue(id))
		if got := d.answer(answer); got != "/x" {
			t.Errorf("%q", got)
		}
		if findings := d.pool.Findings(); len(findings) != 1 || findings[0].Line != 4 {
			t.Errorf("%v", findings)
		}
	})
}

// TestEndlessExpression: an expression that does not end is interrupted, and its request can go on.
func TestEndlessExpression(t *testing.T) {
	t.Parallel() // it takes as long as an answer may take
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		t.Parallel()
		d := debug(t, interpreter, functionApp, nil)
		d.breaks(hub.Breakpoint{Line: 8})
		answer := d.get("/x")
		id, _ := d.stopped()
		if _, err := d.Evaluate(id, 1, "all(not __import__('time').sleep(0.001) for _ in iter(int, 1))"); !errors.Is(err, hub.ErrNoAnswer) {
			t.Errorf("got %v", err)
		}
		for deadline := time.Now().Add(debugPatience); ; { // until the interrupt has arrived
			if v, err := d.Evaluate(id, 1, "name"); err == nil && v.Text == "'/x'" {
				break
			} else if time.Now().After(deadline) {
				t.Fatalf("%+v, %v", v, err)
			}
		}
		d.must(d.Continue(id))
		if got := d.answer(answer); got != "/X" {
			t.Errorf("%q", got)
		}
	})
}

// TestStopAtRuleAfterReturn: rules that only the server can find broken, when the callable has returned, stop at the line
// that returned, whose variables can still be looked at.
func TestStopAtRuleAfterReturn(t *testing.T) {
	t.Parallel()
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		for _, row := range []struct{ name, source, rule, at string }{
			{"a list of str", `
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    text = "hello"
    return [text]
`, "body: not bytes", "application:5"},
			{"a short body", `
def application(environ, start_response):
    text = "hello"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "9")])
    return [text.encode()]
`, "body: shorter than Content-Length", "application:5"},
			{"a view below a framework", `
import wsgiref.util
def view():
    text = "hello"
    return [text]
class Framework:
    exec(compile("def __call__(self, environ, start_response):\n    start_response('200 OK', [('Content-Type', 'text/plain')])\n    return view()\n", "<framework>", "exec"), globals(), locals())
application = Framework()
`, "body: not bytes", "view:5"},
			{"a generator that ends", `
def application(environ, start_response):
    text = "hello"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "9")])
    yield text.encode()
`, "body: shorter than Content-Length", "application:5"},
		} {
			for _, lint := range []bool{false, true} {
				t.Run(fmt.Sprint(row.name, ", lint ", lint), func(t *testing.T) {
					d := debug(t, interpreter, row.source, func(c *cpython.Config) { c.Lint = lint })
					d.breaks(hub.Breakpoint{Kind: hub.AtBrokenRule})
					answer := d.get("/")
					id, stop := d.stopped()
					if stop.Reason != hub.AtRule || where(stop) != row.at || !strings.HasPrefix(stop.Text, row.rule) {
						t.Errorf("stopped at %s: %+v", where(stop), stop)
					}
					if v := d.local(id, stop.Frames[0].ID, "text"); v.Text != "'hello'" {
						t.Errorf("text is %s", v.Text)
					}
					d.must(d.Continue(id))
					d.answer(answer)
				})
			}
		}
	})
}

// TestErrorsAreSeen: what an application, or a framework's logging, writes to wsgi.errors is recorded with the line of the
// application, and still goes where it did.
func TestErrorsAreSeen(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, `
import logging, sys
handler = logging.StreamHandler(sys.stderr)
def application(environ, start_response):
    environ["wsgi.errors"].write("by itself\n")
    try:
        int("x")
    except ValueError:
        handler.handle(logging.LogRecord("name", logging.ERROR, "", 0, "logged", (), sys.exc_info()))
    start_response("200 OK", [])
    return [b"fine"]
`, nil)
		d.answer(d.get("/"))
		d.next(hub.ExchangeEnded)
		var all string
		for !strings.Contains(all, "ValueError") { // the last of it may come after the end
			x, _ := d.Hub.Exchange(1)
			all = ""
			for _, w := range x.Errors {
				all += w.Text
				if want := map[string]int{"by itself\n": 5}[w.Text]; want != 0 && (w.Python == nil || w.Python.Line != want) {
					t.Errorf("%q was written at %+v", w.Text, w.Python)
				}
			}
			if strings.Contains(all, "ValueError") {
				break
			}
			d.next(hub.ExchangeChanged)
		}
		if !strings.HasPrefix(all, "by itself\nlogged\nTraceback") {
			t.Errorf("%q", all)
		}
	})
}
