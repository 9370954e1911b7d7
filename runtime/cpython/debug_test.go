package cpython_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"glasswsgi/inspect/hub"
	"glasswsgi/parser"
	"glasswsgi/runtime/cpython"
	"glasswsgi/server"
)

// debugPatience is how long a test waits for what must come.
const debugPatience = 60 * time.Second

// debugged is an application that is served and debugged.
type debugged struct {
	*hub.Hub
	*hub.Session
	t       *testing.T
	pool    *cpython.Pool
	file    string
	address string
}

// debug serves app.py, and attaches a session that has control.
func debug(t *testing.T, interpreter cpython.Interpreter, source string, change func(*cpython.Config)) *debugged {
	t.Helper()
	return debugWith(t, hub.Options{}, interpreter, source, change)
}

func debugWith(t *testing.T, options hub.Options, interpreter cpython.Interpreter, source string, change func(*cpython.Config)) *debugged {
	t.Helper()
	options.Source = os.DirFS("../..")
	d := &debugged{Hub: hub.New(options), t: t}
	dir := folder(t, "app.py", source)
	d.file = filepath.Join(dir, "app.py")
	d.pool = start(t, "app.py", func(c *cpython.Config) {
		c.Dir, c.Interpreter, c.Debugger = dir, interpreter, d.Debugger()
		if change != nil {
			change(c)
		}
	})
	s := server.New(server.Config{
		Application: d.pool, Software: "glass", Limits: parser.DefaultLimits,
		ReadTimeout: debugPatience, WriteTimeout: debugPatience, KeepAlive: debugPatience,
		Errors: io.Discard, Log: slog.New(slog.DiscardHandler),
	})
	d.Watch(s)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.address = listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	t.Cleanup(func() {
		d.Hub.Close()
		cancel()
		<-served
		stop, cancel := context.WithTimeout(context.Background(), debugPatience)
		defer cancel()
		if err := s.Shutdown(stop); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
	d.attach()
	return d
}

func (d *debugged) attach() {
	d.t.Helper()
	session, err := d.Attach("test")
	d.must(err)
	d.must(session.TakeControl())
	d.Session = session
}

func (d *debugged) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *debugged) get(target string) <-chan string {
	d.t.Helper()
	conn, err := net.Dial("tcp", d.address)
	d.must(err)
	d.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(2 * debugPatience))
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", target)
	answer := make(chan string, 1)
	go func() {
		all, _ := io.ReadAll(conn)
		_, body, _ := strings.Cut(string(all), "\r\n\r\n")
		answer <- body
	}()
	return answer
}

func (d *debugged) answer(answer <-chan string) string {
	d.t.Helper()
	select {
	case text := <-answer:
		return text
	case <-time.After(debugPatience):
		d.t.Fatal("no answer")
		return ""
	}
}

// next takes events until one of a kind.
func (d *debugged) next(kind hub.EventKind) hub.Event {
	d.t.Helper()
	late := time.After(debugPatience)
	var seen []hub.EventKind
	for {
		select {
		case e := <-d.Session.Events():
			if e.Kind == kind {
				return e
			}
			seen = append(seen, e.Kind)
			if e.Kind == hub.Output {
				d.t.Logf("output: %s", e.Text)
			}
		case <-late:
			d.t.Fatalf("no %q after %v", kind, seen)
		}
	}
}

func (d *debugged) stopped() (uint64, *hub.Stop) {
	d.t.Helper()
	e := d.next(hub.ExchangeStopped)
	return e.Exchange, e.Stop
}

// where says where an exchange is stopped: "[call]", or "application:3".
func where(stop *hub.Stop) string {
	frame := stop.Frames[0]
	if !frame.Python {
		name, _, _ := strings.Cut(frame.Name, " ")
		return name
	}
	return fmt.Sprintf("%s:%d", frame.Name, frame.Place.Line)
}

// breaks sets breakpoints at lines of app.py.
func (d *debugged) breaks(points ...hub.Breakpoint) []hub.Breakpoint {
	d.t.Helper()
	for i := range points {
		if points[i].Kind == "" {
			points[i].Kind = hub.AtLine
		}
		if points[i].Kind == hub.AtLine && points[i].File == "" {
			points[i].File = d.file
		}
	}
	set, err := d.SetBreakpoints(points)
	d.must(err)
	return set
}

func (d *debugged) local(id uint64, frame int, name string) hub.Value {
	d.t.Helper()
	scopes, err := d.Scopes(id, frame)
	d.must(err)
	values, err := d.Children(id, scopes[0].Reference, 0, 0)
	d.must(err)
	for _, v := range values {
		if v.Name == name {
			return v
		}
	}
	d.t.Fatalf("no local %s in %+v", name, values)
	return hub.Value{}
}

// everyPython runs a test with each interpreter.
func everyPython(t *testing.T, test func(*testing.T, cpython.Interpreter)) {
	for _, interpreter := range interpreters(t) {
		t.Run(interpreter.Name, func(t *testing.T) { test(t, interpreter) })
	}
}

const functionApp = `
def shout(text):
    loud = text.upper()
    return loud

def application(environ, start_response):
    name = environ["PATH_INFO"]
    body = shout(name)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [body.encode()]
`

const generatorApp = `
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"one "
    yield b"two"
`

// TestWalk: one walk goes through the server's steps and the application's lines.
func TestWalk(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		for _, row := range []struct {
			name, source string
			how          hub.How
			body, want   string
		}{
			{"function, in", functionApp, hub.In, "/BOB", "[call] application:7 application:8 shout:3 shout:4 application:9 [start_response] application:10 [iterable] [block] [head] " +
				"[status-line] [field-line] [field-line] [field-line] [field-line] [field-line] [end-of-header-section] [send] [close()] [close]"},
			{"function, over", functionApp, hub.Over, "/BOB", "[call] [iterable] [block] [head] [send] [close()] [close]"},
			{"generator, in", generatorApp, hub.In, "one two", "[call] [iterable] application:3 [start_response] application:4 [block] [head] " +
				"[status-line] [field-line] [field-line] [field-line] [field-line] [field-line] [end-of-header-section] [send] application:5 [block] [send] [send] [close()] [close]"},
		} {
			t.Run(row.name, func(t *testing.T) {
				d := debug(t, interpreter, row.source, nil)
				d.breaks(hub.Breakpoint{Kind: hub.AtStage, Stage: "call"})
				answer := d.get("/bob")
				var got []string
				for done := false; !done; {
					select {
					case e := <-d.Session.Events():
						switch e.Kind {
						case hub.ExchangeStopped:
							got = append(got, where(e.Stop))
							d.must(d.Step(e.Exchange, row.how))
						case hub.ExchangeEnded:
							done = true
						case hub.Output:
							t.Log(e.Text)
						}
					case <-time.After(debugPatience):
						t.Fatalf("stuck after %v", got)
					}
				}
				if text := strings.Join(got, " "); text != row.want {
					t.Errorf("got\n%s\nwant\n%s", text, row.want)
				}
				if body := d.answer(answer); !strings.Contains(body, row.body) && !strings.Contains(body, "two") {
					t.Errorf("the body is %q", body)
				}
			})
		}
	})
}

// TestStepsInPython: over, out, in, and from a breakpoint over the end of the application to the server.
func TestStepsInPython(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, functionApp, nil)
		set := d.breaks(hub.Breakpoint{Line: 1}, hub.Breakpoint{Line: 99})
		if !set[0].Verified || set[0].Line != 2 || set[1].Verified || set[1].Message == "" {
			t.Errorf("%+v", set)
		}
		d.breaks(hub.Breakpoint{Line: 8})
		answer := d.get("/bob")
		var got []string
		for _, how := range []hub.How{hub.In, hub.Over, hub.Out, hub.Over, hub.Over, hub.ToStage} {
			id, stop := d.stopped()
			got = append(got, where(stop))
			if last := stop.Frames[len(stop.Frames)-1]; last.Python || !strings.HasPrefix(last.Name, "[") {
				t.Errorf("the stack does not end in a step of the server: %+v", stop.Frames)
			}
			d.must(d.Step(id, how))
		}
		id, stop := d.stopped()
		got = append(got, where(stop))
		d.must(d.Continue(id))
		d.answer(answer)
		if want := "application:8 shout:3 shout:4 application:9 application:10 [iterable] [block]"; strings.Join(got, " ") != want {
			t.Errorf("got  %v\nwant %s", got, want)
		}
	})
}

// TestLook: stack, variables, children, evaluate, set.
func TestLook(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, functionApp, nil)
		d.breaks(hub.Breakpoint{Line: 3})
		answer := d.get("/bob")
		id, stop := d.stopped()
		if len(stop.Frames) != 3 || stop.Frames[0].Text != "loud = text.upper()" || stop.Frames[1].Place.Line != 8 || stop.Frames[0].Library {
			t.Errorf("%+v", stop.Frames)
		}
		if !strings.Contains(stop.Note, "other requests wait") {
			t.Errorf("note %q", stop.Note)
		}
		if v := d.local(id, 1, "text"); v.Text != "'/bob'" || v.Type != "str" {
			t.Errorf("%+v", v)
		}
		environ := d.local(id, 2, "environ")
		some, err := d.Children(id, environ.Reference, 1, 2)
		d.must(err)
		if len(some) != 2 || environ.Count < 10 {
			t.Errorf("%+v %+v", environ, some)
		}
		v, err := d.Evaluate(id, 2, "[name[i] for i in range(2)]")
		if err != nil || v.Text != "['/', 'b']" || v.Count != 2 {
			t.Errorf("%+v, %v", v, err)
		}
		for _, bad := range []string{"1/0", "__import__('sys').exit(3)", "nonsense", "raise KeyboardInterrupt"} {
			if v, err := d.Evaluate(id, 1, bad); err == nil {
				t.Errorf("%s: %+v", bad, v)
			}
		}
		scopes, err := d.Scopes(id, 1)
		d.must(err)
		_, err = d.SetVariable(id, scopes[0].Reference, "text", "'edited'")
		d.must(err)
		x, _ := d.Exchange(id)
		if len(x.Edits) != 1 || x.Edits[0].Name != "text" || x.Worker == nil || !slices.Contains(d.pool.PIDs(), x.Worker.PID) {
			t.Errorf("%+v %+v", x.Edits, x.Worker)
		}
		d.must(d.Continue(id))
		if got := d.answer(answer); got != "EDITED" {
			t.Errorf("the body is %q", got)
		}
	})
}
