package remote

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

// deadline is how long a test waits for what must come.
const deadline = time.Minute

// startBroker runs NATS on a port, 0 for a free one, until it is told to stop.
func startBroker(t *testing.T, o server.Options) (address string, stop func()) {
	t.Helper()
	o.Host, o.NoLog, o.NoSigs = "127.0.0.1", true, true
	if o.Port == 0 {
		o.Port = server.RANDOM_PORT
	}
	s, err := server.NewServer(&o)
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(deadline) {
		t.Fatal("NATS does not start")
	}
	stop = sync.OnceFunc(func() { s.Shutdown(); s.WaitForShutdown() })
	t.Cleanup(stop)
	return s.Addr().String(), stop
}

func parse(t *testing.T, address string) *Broker {
	t.Helper()
	b, err := ParseBroker(address)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// log collects what is logged.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *log) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// eventually waits for what other goroutines bring about.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for begun := time.Now(); !holds(); time.Sleep(time.Millisecond) {
		if time.Since(begun) > deadline {
			t.Fatal("it never happens that " + what)
		}
	}
}

// openFront is a front for the time of a test.
func openFront(t *testing.T, address string) (*Front, *log) {
	t.Helper()
	return openFrontAt(t, "nats://"+address+"/test.app")
}

func openFrontAt(t *testing.T, broker string) (*Front, *log) {
	t.Helper()
	said := &log{}
	f, err := Open(parse(t, broker), said.logger())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Kill)
	return f, said
}

// testNode is a node that serves until it is told to leave.
type testNode struct {
	*Node
	said         *log
	leave, hurry context.CancelFunc
	ended        chan error
}

func startNode(t *testing.T, address, name string, threads int, app native.Callable) *testNode {
	t.Helper()
	return startNodeAt(t, "nats://"+address+"/test.app", name, threads, app)
}

func startNodeAt(t *testing.T, broker, name string, threads int, app native.Callable) *testNode {
	t.Helper()
	n := &testNode{said: &log{}, ended: make(chan error, 1)}
	n.Node = NewNode(parse(t, broker), NodeConfig{
		Application: app, Name: name, Threads: threads, Errors: n.said, Log: n.said.logger()})
	leaving, leave := context.WithCancel(context.Background())
	hurried, hurry := context.WithCancel(context.Background())
	n.leave, n.hurry = leave, hurry
	go func() { n.ended <- n.Serve(leaving, hurried) }()
	t.Cleanup(func() {
		leave()
		hurry()
		n.await(t)
	})
	eventually(t, "the node is connected", func() bool { return n.Unready() == "" })
	return n
}

// await returns when the node has ended.
func (n *testNode) await(t *testing.T) {
	t.Helper()
	select {
	case err := <-n.ended:
		if err != nil {
			t.Error(err)
		}
		n.ended <- nil
	case <-time.After(deadline):
		t.Fatalf("the node does not end\n%s", n.said)
	}
}

// knows waits until a front knows so many nodes.
func knows(t *testing.T, f *Front, nodes int) {
	t.Helper()
	eventually(t, "the front knows its nodes", func() bool { return f.Load().Workers == nodes })
}

// response collects what a front passes on. It implements wsgi.Assembler.
type response struct {
	head  wsgi.Head
	body  bytes.Buffer
	ended bool
	by    string
	err   error
}

func (r *response) SendHead(h wsgi.Head) error { r.head = h; return nil }
func (r *response) SendBody(b []byte) error    { r.body.Write(b); return nil }
func (r *response) SendEnd() error             { r.ended = true; return nil }

func (r *response) Returned(i wsgi.Iterable) {
	if who, ok := i.(wsgi.Answerer); ok {
		r.by = who.By()
	}
}
func (r *response) Called()                              {}
func (r *response) Started(string, []wsgi.Header, error) {}
func (r *response) Yielded([]byte)                       {}
func (r *response) Wrote([]byte)                         {}
func (r *response) Closes()                              {}

// streamed is a body of which nothing has come when the application is called.
type streamed struct{ io.Reader }

func (streamed) Whole() ([]byte, bool) { return nil, false }

type whole struct{ *bytes.Reader }

func (w whole) Whole() ([]byte, bool) {
	b := make([]byte, w.Size())
	w.ReadAt(b, 0)
	return b, true
}

func environ(method, path string, body wsgi.Input) *wsgi.Environ {
	e := &wsgi.Environ{URLScheme: "http", Input: body, Errors: io.Discard}
	e.Set("REQUEST_METHOD", method)
	e.Set("PATH_INFO", path)
	e.Set("HTTP_X", "\xff\x00é")
	return e
}

// converse holds a conversation as a server does.
func converse(app wsgi.Application, e *wsgi.Environ) *response {
	r := &response{}
	out := wsgi.NewResponse(r, r)
	out.Bodiless = e.Value("REQUEST_METHOD") == "HEAD"
	r.err, _ = wsgi.Run(app, e, out)
	return r
}

// plain begins a response.
func plain(start wsgi.StartResponse) (wsgi.Write, error) {
	return start("200 OK", []wsgi.Header{{Name: "Content-Type", Value: "text/plain"}}, nil)
}

// saying is an application that answers with a text.
func saying(text string) native.Callable {
	return func(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		_, err := plain(start)
		return native.Body(text), err
	}
}
