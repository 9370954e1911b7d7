package server_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
)

// deadline is how long a test waits for what must come.
const deadline = time.Minute

// record collects what the server logs.
type record struct {
	mu   sync.Mutex
	text strings.Builder
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// config is what the tests serve with, unless they change it.
func config(app wsgi.Application, log io.Writer) server.Config {
	return server.Config{
		Application: app, Software: "glass",
		Limits:      parser.DefaultLimits,
		ReadTimeout: deadline, WriteTimeout: deadline, KeepAlive: deadline,
		Errors: log, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

// serve runs a server for the time of a test and returns its address. The test fails if a connection outlives it.
func serve(t *testing.T, config server.Config) (*server.Server, string) {
	t.Helper()
	return serving(t, server.New(config))
}

func serving(t *testing.T, s *server.Server) (*server.Server, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		stop, cancel := context.WithTimeout(context.Background(), deadline)
		defer cancel()
		if err := s.Shutdown(stop); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
	return s, listener.Addr().String()
}

// dial opens a connection that cannot hang a test.
func dial(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(deadline))
	t.Cleanup(func() { conn.Close() })
	return conn.(*net.TCPConn)
}

// talk sends raw bytes, ends its side, and returns all that comes back.
func talk(t *testing.T, address, request string) string {
	t.Helper()
	conn := dial(t, address)
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	conn.CloseWrite()
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("after %q: %v", answer, err)
	}
	return string(answer)
}

var dateField = regexp.MustCompile(`Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n`)

// masked hides what changes from run to run: every response must have had a Date.
func masked(response string) string {
	return dateField.ReplaceAllString(response, "Date: *\r\n")
}

// visible shows bytes the way the tables write them: \r\n stays at the end of a line.
func visible(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r", `\r`), "\n", "\\n\n")
}

func equal(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", visible(got), visible(want))
	}
}

// app answers with a status, header fields and the blocks of its body.
func app(status string, headers []wsgi.Header, blocks ...string) native.Callable {
	return func(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
		if _, err := startResponse(status, headers, nil); err != nil {
			return nil, err
		}
		var body native.Blocks
		for _, block := range blocks {
			body = append(body, []byte(block))
		}
		return body, nil
	}
}

// generator answers with blocks of which nobody knows the number.
func generator(status string, headers []wsgi.Header, blocks ...string) native.Callable {
	return func(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
		if _, err := startResponse(status, headers, nil); err != nil {
			return nil, err
		}
		return native.Generator{Blocks: func(yield func([]byte, error) bool) {
			for _, block := range blocks {
				if !yield([]byte(block), nil) {
					return
				}
			}
		}}, nil
	}
}

func header(pairs ...string) (headers []wsgi.Header) {
	for i := 0; i < len(pairs); i += 2 {
		headers = append(headers, wsgi.Header{Name: pairs[i], Value: pairs[i+1]})
	}
	return headers
}

func TestMain(m *testing.M) { os.Exit(m.Run()) }
