package fasthttpd

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
)

// deadline is how long a test waits for what must come.
const deadline = 60 * time.Second

// logged is what a server has logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start serves an application on a free port, with a configuration that change has changed.
func start(t *testing.T, app native.Callable, change func(*server.Config)) (s *Server, address string, log *logged) {
	t.Helper()
	log = &logged{}
	config := server.Config{
		Application: app, Software: "glass/test", Limits: parser.DefaultLimits,
		ReadTimeout: deadline, WriteTimeout: deadline, KeepAlive: deadline, MaxConnections: 100,
		Errors: log, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&config)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s = New(config)
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background(), l) }()
	t.Cleanup(func() {
		l.Close()
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		s.Shutdown(ended)
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return s, l.Addr().String(), log
}

// client is a connection to a server.
type client struct {
	*testing.T
	net.Conn
	r *bufio.Reader
}

func dial(t *testing.T, address string) *client {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(deadline))
	return &client{t, c, bufio.NewReader(c)}
}

func (c *client) send(text string) {
	c.Helper()
	if _, err := io.WriteString(c.Conn, text); err != nil {
		c.Fatal(err)
	}
}

// response reads the head of a response.
func (c *client) response(method string) *http.Response {
	c.Helper()
	r, err := http.ReadResponse(c.r, &http.Request{Method: method})
	if err != nil {
		c.Fatal(err)
	}
	return r
}

// answer reads a whole response.
func (c *client) answer(method string) (*http.Response, string) {
	c.Helper()
	r := c.response(method)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.Fatalf("%v after %q", err, body)
	}
	return r, string(body)
}

// awaitEnd waits until the server has closed the connection.
func (c *client) awaitEnd() {
	c.Helper()
	if rest, err := io.ReadAll(c.r); err != nil || len(rest) > 0 {
		c.Errorf("%q, %v", rest, err)
	}
}

// app is a callable that starts a response and returns an iterable of unknown length, whose close() is counted.
type app struct {
	status  string
	headers []wsgi.Header
	blocks  func(environ *wsgi.Environ) iter.Seq2[[]byte, error]
	calls   atomic.Int32
	closed  chan struct{} // one for each close()
}

func newApp(blocks func(environ *wsgi.Environ) iter.Seq2[[]byte, error], headers ...wsgi.Header) *app {
	return &app{status: "200 OK", headers: headers, blocks: blocks, closed: make(chan struct{}, 100)}
}

func (a *app) call(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	a.calls.Add(1)
	if _, err := startResponse(a.status, a.headers, nil); err != nil {
		return nil, err
	}
	return native.Generator{Blocks: a.blocks(environ), OnClose: func() error { a.closed <- struct{}{}; return nil }}, nil
}

// awaitClose waits for one close(), and holds it to be the only one.
func (a *app) awaitClose(t *testing.T) {
	t.Helper()
	select {
	case <-a.closed:
	case <-time.After(deadline):
		t.Fatal("close() was not called")
	}
	if len(a.closed) > 0 {
		t.Error("close() was called twice")
	}
}

// texts yields blocks of text.
func texts(blocks ...string) func(*wsgi.Environ) iter.Seq2[[]byte, error] {
	return func(*wsgi.Environ) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			for _, block := range blocks {
				if !yield([]byte(block), nil) {
					return
				}
			}
		}
	}
}

// echo yields the body of the request as it comes.
func echo(environ *wsgi.Environ) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		buffer := make([]byte, 64<<10)
		for {
			n, err := environ.Input.Read(buffer)
			if n > 0 && !yield(buffer[:n], nil) {
				return
			}
			switch err {
			case nil:
			case io.EOF:
				return
			default:
				yield(nil, err)
				return
			}
		}
	}
}
