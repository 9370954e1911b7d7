package hub_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"glasswsgi/inspect/hub"
	"glasswsgi/parser"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway/fastcgi"
	"glasswsgi/server/gateway/talktest"
	"glasswsgi/server/gateway/token"
)

const patience = 60 * time.Second // for what must come, on a busy machine

const get = "GET /caf%C3%A9?a=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

// world is a server with a hub that looks at it.
type world struct {
	*hub.Hub
	server  *server.Server
	address string
}

func newWorld(t *testing.T, app wsgi.Application, change func(*server.Config, *hub.Options)) *world {
	t.Helper()
	config := server.Config{
		Application: app, Software: "glass", Limits: parser.DefaultLimits,
		ReadTimeout: patience, WriteTimeout: patience, KeepAlive: patience,
		Errors: io.Discard, Log: slog.New(slog.DiscardHandler),
	}
	options := hub.Options{Source: os.DirFS("../..")}
	if change != nil {
		change(&config, &options)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Hub: hub.New(options), server: server.New(config), address: listener.Addr().String()}
	w.Watch(w.server)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- w.server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		w.Close()
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		stop, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := w.server.Shutdown(stop); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
	return w
}

// control attaches a session that has control.
func (w *world) control(t *testing.T) *hub.Session {
	t.Helper()
	s, err := w.Attach("test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if err := s.TakeControl(); err != nil {
		t.Fatal(err)
	}
	return s
}

// send sends a request, and gives what comes back.
func (w *world) send(t *testing.T, request string) <-chan string {
	t.Helper()
	conn, err := net.Dial("tcp", w.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(2 * patience))
	io.WriteString(conn, request)
	answer := make(chan string, 1)
	go func() { all, _ := io.ReadAll(conn); answer <- string(all) }()
	return answer
}

// await takes events until one of this kind.
func await(t *testing.T, s *hub.Session, kind hub.EventKind) hub.Event {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case e, open := <-s.Events():
			if !open {
				t.Fatalf("the session ended before %q", kind)
			}
			if e.Kind == kind {
				return e
			}
			if e.Kind == hub.ExchangeEnded && kind == hub.ExchangeStopped {
				t.Fatalf("the exchange ended and did not stop")
			}
		case <-late:
			t.Fatalf("no event %q", kind)
		}
	}
}

func receive(t *testing.T, answer <-chan string) string {
	t.Helper()
	select {
	case text := <-answer:
		return text
	case <-time.After(patience):
		t.Fatal("no answer")
		return ""
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// walk steps an exchange from stop to stop, and names the steps.
func walk(t *testing.T, s *hub.Session, how hub.How) (names []string) {
	t.Helper()
	for {
		select {
		case e := <-s.Events():
			switch e.Kind {
			case hub.ExchangeStopped:
				name, _, _ := strings.Cut(strings.TrimPrefix(e.Stop.Frames[0].Name, "["), "]")
				names = append(names, name)
				must(t, s.Step(e.Exchange, how))
			case hub.ExchangeEnded:
				return names
			}
		case <-time.After(patience):
			t.Fatalf("stuck after %v", names)
		}
	}
}

func hello() wsgi.Application { return native.Applications["hello"] }

func TestStepThroughEveryStage(t *testing.T) {
	w := newWorld(t, hello(), nil)
	s := w.control(t)
	for _, row := range []struct {
		how  hub.How
		want string
	}{
		{hub.In, "accept receive request-line field-line field-line message-body-length message-end environ call start_response iterable block head status-line field-line field-line field-line field-line field-line end-of-header-section send close() close"},
		{hub.Over, "accept receive request-line message-body-length message-end environ call iterable block head send close() close"},
		{"", "accept"},
	} {
		must(t, s.PauseNext(true))
		answer := w.send(t, get)
		if got := strings.Join(walk(t, s, row.how), " "); got != row.want {
			t.Errorf("%q:\ngot  %s\nwant %s", row.how, got, row.want)
		}
		if got := receive(t, answer); !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n") {
			t.Errorf("the peer got %q", got)
		}
	}
}

func TestStopShowsGoSource(t *testing.T) {
	w := newWorld(t, hello(), nil)
	s := w.control(t)
	_, err := s.SetBreakpoints([]hub.Breakpoint{{Kind: hub.AtStage, Stage: "call"}})
	must(t, err)
	answer := w.send(t, get)
	frame := await(t, s, hub.ExchangeStopped).Stop.Frames[0]
	if frame.Place.File != "runtime/wsgi/run.go" || frame.Text != "response.watch.Called()" || frame.Name != "[call] Run" {
		t.Errorf("%+v", frame)
	}
	lines, err := w.BreakpointLines(frame.Place.File)
	if err != nil || !slices.Contains(lines, frame.Place.Line) {
		t.Errorf("%v, %v", lines, err)
	}
	must(t, s.ContinueAll())
	receive(t, answer)
}

// TestWithoutHTTP: what the request-line would say comes from the environ, and a connection that ends is no exchange.
func TestWithoutHTTP(t *testing.T) {
	h := hub.New(hub.Options{Record: true})
	s := talktest.New(t, "fastcgi", front.Config{Application: native.Applications["hello"], Errors: io.Discard})
	h.Watch(s)
	variables := []token.Variable{{Name: "REQUEST_METHOD", Value: "PUT"}, {Name: "REQUEST_URI", Value: "/\xe9?q"}, {Name: "SERVER_PROTOCOL", Value: "HTTP/1.0"}}
	talktest.Talk(t, s, fastcgi.AppendRequest(nil, 1, true, variables, nil))
	all := h.Exchanges()
	if len(all) != 1 || all[0].Method != "PUT" || all[0].Target != "/é?q" || all[0].Version != "HTTP/1.0" {
		t.Fatalf("got %+v", all)
	}
	for _, step := range all[0].Steps {
		if !strings.HasPrefix(step.Source.File, "server/gateway/") && !strings.HasPrefix(step.Source.File, "runtime/wsgi/") {
			t.Errorf("%s: made in %+v", step.Name, step.Source)
		}
	}
}

// answered is an iterable that knows who made it, as that of a node does.
type answered struct{ native.Blocks }

func (answered) By() string { return "node a, worker 1" }

// remotely is an application on another machine.
type remotely struct{}

func (remotely) Call(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	_, err := start("200 OK", []wsgi.Header{{Name: "Content-Type", Value: "text/plain"}}, nil)
	return answered{native.Body("x")}, err
}

// TestWhoAnswered: an exchange tells which node and worker did.
func TestWhoAnswered(t *testing.T) {
	h := hub.New(hub.Options{Record: true})
	s := talktest.New(t, "fastcgi", front.Config{Application: remotely{}, Errors: io.Discard})
	h.Watch(s)
	variables := []token.Variable{{Name: "REQUEST_METHOD", Value: "GET"}, {Name: "REQUEST_URI", Value: "/"}, {Name: "SERVER_PROTOCOL", Value: "HTTP/1.1"}}
	talktest.Talk(t, s, fastcgi.AppendRequest(nil, 1, true, variables, nil))
	if all := h.Exchanges(); len(all) != 1 || all[0].By != "node a, worker 1" {
		t.Errorf("%+v", all)
	}
}

func TestEdit(t *testing.T) {
	w := newWorld(t, native.Applications["environ"], nil)
	s := w.control(t)
	_, err := s.SetBreakpoints([]hub.Breakpoint{{Kind: hub.AtStage, Stage: "environ"}, {Kind: hub.AtStage, Stage: "head"}})
	must(t, err)
	answer := w.send(t, get)
	id := await(t, s, hub.ExchangeStopped).Exchange
	must(t, s.SetEnviron(id, "PATH_INFO", "/é"))
	if err := s.SetEnviron(id, "PATH_INFO", "€"); err == nil {
		t.Error("a character beyond Latin-1 was let in")
	}
	if err := s.SetStatus(id, "200 OK"); !errors.Is(err, hub.ErrNotHere) {
		t.Errorf("a status before there is one: %v", err)
	}
	must(t, s.Continue(id))
	await(t, s, hub.ExchangeStopped)
	must(t, s.SetStatus(id, "299 Changed"))
	must(t, s.SetHeader(id, "X-Added", "yes"))
	if err := s.SetHeader(id, "X-Bad", "a\r\nb"); err == nil {
		t.Error("a line break was let into a header")
	}
	must(t, s.Continue(id))
	got := receive(t, answer)
	for _, part := range []string{"HTTP/1.1 299 Changed\r\n", "X-Added: yes\r\n", `PATH_INFO = "/é"`} {
		if !strings.Contains(wsgi.Latin1(got), wsgi.Latin1(part)) && !strings.Contains(got, part) {
			t.Errorf("no %q in\n%s", part, got)
		}
	}
	await(t, s, hub.ExchangeEnded)
	x, _ := w.Exchange(id)
	if len(x.Edits) != 3 || x.Edits[0] != (hub.Edit{Step: x.Edits[0].Step, What: "environ", Name: "PATH_INFO", Before: "/cafÃ©", After: "/é", By: "test"}) {
		t.Errorf("edits: %+v", x.Edits)
	}
}

// TestWhoWroteIt: the origins of a response cover it without gaps.
func TestWhoWroteIt(t *testing.T) {
	for name := range native.Applications {
		for _, request := range []string{get, strings.Replace(get, "1.1", "1.0", 1), strings.Replace(get, "GET", "HEAD", 1), "GET / HTTP/9.9\r\n\r\n"} {
			t.Run(name+" "+request[:strings.Index(request, "\r")], func(t *testing.T) {
				t.Parallel() // one of them sleeps
				whoWroteIt(t, native.Applications[name], request)
			})
		}
	}
}

func whoWroteIt(t *testing.T, app wsgi.Application, request string) {
	w := newWorld(t, app, nil)
	s := w.control(t)
	answer := receive(t, w.send(t, request))
	id := await(t, s, hub.ExchangeEnded).Exchange
	x, _ := w.Exchange(id)
	if got := string(x.Response.Bytes()); got != answer {
		t.Fatalf("recorded %q, sent %q", got, answer)
	}
	at := 0
	for _, o := range x.Response.Origins {
		if o.Wire.Start != at {
			t.Errorf("nobody wrote %q", answer[at:o.Wire.Start])
		}
		at = o.Wire.End
		if o.Block > 0 && answer[o.Wire.Start:o.Wire.End] != string(x.Blocks[o.Block-1].Data) {
			t.Errorf("block %d is not %q", o.Block, answer[o.Wire.Start:o.Wire.End])
		}
	}
	if at != len(answer) {
		t.Errorf("nobody wrote %q", answer[at:])
	}
}

// TestKeepAliveAndPipelining: the bytes that came with one request and belong to the next are the next one's.
func TestKeepAliveAndPipelining(t *testing.T) {
	w := newWorld(t, native.Applications["echo"], nil)
	s := w.control(t)
	first := "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
	answer := w.send(t, first+get)
	receive(t, answer)
	one, two := await(t, s, hub.ExchangeEnded).Exchange, await(t, s, hub.ExchangeEnded).Exchange
	x, _ := w.Exchange(one)
	y, _ := w.Exchange(two)
	if got := string(x.Request.Bytes()); got != first {
		t.Errorf("the first request is %q", got)
	}
	if got := string(y.Request.Bytes()); got != get {
		t.Errorf("the second request is %q", got)
	}
	if y.Connection.Exchange != 2 || y.Number != 2 || y.Target != "/caf%C3%A9?a=1" {
		t.Errorf("%+v %d %q", y.Connection, y.Number, y.Target)
	}
}

func TestControl(t *testing.T) {
	w := newWorld(t, hello(), nil)
	s := w.control(t)
	other, err := w.Attach("other")
	must(t, err)
	defer other.Close()
	var busy *hub.BusyError
	if err := other.TakeControl(); !errors.As(err, &busy) || busy.Holder != "test" || w.Controller() != "test" {
		t.Errorf("%v", err)
	}
	if _, err := other.SetBreakpoints(nil); !errors.Is(err, hub.ErrNoControl) {
		t.Errorf("%v", err)
	}
	// A session that goes away lets go of what it stopped, and takes its breakpoints along.
	_, err = s.SetBreakpoints([]hub.Breakpoint{{Kind: hub.AtStage, Stage: "environ"}})
	must(t, err)
	answer := w.send(t, get)
	await(t, other, hub.ExchangeStopped)
	s.Close()
	receive(t, answer)
	if left := w.Breakpoints(); len(left) > 0 {
		t.Errorf("left over: %+v", left)
	}
	must(t, other.TakeControl())
}

// TestOthersGoOn: a stopped exchange holds no other.
func TestOthersGoOn(t *testing.T) {
	w := newWorld(t, hello(), nil)
	s := w.control(t)
	_, err := s.SetBreakpoints([]hub.Breakpoint{{Kind: hub.AtStage, Stage: "call", Path: "/stop"}})
	must(t, err)
	stopped := w.send(t, strings.Replace(get, "/caf%C3%A9", "/stop", 1))
	id := await(t, s, hub.ExchangeStopped).Exchange
	receive(t, w.send(t, get))
	must(t, s.Continue(id))
	receive(t, stopped)
}

// TestSlowWatcher: who takes no events loses them, learns of it, and makes nobody wait.
func TestSlowWatcher(t *testing.T) {
	w := newWorld(t, hello(), nil)
	s := w.control(t)
	for range 400 { // three events each: what changes again before it is told counts once
		receive(t, w.send(t, get))
	}
	for range cap(s.Events()) { // those that were in time
		if e := <-s.Events(); e.Kind == hub.Resync {
			return // the last exchange was still at its end
		}
	}
	receive(t, w.send(t, get))
	await(t, s, hub.Resync)
}

// TestNobodyLooks: without a session nothing is recorded, and the observer is gone.
func TestNobodyLooks(t *testing.T) {
	w := newWorld(t, hello(), nil)
	receive(t, w.send(t, get))
	s := w.control(t)
	receive(t, w.send(t, get))
	await(t, s, hub.ExchangeEnded)
	s.Close()
	receive(t, w.send(t, get))
	if n := len(w.Exchanges()); n != 1 {
		t.Errorf("%d exchanges were recorded", n)
	}
}

// TestLookAway: what is under way when the last session closes is not mixed up with what comes after.
func TestLookAway(t *testing.T) {
	w := newWorld(t, hello(), nil)
	s := w.control(t)
	_, err := s.SetBreakpoints([]hub.Breakpoint{{Kind: hub.AtStage, Stage: "call"}})
	must(t, err)
	conn, err := net.Dial("tcp", w.address)
	must(t, err)
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	in, one := bufio.NewReader(conn), strings.Replace(get, "Connection: close\r\n", "", 1)
	answer := func() {
		t.Helper()
		response, err := http.ReadResponse(in, nil)
		must(t, err)
		io.Copy(io.Discard, response.Body)
	}
	io.WriteString(conn, one)
	id := await(t, s, hub.ExchangeStopped).Exchange
	s.Close()
	answer()
	io.WriteString(conn, one) // nobody sees this one
	answer()
	again := w.control(t)
	io.WriteString(conn, get)
	x, _ := w.Exchange(id)
	y, _ := w.Exchange(await(t, again, hub.ExchangeEnded).Exchange)
	if y.Number == 2 { // its end may still be seen, after the answer
		y, _ = w.Exchange(await(t, again, hub.ExchangeEnded).Exchange)
	}
	if x.State != hub.Ended || !x.Partial || y.ID == x.ID || y.Number != 3 || string(y.Request.Bytes()) != get {
		t.Errorf("%+v\n%+v", x, y)
	}
}

// TestForgets: what is kept is bounded.
func TestForgets(t *testing.T) {
	w := newWorld(t, hello(), func(_ *server.Config, o *hub.Options) { o.Exchanges, o.Record = 3, true })
	for range 5 {
		receive(t, w.send(t, get))
	}
	w.Close()
	if n := len(w.Exchanges()); n > 4 { // the last may not have ended yet
		t.Errorf("%d exchanges are kept", n)
	}
}

func TestConditionsHitsAndLog(t *testing.T) {
	w := newWorld(t, hello(), nil)
	s := w.control(t)
	set, err := s.SetBreakpoints([]hub.Breakpoint{
		{Kind: hub.AtStage, Stage: "call", Log: "path is {PATH_INFO}"},
		{Kind: hub.AtStage, Stage: "call", Condition: "nonsense"},
		{Kind: hub.AtStage, Stage: "call", Condition: `REQUEST_METHOD == "GET"`, Hits: "2"},
		{Kind: hub.AtLine, File: "server/exchange.go", Line: 1, Hits: "x"},
	})
	must(t, err)
	if set[3].Verified || !strings.Contains(set[3].Message, "hits") {
		t.Errorf("%+v", set[3])
	}
	receive(t, w.send(t, get))
	if e := await(t, s, hub.Output); e.Text != "path is /cafÃ©" {
		t.Errorf("%+v", e)
	}
	if e := await(t, s, hub.Output); !strings.Contains(e.Text, "nonsense") {
		t.Errorf("%+v", e)
	}
	await(t, s, hub.ExchangeEnded)
	answer := w.send(t, get)
	if e := await(t, s, hub.ExchangeStopped); e.Stop.Breakpoint != set[2].ID {
		t.Errorf("%+v", e.Stop)
	}
	must(t, s.ContinueAll())
	receive(t, answer)
}

func TestPast(t *testing.T) {
	w := newWorld(t, hello(), nil)
	s := w.control(t)
	_, err := s.SetBreakpoints([]hub.Breakpoint{{Kind: hub.AtStage, Stage: "environ"}})
	must(t, err)
	answer := w.send(t, get)
	id := await(t, s, hub.ExchangeStopped).Exchange
	step, err := s.Back(id)
	if err != nil || step.Name() != "message-end" {
		t.Errorf("%+v, %v", step, err)
	}
	step, err = s.Forward(id)
	if err != nil || step.Name() != "environ" {
		t.Errorf("%+v, %v", step, err)
	}
	if _, err = s.Forward(id); !errors.Is(err, hub.ErrPast) {
		t.Errorf("%v", err)
	}
	must(t, s.Continue(id))
	receive(t, answer)
}

// TestTimeStandsStill: no deadline of the server counts the time of a stop. Time is synctest's.
func TestTimeStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := server.New(server.Config{
			Application: hello(), Software: "glass", Limits: parser.DefaultLimits,
			ReadTimeout: time.Second, WriteTimeout: time.Second, KeepAlive: time.Second,
			Errors: io.Discard, Log: slog.New(slog.DiscardHandler),
		})
		h := hub.New(hub.Options{})
		h.Watch(s)
		session, err := h.Attach("test")
		must(t, err)
		must(t, session.TakeControl())
		_, err = session.SetBreakpoints([]hub.Breakpoint{{Kind: hub.AtStage, Stage: "request-line"}, {Kind: hub.AtStage, Stage: "message-body"}, {Kind: hub.AtStage, Stage: "send"}})
		must(t, err)
		client, ours := net.Pipe()
		listener := &oneConnection{conn: ours, closed: make(chan struct{})}
		go s.Serve(t.Context(), listener)
		go func() {
			for _, part := range []string{"POST / HTTP/1.1\r\n", "Host: localhost\r\nContent-Length: 4\r\n", "Connection: close\r\n\r\nab", "cd"} {
				io.WriteString(client, part)
			}
		}()
		answer := make(chan string, 1)
		go func() { all, _ := io.ReadAll(client); answer <- string(all) }()
		stops := 0
		for e := range session.Events() {
			if e.Kind == hub.ExchangeEnded {
				break
			}
			if e.Kind == hub.ExchangeStopped {
				stops++
				time.Sleep(time.Hour)
				must(t, session.Continue(e.Exchange))
			}
		}
		if got := <-answer; stops < 4 || !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n") || !strings.HasSuffix(got, "Hello, world\n") {
			t.Errorf("%d stops; the peer got %q", stops, got)
		}
		session.Close()
		listener.Close()
		must(t, s.Shutdown(t.Context()))
	})
}

// oneConnection is a listener that has one connection to give.
type oneConnection struct {
	conn   net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *oneConnection) Accept() (net.Conn, error) {
	if conn := l.conn; conn != nil {
		l.conn = nil
		return conn, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *oneConnection) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *oneConnection) Addr() net.Addr { return &net.UnixAddr{} }

func TestJSON(t *testing.T) {
	w := newWorld(t, hello(), nil)
	s := w.control(t)
	receive(t, w.send(t, get))
	x, _ := w.Exchange(await(t, s, hub.ExchangeEnded).Exchange)
	text, err := json.Marshal(x)
	must(t, err)
	var again hub.Exchange
	must(t, json.Unmarshal(text, &again))
	second, err := json.Marshal(again)
	must(t, err)
	if string(second) != string(text) {
		t.Errorf("got %s\nwant %s", second, text)
	}
}
