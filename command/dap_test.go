package command

import (
	"archive/zip"
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	system "runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-dap"
)

// editor is a client of the Debug Adapter Protocol.
type editor struct {
	t      *testing.T
	out    io.Writer
	seq    int
	got    chan dap.Message
	closed chan struct{}
}

func newEditor(t *testing.T, in io.Reader, out io.Writer) *editor {
	e := &editor{t: t, out: out, got: make(chan dap.Message, 100), closed: make(chan struct{})}
	go func() {
		defer close(e.closed)
		r := bufio.NewReader(in)
		for {
			m, err := dap.ReadProtocolMessage(r)
			if err != nil {
				return
			}
			e.got <- m
		}
	}()
	return e
}

// attach connects to the socket of a glass, and takes control.
func attach(t *testing.T, socket string, arguments string) *editor {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	e := newEditor(t, conn, conn)
	e.begin(fmt.Sprintf(`{"command": "attach", "arguments": %s}`, arguments))
	return e
}

// begin says what every editor says first.
func (e *editor) begin(start string) {
	e.t.Helper()
	e.ask(`{"command": "initialize", "arguments": {"adapterID": "glass", "linesStartAt1": true}}`)
	e.ask(start)
	await[*dap.InitializedEvent](e)
}

// send sends a request.
func (e *editor) send(request string) {
	e.t.Helper()
	var message map[string]any
	if err := json.Unmarshal([]byte(request), &message); err != nil {
		e.t.Fatalf("%v in %s", err, request)
	}
	e.seq++
	message["seq"], message["type"] = e.seq, "request"
	content, _ := json.Marshal(message)
	if err := dap.WriteBaseMessage(e.out, content); err != nil {
		e.t.Fatal(err)
	}
}

// ask sends a request and returns its response, which must be good.
func (e *editor) ask(request string) dap.ResponseMessage {
	e.t.Helper()
	response := e.try(request)
	if r := response.GetResponse(); !r.Success {
		e.t.Fatalf("%s: %s", request, r.Message)
	}
	return response
}

func (e *editor) try(request string) dap.ResponseMessage {
	e.t.Helper()
	e.send(request)
	return awaitThat(e, func(r dap.ResponseMessage) bool { return r.GetResponse().RequestSeq == e.seq })
}

func await[M dap.Message](e *editor) M {
	e.t.Helper()
	return awaitThat(e, func(M) bool { return true })
}

// awaitThat returns the next message of a type that fits; others are put back for who waits for them.
func awaitThat[M dap.Message](e *editor, fits func(M) bool) M {
	e.t.Helper()
	patience := time.After(deadline)
	for {
		select {
		case m := <-e.got:
			if found, ok := m.(M); ok && fits(found) {
				return found
			}
			if _, isEvent := m.(dap.EventMessage); isEvent {
				defer func() { e.got <- m }()
			}
		case <-e.closed:
			if len(e.got) > 0 { // it was said before
				continue
			}
			e.t.Fatal("glass has closed the connection")
		case <-patience:
			e.t.Fatalf("no %T came", *new(M))
		}
	}
}

// stopped awaits a stop, and returns the thread and the frames.
func (e *editor) stopped(reason string) (int, []dap.StackFrame) {
	e.t.Helper()
	stop := await[*dap.StoppedEvent](e)
	if stop.Body.Reason != reason {
		e.t.Fatalf("stopped for %q (%s, %s), and not for %q", stop.Body.Reason, stop.Body.Description, stop.Body.Text, reason)
	}
	return stop.Body.ThreadId, e.stack(stop.Body.ThreadId)
}

func (e *editor) stack(thread int) []dap.StackFrame {
	e.t.Helper()
	return e.ask(fmt.Sprintf(`{"command": "stackTrace", "arguments": {"threadId": %d}}`, thread)).(*dap.StackTraceResponse).Body.StackFrames
}

// at compares where it is stopped: names and lines of frames, innermost first.
func (e *editor) at(frames []dap.StackFrame, want ...string) {
	e.t.Helper()
	var got []string
	for _, f := range frames[:min(len(want), len(frames))] {
		name := f.Name
		if strings.HasSuffix(f.Source.Name, ".py") {
			name = fmt.Sprintf("%s:%d", f.Name, f.Line)
		}
		got = append(got, name)
	}
	if !slices.Equal(got, want) {
		e.t.Fatalf("stopped at %q, and not at %q", got, want)
	}
}

// scope returns the variables of a scope of a frame, and the reference of the scope.
func (e *editor) scope(frame dap.StackFrame, name string) (map[string]dap.Variable, int) {
	e.t.Helper()
	for _, s := range e.ask(fmt.Sprintf(`{"command": "scopes", "arguments": {"frameId": %d}}`, frame.Id)).(*dap.ScopesResponse).Body.Scopes {
		if s.Name == name {
			return e.children(s.VariablesReference), s.VariablesReference
		}
	}
	e.t.Fatalf("%s has no scope %s", frame.Name, name)
	return nil, 0
}

func (e *editor) children(reference int) map[string]dap.Variable {
	e.t.Helper()
	variables := map[string]dap.Variable{}
	for _, v := range e.ask(fmt.Sprintf(`{"command": "variables", "arguments": {"variablesReference": %d}}`, reference)).(*dap.VariablesResponse).Body.Variables {
		variables[v.Name] = v
	}
	return variables
}

func (e *editor) motion(command string, thread int) {
	e.t.Helper()
	e.ask(fmt.Sprintf(`{"command": %q, "arguments": {"threadId": %d}}`, command, thread))
}

// debugged starts glass with --dap.
func debugged(t *testing.T, args ...string) (s *running, socket string) {
	t.Helper()
	if system.GOOS == "windows" {
		t.Skip("the tests use Unix sockets")
	}
	dir, err := os.MkdirTemp("", "dap") // the name of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket = filepath.Join(dir, "s")
	return serve(t, append([]string{"--dap", "unix:" + socket}, args...)...), socket
}

// browse gets a page in the background.
func browse(t *testing.T, url string) <-chan string {
	body := make(chan string, 1)
	go func() {
		_, text := get(t, url)
		body <- text
	}()
	return body
}

func is(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

const debuggedApp = `def shout(text):
    loud = text.upper()
    return loud


def application(environ, start_response):
    name = environ["PATH_INFO"].strip("/")
    if name == "raise":
        raise ValueError("on purpose")
    if name == "rule":
        start_response("200 OK", [("Connection", "close")])
    said = shout(name)
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield said.encode()
    yield b"!"
`

// TestDAPStages: the server's steps, without Python: walk, look, edit, go back.
func TestDAPStages(t *testing.T) {
	t.Parallel()
	s, socket := debugged(t, "go:environ")
	e := attach(t, socket, `{"stopOnEntry": true}`)
	set := e.ask(`{"command": "setFunctionBreakpoints", "arguments": {"breakpoints": [{"name": "environ"}]}}`).(*dap.SetFunctionBreakpointsResponse)
	is(t, "verified", set.Body.Breakpoints[0].Verified, true)
	e.ask(`{"command": "configurationDone"}`)
	body := browse(t, s.url+"/bob")

	thread, frames := e.stopped("entry")
	e.at(frames, "[accept] (*connection).serve")
	if source := frames[0].Source; filepath.Base(source.Path) != "connection.go" {
		t.Errorf("the source of accept: %+v", source)
	}
	e.motion("next", thread)
	_, frames = e.stopped("step")
	e.at(frames, "[receive] (*receiver).feed")
	e.motion("continue", thread)
	_, frames = e.stopped("function breakpoint")
	e.at(frames, "[environ] (*exchange).respond")
	threads := e.ask(`{"command": "threads"}`).(*dap.ThreadsResponse).Body.Threads
	if len(threads) != 2 || !strings.HasSuffix(threads[0].Name, " GET /bob") {
		t.Errorf("threads: %+v", threads)
	}

	environ, reference := e.scope(frames[0], "Environ")
	is(t, "PATH_INFO", environ["PATH_INFO"].Value, `"/bob"`)
	memory := e.ask(fmt.Sprintf(`{"command": "readMemory", "arguments": {"memoryReference": %q, "offset": 1, "count": 3}}`, environ["PATH_INFO"].MemoryReference))
	data, _ := base64.StdEncoding.DecodeString(memory.(*dap.ReadMemoryResponse).Body.Data)
	is(t, "the bytes of PATH_INFO", string(data), "bob")
	e.ask(fmt.Sprintf(`{"command": "setVariable", "arguments": {"variablesReference": %d, "name": "PATH_INFO", "value": "/eve"}}`, reference))
	result := e.ask(fmt.Sprintf(`{"command": "evaluate", "arguments": {"frameId": %d, "expression": "PATH_INFO"}}`, frames[0].Id)).(*dap.EvaluateResponse)
	is(t, "PATH_INFO", result.Body.Result, `"/eve"`)

	e.motion("stepBack", thread)
	_, frames = e.stopped("step")
	e.at(frames, "past: [message-end]")
	if refused := e.try(fmt.Sprintf(`{"command": "evaluate", "arguments": {"frameId": %d, "expression": "PATH_INFO"}}`, frames[0].Id)); refused.GetResponse().Success {
		t.Error("the past can be evaluated in")
	}
	e.motion("reverseContinue", thread)
	_, frames = e.stopped("step")
	e.at(frames, "past: [accept]")
	step, _ := e.scope(frames[0], "Step")
	is(t, "the step", step["name"].Value, `"accept"`)
	e.motion("continue", thread)
	_, frames = e.stopped("step")
	e.at(frames, "[environ] (*exchange).respond")
	e.motion("continue", thread)
	if text := <-body; !strings.Contains(text, "/eve") {
		t.Errorf("the application did not get the new value: %s", text)
	}
}

// TestDAPPastLines: back from a line of the application leads to the line before it, with the variables as they were.
func TestDAPPastLines(t *testing.T) {
	t.Parallel()
	app := filepath.Join(t.TempDir(), "app.py")
	if err := os.WriteFile(app, []byte(debuggedApp), 0o600); err != nil {
		t.Fatal(err)
	}
	s, socket := debugged(t, app)
	e := attach(t, socket, `{}`)
	e.ask(fmt.Sprintf(`{"command": "setBreakpoints", "arguments": {"source": {"path": %q}, "breakpoints": [{"line": 2}]}}`, app))
	e.ask(`{"command": "configurationDone"}`)
	body := browse(t, s.url+"/bob")
	thread, frames := e.stopped("breakpoint")
	e.at(frames, "shout:2", "application:12")
	e.motion("next", thread)
	_, frames = e.stopped("step")
	e.at(frames, "shout:3")
	e.motion("stepBack", thread)
	_, frames = e.stopped("step")
	e.at(frames, "past: shout:2")
	locals, _ := e.scope(frames[0], "Locals")
	is(t, "text", locals["text"].Value, "'bob'")
	if _, there := locals["loud"]; there {
		t.Errorf("loud has a value before its line has run: %+v", locals)
	}
	hover := e.ask(fmt.Sprintf(`{"command": "evaluate", "arguments": {"frameId": %d, "expression": "text", "context": "hover"}}`, frames[0].Id)).(*dap.EvaluateResponse)
	is(t, "text, as a hover shows it", hover.Body.Result, "'bob'")
	refused := e.try(fmt.Sprintf(`{"command": "evaluate", "arguments": {"frameId": %d, "expression": "text + '?'"}}`, frames[0].Id))
	contains(t, refused.GetResponse().Message, "go forward")
	e.motion("next", thread)
	_, frames = e.stopped("step")
	e.at(frames, "shout:3")
	e.motion("reverseContinue", thread)
	_, frames = e.stopped("step")
	e.at(frames, "past: shout:2")
	e.motion("continue", thread)
	_, frames = e.stopped("step")
	e.at(frames, "shout:3")
	e.motion("continue", thread)
	is(t, "the body", <-body, "BOB!")
}

// TestDAPOrder: an editor has the response to a step before it hears of the stop that came of it, and nothing before the
// response to initialize; whoever only connects costs the server nothing.
func TestDAPOrder(t *testing.T) {
	t.Parallel()
	s, socket := debugged(t, "go:hello")
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	e := newEditor(t, conn, conn)
	if refused := e.try(`{"command": "threads"}`).GetResponse(); refused.Success {
		t.Error("there are threads before anybody has attached")
	}
	// The server closes the connection when the exchange is over: otherwise its last steps might be the ones that stop.
	if page := send(t, s.url, "GET / HTTP/1.0\r\n\r\n"); !strings.HasSuffix(page, "\r\n\r\nHello, world\n") {
		t.Errorf("the page: %q", page)
	}
	is(t, "events before the session has begun", len(e.got), 0)
	e.begin(`{"command": "attach", "arguments": {"stopOnEntry": true}}`)
	body := browse(t, s.url)
	thread, _ := e.stopped("entry")
	for range 10 {
		e.send(fmt.Sprintf(`{"command": "stepIn", "arguments": {"threadId": %d}}`, thread))
		answered := false
		awaitThat(e, func(m dap.Message) bool {
			switch m := m.(type) {
			case dap.ResponseMessage:
				answered = m.GetResponse().RequestSeq == e.seq
			case *dap.StoppedEvent:
				if !answered {
					t.Error("the stop came before the response")
				}
				return true
			}
			return false
		})
	}
	e.ask(`{"command": "terminate"}`)
	await[*dap.TerminatedEvent](e)
	is(t, "the page", <-body, "Hello, world\n")
}

// TestDAPCountsFromZero: an editor may count lines and columns from 0.
func TestDAPCountsFromZero(t *testing.T) {
	t.Parallel()
	app := write(t, t.TempDir(), "app.py", debuggedApp)
	s, socket := debugged(t, app)
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	e := newEditor(t, conn, conn)
	e.ask(`{"command": "initialize", "arguments": {"clientName": "an old editor", "linesStartAt1": false, "columnsStartAt1": false}}`)
	e.ask(`{"command": "attach"}`)
	await[*dap.InitializedEvent](e)
	set := e.ask(fmt.Sprintf(`{"command": "setBreakpoints", "arguments": {"source": {"path": %q}, "breakpoints": [{"line": 1}]}}`, app))
	is(t, "the breakpoint's line", set.(*dap.SetBreakpointsResponse).Body.Breakpoints[0].Line, 1)
	locations := e.ask(fmt.Sprintf(`{"command": "breakpointLocations", "arguments": {"source": {"path": %q}, "line": 0, "endLine": 2}}`, app))
	if found := locations.(*dap.BreakpointLocationsResponse).Body.Breakpoints; len(found) == 0 || found[len(found)-1].Line != 2 {
		t.Errorf("%+v", found)
	}
	body := browse(t, s.url+"/bob")
	thread, frames := e.stopped("breakpoint")
	is(t, "the line", frames[0].Line, 1)
	is(t, "the column", frames[0].Column, 0)
	late := attachTo(t, socket)
	if refused := late.try(`{"command": "attach"}`).GetResponse(); !strings.Contains(refused.Message, "an old editor has control") {
		t.Errorf("%+v", refused)
	}
	e.motion("continue", thread)
	is(t, "the page", <-body, "BOB!")
}

// attachTo connects, and says no more than initialize.
func attachTo(t *testing.T, socket string) *editor {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	e := newEditor(t, conn, conn)
	e.ask(`{"command": "initialize", "arguments": {"adapterID": "glass"}}`)
	return e
}

// TestDAPNextRequest: what has not come yet can be paused. Back and forth in its past stop at breakpoints.
func TestDAPNextRequest(t *testing.T) {
	t.Parallel()
	s, socket := debugged(t, "go:hello")
	e := attach(t, socket, `{}`)
	sources := e.ask(`{"command": "loadedSources"}`).(*dap.LoadedSourcesResponse).Body.Sources
	if !slices.ContainsFunc(sources, func(s dap.Source) bool { return strings.HasSuffix(s.Path, "/server/exchange.go") }) {
		t.Errorf("%+v", sources)
	}
	threads := e.ask(`{"command": "threads"}`).(*dap.ThreadsResponse).Body.Threads
	e.motion("pause", threads[len(threads)-1].Id)
	body := browse(t, s.url)
	thread, _ := e.stopped("entry")
	e.ask(`{"command": "setFunctionBreakpoints", "arguments": {"breakpoints": [{"name": "request-line"}, {"name": "call"}]}}`)
	e.motion("continue", thread)
	e.stopped("function breakpoint")
	e.motion("continue", thread)
	_, frames := e.stopped("function breakpoint")
	if !strings.HasPrefix(frames[0].Name, "[call]") {
		t.Errorf("%+v", frames[0])
	}
	e.motion("reverseContinue", thread)
	_, frames = e.stopped("step")
	e.at(frames, "past: [request-line]")
	e.motion("reverseContinue", thread)
	_, frames = e.stopped("step")
	e.at(frames, "past: [accept]")
	e.motion("continue", thread)
	_, frames = e.stopped("step")
	e.at(frames, "past: [request-line]")
	e.motion("continue", thread)
	e.stopped("step")
	e.motion("continue", thread)
	is(t, "the page", <-body, "Hello, world\n")
}

// TestDAPGoSource: a breakpoint in the server's own source moves to the next line that makes a step, and without a
// checkout the source comes out of the binary.
func TestDAPGoSource(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() // no checkout
	if system.GOOS == "windows" {
		t.Skip("the tests use Unix sockets")
	}
	sockets, err := os.MkdirTemp("", "dap")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(sockets)
	socket := filepath.Join(sockets, "s")
	c := command(t, "-b", "127.0.0.1:0", "--dap=unix:"+socket, "go:hello")
	c.Dir = dir
	s := serveCmd(t, c)
	e := attach(t, socket, `{}`)
	set := e.ask(`{"command": "setBreakpoints", "arguments": {"source": {"path": "/elsewhere/glass/server/exchange.go"}, "breakpoints": [{"line": 1}, {"line": 99999}]}}`)
	breakpoints := set.(*dap.SetBreakpointsResponse).Body.Breakpoints
	if !breakpoints[0].Verified || breakpoints[0].Line == 1 || breakpoints[1].Verified {
		t.Errorf("%+v", breakpoints)
	}
	locations := e.ask(`{"command": "breakpointLocations", "arguments": {"source": {"path": "/elsewhere/glass/server/exchange.go"}, "line": 1, "endLine": 99999}}`)
	if found := locations.(*dap.BreakpointLocationsResponse).Body.Breakpoints; len(found) < 2 || found[0].Line != breakpoints[0].Line {
		t.Errorf("%+v", found)
	}
	body := browse(t, s.url)
	thread, frames := e.stopped("breakpoint")
	is(t, "the line", frames[0].Line, breakpoints[0].Line)
	source := e.ask(fmt.Sprintf(`{"command": "source", "arguments": {"sourceReference": %d}}`, frames[0].Source.SourceReference)).(*dap.SourceResponse)
	if lines := strings.Split(source.Body.Content, "\n"); len(lines) < frames[0].Line || !strings.Contains(lines[frames[0].Line-1], ".watch.") {
		t.Errorf("the source of %+v is not what it should be", frames[0])
	}
	e.ask(`{"command": "disconnect", "arguments": {}}`) // what it stopped goes on
	is(t, "the page", <-body, "Hello, world\n")
	_ = thread
}

// TestDAPPython: one session walks through the server's steps and the application's lines.
func TestDAPPython(t *testing.T) {
	t.Parallel()
	app := write(t, t.TempDir(), "app.py", debuggedApp)
	s, socket := debugged(t, app)
	e := attach(t, socket, `{}`)
	set := e.ask(fmt.Sprintf(`{"command": "setBreakpoints", "arguments": {"source": {"path": %q}, "breakpoints": [{"line": 2, "condition": "text == 'bob'"}, {"line": 7, "logMessage": "asked for {environ['PATH_INFO']}"}]}}`, app))
	for _, b := range set.(*dap.SetBreakpointsResponse).Body.Breakpoints {
		if !b.Verified {
			t.Errorf("%+v", b)
		}
	}
	is(t, "a request that fulfils no condition", <-browse(t, s.url+"/eve"), "EVE!")
	if logged := await[*dap.OutputEvent](e); !strings.Contains(logged.Body.Output, "asked for /eve") {
		t.Errorf("%q", logged.Body.Output)
	}

	body := browse(t, s.url+"/bob")
	thread, frames := e.stopped("breakpoint")
	e.at(frames, "shout:2", "application:12")
	is(t, "the last frame is the server's step", strings.HasPrefix(frames[len(frames)-1].Name, "["), true)
	is(t, "the source", frames[0].Source.Path, app)
	e.motion("next", thread)
	_, frames = e.stopped("step")
	e.at(frames, "shout:3", "application:12")
	locals, reference := e.scope(frames[0], "Locals")
	is(t, "loud", locals["loud"].Value, "'BOB'")
	e.ask(fmt.Sprintf(`{"command": "setVariable", "arguments": {"variablesReference": %d, "name": "loud", "value": "'EDITED'"}}`, reference))
	caller := e.ask(fmt.Sprintf(`{"command": "evaluate", "arguments": {"frameId": %d, "expression": "name + '?'"}}`, frames[1].Id)).(*dap.EvaluateResponse)
	is(t, "an expression of the caller's frame", caller.Body.Result, "'bob?'")
	if refused := e.try(fmt.Sprintf(`{"command": "evaluate", "arguments": {"frameId": %d, "expression": "1/0"}}`, frames[0].Id)); !strings.Contains(refused.GetResponse().Message, "ZeroDivisionError") || refused.(*dap.ErrorResponse).Body.Error.ShowUser {
		t.Errorf("%+v: a hover and a watch pop nothing up", refused)
	}
	e.motion("stepOut", thread)
	_, frames = e.stopped("step")
	e.at(frames, "application:13")
	e.motion("continue", thread)
	is(t, "the page", <-body, "EDITED!")
	notes := 0
	for len(e.got) > 0 {
		if o, ok := (<-e.got).(*dap.OutputEvent); ok && o.Body.Category == "important" {
			notes++
		}
	}
	is(t, "notes of three stops of the only thread", notes, 1)
}

// TestDAPExceptions: what the application does not catch, and a broken rule with the heading of the PEP.
func TestDAPExceptions(t *testing.T) {
	t.Parallel()
	app := write(t, t.TempDir(), "app.py", debuggedApp)
	s, socket := debugged(t, app)
	e := attach(t, socket, `{}`)
	e.ask(`{"command": "setExceptionBreakpoints", "arguments": {"filters": ["uncaught", "rule"]}}`)
	body := browse(t, s.url+"/raise")
	thread, frames := e.stopped("exception")
	e.at(frames, "application:9")
	told := e.ask(fmt.Sprintf(`{"command": "exceptionInfo", "arguments": {"threadId": %d}}`, thread)).(*dap.ExceptionInfoResponse)
	is(t, "the exception", told.Body.ExceptionId, "ValueError")
	e.motion("continue", thread)
	<-body

	body = browse(t, s.url+"/rule")
	thread, frames = e.stopped("exception")
	e.at(frames, "application:11")
	told = e.ask(fmt.Sprintf(`{"command": "exceptionInfo", "arguments": {"threadId": %d}}`, thread)).(*dap.ExceptionInfoResponse)
	if !strings.HasPrefix(told.Body.ExceptionId, "PEP 3333 ") || !strings.Contains(told.Body.Description, "hop-by-hop") {
		t.Errorf("%+v", told.Body)
	}
	e.ask(`{"command": "setExceptionBreakpoints", "arguments": {"filters": []}}`)
	e.motion("continue", thread)
	<-body
}

// TestDAPOneController: a second editor is told who has control; when the first is gone, what it stopped goes on.
func TestDAPOneController(t *testing.T) {
	t.Parallel()
	s, socket := debugged(t, "go:hello")
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	first := newEditor(t, conn, conn)
	first.begin(`{"command": "attach", "arguments": {"stopOnEntry": true}}`)
	body := browse(t, s.url)
	first.stopped("entry")

	second, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	late := newEditor(t, second, second)
	late.ask(`{"command": "initialize", "arguments": {"adapterID": "glass"}}`)
	if refused := late.try(`{"command": "attach", "arguments": {}}`).GetResponse(); refused.Success || !strings.Contains(refused.Message, "has control") {
		t.Errorf("%+v", refused)
	}
	if refused := late.try(`{"command": "makeCoffee"}`).GetResponse(); refused.Success || !strings.Contains(refused.Message, "makeCoffee") {
		t.Errorf("%+v", refused)
	}
	conn.Close()
	is(t, "the page", <-body, "Hello, world\n")
}

// TestDAPSpeaksNoHTTP: what is no message ends the connection, and the log says so.
func TestDAPSpeaksNoHTTP(t *testing.T) {
	t.Parallel()
	s, socket := debugged(t, "go:hello")
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(deadline))
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if answer, err := io.ReadAll(conn); err != nil || len(answer) > 0 {
		t.Errorf("%q, %v", answer, err)
	}
	s.err.await(t, "Content-Length: N")
}

// TestDAPAdapter: what an editor starts launches glass, passes on what both say, and leaves nothing behind.
func TestDAPAdapter(t *testing.T) {
	t.Parallel()
	if system.GOOS == "windows" {
		t.Skip("the tests use Unix sockets")
	}
	dir := t.TempDir()
	write(t, dir, "app.py", debuggedApp)
	write(t, dir, "bad.py", "import nothing_of_this_name\n")
	c := command(t, "dap", "--stdio")
	c.Env = append(c.Env, "TMPDIR="+dir)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	e := newEditor(t, out, in)
	e.ask(`{"command": "initialize", "arguments": {"adapterID": "glass"}}`)
	if refused := e.try(`{"command": "launch", "arguments": {}}`).GetResponse(); refused.Success || !strings.Contains(refused.Message, `"app"`) {
		t.Errorf("%+v", refused)
	}
	launch := func(app string) string {
		return fmt.Sprintf(`{"command": "launch", "arguments": {"app": %q, "cwd": %q, "args": ["-b", "127.0.0.1:0"]}}`, app, dir)
	}
	contains(t, e.try(launch("bad.py")).GetResponse().Message, "bad.py", "nothing_of_this_name")
	e.ask(launch("app.py"))
	await[*dap.InitializedEvent](e)
	if left, _ := filepath.Glob(filepath.Join(dir, "glass-dap-*")); left != nil {
		t.Errorf("%q would stay if the editor killed the adapter", left)
	}
	serving := awaitThat(e, func(o *dap.OutputEvent) bool { return strings.Contains(o.Body.Output, "address=http") })
	is(t, "the category of what only informs", serving.Body.Category, "stdout")
	_, url, _ := strings.Cut(serving.Body.Output, "address=")
	url, _, _ = strings.Cut(url, " ")
	e.ask(fmt.Sprintf(`{"command": "setBreakpoints", "arguments": {"source": {"path": %q}, "breakpoints": [{"line": 3}]}}`, filepath.Join(dir, "app.py")))
	body := browse(t, url+"/bob")
	thread, frames := e.stopped("breakpoint")
	e.at(frames, "shout:3")
	e.motion("continue", thread)
	is(t, "the page", <-body, "BOB!")
	e.ask(`{"command": "disconnect", "arguments": {}}`)
	await[*dap.TerminatedEvent](e)
	if err := c.Wait(); err != nil {
		t.Errorf("glass dap: %v", err)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(url, "http://")); err == nil {
		t.Error("glass still serves")
	}
}

// TestDAPAdapterKilled: the glass that an adapter has started ends with it, even if it is killed.
func TestDAPAdapterKilled(t *testing.T) {
	t.Parallel()
	if system.GOOS == "windows" {
		t.Skip("the tests use Unix sockets")
	}
	c := command(t, "dap")
	in, _ := c.StdinPipe()
	out, _ := c.StdoutPipe()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	e := newEditor(t, out, in)
	dir := t.TempDir()
	write(t, dir, "app.py", "import os\ndef application(environ, start_response):\n    start_response('200 OK', [])\n    return [os.environ['WORD'].encode()]\n")
	pid := filepath.Join(dir, "pid")
	e.ask(`{"command": "initialize"}`)
	e.ask(fmt.Sprintf(`{"command": "launch", "arguments": {"app": "app.py", "bind": "127.0.0.1:0", "threads": 2, "cwd": %q, "env": {"WORD": "hello"}, "args": ["--pid", %q]}}`, dir, pid))
	serving := awaitThat(e, func(o *dap.OutputEvent) bool { return strings.Contains(o.Body.Output, "address=http") })
	contains(t, serving.Body.Output, "1 × 2")
	_, url, _ := strings.Cut(serving.Body.Output, "address=")
	url, _, _ = strings.Cut(url, " ")
	is(t, "the page", <-browse(t, url), "hello")
	c.Process.Kill()
	c.Wait()
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(pid); err != nil {
			return // glass removes the file when it ends
		}
	}
	t.Error("glass still serves")
}

// TestDAPOwnSocket: without an address glass listens where glass dap finds it, and nobody else can.
func TestDAPOwnSocket(t *testing.T) {
	t.Parallel()
	if system.GOOS != "linux" {
		t.Skip("the folder is moved by XDG_CACHE_HOME")
	}
	cache, err := os.MkdirTemp("", "dap")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(cache)
	start := func() *running {
		c := command(t, "-b", "127.0.0.1:0", "--dap", "go:hello")
		c.Env = append(c.Env, "XDG_CACHE_HOME="+cache)
		return serveCmd(t, c)
	}
	try := func() dap.ResponseMessage {
		c := command(t, "dap", "--stdio")
		c.Env = append(c.Env, "XDG_CACHE_HOME="+cache)
		in, _ := c.StdinPipe()
		out, _ := c.StdoutPipe()
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		e := newEditor(t, out, in)
		e.ask(`{"command": "initialize"}`)
		answer := e.try(`{"command": "attach", "arguments": {}}`)
		e.try(`{"command": "disconnect"}`)
		if err := c.Wait(); err != nil {
			t.Errorf("glass dap: %v", err)
		}
		return answer
	}
	contains(t, try().GetResponse().Message, "no glass of this user")
	s := start()
	folder := filepath.Join(cache, "glass", "dap")
	info, err := os.Stat(filepath.Join(folder, fmt.Sprint(s.Process.Pid)))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket: %v, %v", info, err)
	}
	if info, err = os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("its folder: %v, %v", info, err)
	}
	if got := try().GetResponse(); !got.Success {
		t.Error(got.Message)
	}
	start()
	contains(t, try().GetResponse().Message, "several glasses", fmt.Sprint(s.Process.Pid))
}

// TestEditorVSCode: the extension is a zip of what VS Code wants to see.
func TestEditorVSCode(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "glass.vsix")
	if got := glass(t, "", "editor", "vscode", "-o", path); got.code != exitFailed || !strings.Contains(got.err, "go build -o glass") {
		t.Errorf("from a binary that go will remove: %+v", got)
	}
	binary := filepath.Join(t.TempDir(), "glass")
	if err := os.Link(os.Args[0], binary); err != nil {
		t.Fatal(err)
	}
	c := command(t, "editor", "vscode", "-o", path)
	c.Path = binary
	if got := finish(t, c, ""); got.code != 0 || !strings.Contains(got.out, "--install-extension") {
		t.Fatalf("%+v", got)
	}
	parts := unzip(t, path)
	for _, name := range []string{"[Content_Types].xml", "extension.vsixmanifest", "extension/package.json", "extension/README.md"} {
		if parts[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
	var manifest struct {
		Contributes struct {
			Debuggers []struct {
				Type, Program string
				Args          []string
			}
		}
	}
	if err := json.Unmarshal([]byte(parts["extension/package.json"]), &manifest); err != nil {
		t.Fatal(err)
	}
	debugger := manifest.Contributes.Debuggers[0]
	if debugger.Type != "glass" || strings.Join(debugger.Args, " ") != "dap --stdio" {
		t.Errorf("%+v", debugger)
	}
	if _, err := exec.LookPath(debugger.Program); err != nil {
		t.Error(err)
	}
}

// unzip returns the parts of a zip file.
func unzip(t *testing.T, path string) map[string]string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	parts := map[string]string{}
	for _, file := range archive.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[file.Name] = string(text)
	}
	return parts
}
