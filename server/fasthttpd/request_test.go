package fasthttpd

import (
	"errors"
	"io"
	"iter"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
	"glasswsgi/server/front"
)

// TestRefused: limits that fasthttp does not know, and requests that no application is meant to see.
func TestRefused(t *testing.T) {
	field := func(n int) string { return "X: " + strings.Repeat("x", n) + "\r\n" }
	for name, row := range map[string]struct {
		request string
		status  int
	}{
		"request-line":     {"GET /" + strings.Repeat("x", 200) + " HTTP/1.1\r\nHost: h\r\n\r\n", 414},
		"number of fields": {"GET / HTTP/1.1\r\nHost: h\r\n" + strings.Repeat("X: y\r\n", 10) + "\r\n", 431},
		"size of a field":  {"GET / HTTP/1.1\r\nHost: h\r\n" + field(200) + "\r\n", 431},
		"head":             {"GET / HTTP/1.1\r\nHost: h\r\n" + field(headBuffer) + "\r\n", 431},
		"length":           {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n" + strings.Repeat("x", 101), 413},
		"chunks":           {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + strings.Repeat("x", 0x65) + "\r\n0\r\n\r\n", 413},
		"two lengths":      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
		"coding":           {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
		"method":           {"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n", 405},
		"syntax":           {"GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", 400},
		"https":            {"GET https://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 421},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(echo)
			_, address, log := start(t, a.call, func(c *server.Config) {
				c.Limits.RequestLine, c.Limits.Fields, c.Limits.FieldSize, c.Limits.Body = 100, 10, 100, 100
			})
			c := dial(t, address)
			c.send(row.request)
			r, body := c.answer("POST")
			if r.StatusCode != row.status || !r.Close || r.Header.Get("Date") == "" {
				t.Errorf("%v %q", r, body)
			}
			c.awaitEnd()
			if called := a.calls.Load(); called != 0 && name != "chunks" { // how long those are shows in the application
				t.Error("the application was called")
			}
			if text := log.String(); !strings.Contains(text, "refused a request") && name != "chunks" {
				t.Errorf("log: %s", text)
			}
		})
	}
}

// TestFailures: whose fault it is decides the status; only --debug tells the peer what happened.
func TestFailures(t *testing.T) {
	failures := map[string]error{
		"500": &wsgi.ApplicationError{Exception: "ValueError: secret", Traceback: "Traceback: secret\n"},
		"503": unavailable{},
	}
	for status, failure := range failures {
		for _, debug := range []bool{false, true} {
			_, address, log := start(t, func(*wsgi.Environ, wsgi.StartResponse) (wsgi.Iterable, error) { return nil, failure },
				func(c *server.Config) { c.Debug = debug })
			c := dial(t, address)
			for range 2 { // the connection goes on
				c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
				r, body := c.answer("GET")
				if !strings.HasPrefix(r.Status, status) || strings.Contains(body, "secret") != debug || r.Close {
					t.Errorf("debug %v: %v %q", debug, r.Status, body)
				}
			}
			if text := log.String(); strings.Count(text, "level=ERROR") != 2 {
				t.Errorf("log: %s", text)
			}
		}
	}
}

// unavailable is a failure of a runtime.
type unavailable struct{}

func (unavailable) Error() string   { return "no worker: secret" }
func (unavailable) StatusCode() int { return 503 }

// mistaken is a runtime with a mistake in it, in the call and in the iterable.
type mistaken struct{}

func (mistaken) Call(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	switch environ.Value("PATH_INFO") {
	case "/call":
		panic("in the call")
	case "/late":
		startResponse("200 OK", nil, nil)
		return native.Generator{Blocks: func(yield func([]byte, error) bool) {
			yield([]byte("first"), nil)
			panic("in the iterable")
		}}, nil
	}
	return heads(environ, startResponse)
}

// TestMistake: a bug in glass costs a connection, and not the server.
func TestMistake(t *testing.T) {
	_, address, log := start(t, nil, func(c *server.Config) { c.Application = mistaken{} })
	for _, path := range []string{"/call", "/late", "/call", "/late"} {
		c := dial(t, address)
		c.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n")
		if text, _ := io.ReadAll(c.Conn); strings.Contains(string(text), "\r\n0\r\n") || path == "/call" && len(text) > 0 {
			t.Errorf("%s: %q", path, text)
		}
		c = dial(t, address)
		c.send("GET /one HTTP/1.1\r\nHost: h\r\n\r\n")
		if _, body := c.answer("GET"); body != "12345" {
			t.Errorf("after %s: %q", path, body)
		}
	}
	c := dial(t, address)
	c.send("GET /late HTTP/1.0\r\n\r\n")
	if text, err := io.ReadAll(c.Conn); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("HTTP/1.0: %q seems whole: %v", text, err)
	}
	if told := strings.Count(log.String(), "a bug in glass"); told != 5 {
		t.Errorf("%d of 5 in the log: %s", told, log)
	}
}

// TestUnreadBody: a body that the application leaves unread is never taken for a request.
func TestUnreadBody(t *testing.T) {
	smuggled := "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"
	for name, request := range map[string]string{
		"small":   "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 35\r\n\r\n" + smuggled,
		"large":   "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + (strings.Repeat(smuggled, 3000))[:100000],
		"largest": "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 400000\r\n\r\n" + (strings.Repeat(smuggled, 12000))[:400000],
		"chunks":  "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n23\r\n" + smuggled + "\r\n0\r\n\r\n",
	} {
		for _, path := range []string{"/one", "/many", "/none", "/same"} {
			t.Run(name+path, func(t *testing.T) {
				var paths []string
				var mu sync.Mutex // the detector does not see that writev comes before the client's read
				_, address, _ := start(t, func(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
					mu.Lock()
					defer mu.Unlock()
					paths = append(paths, environ.Value("PATH_INFO"))
					return heads(environ, startResponse)
				}, nil)
				c := dial(t, address)
				go io.WriteString(c.Conn, strings.Replace(request, "POST /", "POST "+path, 1)+"GET /next HTTP/1.1\r\nHost: h\r\n\r\n")
				want := path
				if r, _ := c.answer("POST"); !r.Close {
					c.answer("GET")
					want += " /next"
				}
				c.Conn.Close()
				mu.Lock()
				defer mu.Unlock()
				if got := strings.Join(paths, " "); got != want {
					t.Errorf("called for %s", got)
				}
			})
		}
	}
}

// TestIncompleteBody: the application never takes a part for the whole, and a small one is refused without a call.
func TestIncompleteBody(t *testing.T) {
	for name, row := range map[string]struct {
		request string
		called  int32
		stream  bool
	}{
		"small":         {"Content-Length: 10\r\n\r\nhalf", 0, false},
		"large":         {"Content-Length: 100000\r\n\r\n" + strings.Repeat("x", 50000), 1, false},
		"chunks":        {"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", 0, false},
		"in a chunk":    {"Transfer-Encoding: chunked\r\n\r\n8\r\nhalf", 0, false},
		"no empty line": {"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n", 0, false},

		"streamed chunks":         {"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", 1, true},
		"in a streamed chunk":     {"Transfer-Encoding: chunked\r\n\r\n8\r\nhalf", 1, true},
		"streamed, no empty line": {"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n", 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			var readError error
			var mu sync.Mutex
			a := newApp(func(environ *wsgi.Environ) iter.Seq2[[]byte, error] {
				return func(yield func([]byte, error) bool) {
					_, err := io.Copy(io.Discard, environ.Input)
					mu.Lock()
					readError = err
					mu.Unlock()
					yield([]byte("whole"), nil)
				}
			})
			_, address, _ := start(t, a.call, func(c *server.Config) { c.StreamChunked = row.stream })
			c := dial(t, address)
			c.send("POST / HTTP/1.1\r\nHost: h\r\n" + row.request)
			c.Conn.(*net.TCPConn).CloseWrite()
			if r, body := c.answer("POST"); r.StatusCode != 400 || !r.Close {
				t.Errorf("%v %q", r.Status, body)
			}
			mu.Lock()
			defer mu.Unlock()
			if a.calls.Load() != row.called || (row.called > 0) == (readError == nil) {
				t.Errorf("called %d times, %v", a.calls.Load(), readError)
			}
		})
	}
}

// TestTimeouts: a peer that says half is told so, and one that says nothing is not.
func TestTimeouts(t *testing.T) {
	for name, row := range map[string]struct{ request, status string }{
		"silent": {"", ""},
		"head":   {"GET / HTTP/1.1\r\nHo", "408"},
		"body":   {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf", "408"},
		"chunks": {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", "408"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(echo)
			_, address, _ := start(t, a.call, func(c *server.Config) { c.ReadTimeout = 50 * time.Millisecond })
			c := dial(t, address)
			c.send(row.request)
			if row.status != "" {
				if r, body := c.answer("POST"); !strings.HasPrefix(r.Status, row.status) {
					t.Errorf("%v %q", r.Status, body)
				}
			}
			c.awaitEnd()
		})
	}
}

// TestKeepAlive: none when it is negative, and an idle connection ends after it.
func TestKeepAlive(t *testing.T) {
	for _, wait := range []time.Duration{-1, 50 * time.Millisecond} {
		_, address, _ := start(t, native.Hello, func(c *server.Config) { c.KeepAlive = wait })
		c := dial(t, address)
		c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		if r, _ := c.answer("GET"); r.Close != (wait < 0) {
			t.Errorf("%v: %v", wait, r)
		}
		c.awaitEnd()
	}
}

// TestAccess: an entry for each answer, with what the application said.
func TestAccess(t *testing.T) {
	entries := make(chan *front.AccessEntry, 3)
	_, address, _ := start(t, heads, func(c *server.Config) {
		c.Access = func(e *front.AccessEntry) { e.RequestLine += " " + e.Field("user-AGENT"); entries <- e }
	})
	for request, want := range map[string]front.AccessEntry{
		"GET /one HTTP/1.1":   {RequestLine: "GET /one HTTP/1.1 me", Status: 200, BodyBytes: 5},
		"GET /many HTTP/1.1":  {RequestLine: "GET /many HTTP/1.1 me", Status: 200, BodyBytes: 7},
		"HEAD /one HTTP/1.1":  {RequestLine: "HEAD /one HTTP/1.1 me", Status: 200},
		"CONNECT h: HTTP/1.1": {RequestLine: "CONNECT h: HTTP/1.1 me", Status: 405, BodyBytes: -1},
		"no request":          {RequestLine: "- ", Status: 400, BodyBytes: -1},
	} {
		c := dial(t, address)
		c.send(request + "\r\nHost: h\r\nUser-Agent: me\r\n\r\n")
		method, _, _ := strings.Cut(request, " ")
		c.answer(method)
		got := <-entries
		if want.BodyBytes < 0 {
			want.BodyBytes = got.BodyBytes
		}
		if got.RequestLine != want.RequestLine || got.Status != want.Status || got.BodyBytes != want.BodyBytes || got.RemoteAddr != "127.0.0.1" {
			t.Errorf("%s: %+v", request, got)
		}
	}
}

// TestConnectionLimit: beyond it, fasthttp says so.
func TestConnectionLimit(t *testing.T) {
	_, address, _ := start(t, native.Hello, func(c *server.Config) { c.MaxConnections = 1 })
	first := dial(t, address)
	first.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	first.answer("GET")
	if r, _ := dial(t, address).answer("GET"); r.StatusCode != 503 {
		t.Error(r.Status)
	}
}

// TestUnixSocket: a peer without an address.
func TestUnixSocket(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "socket"))
	if err != nil {
		t.Skip(err)
	}
	s, _, _ := start(t, func(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
		_, err := startResponse("200 OK", nil, nil)
		return native.Body(environ.Value("SERVER_NAME") + environ.Value("REMOTE_ADDR")), err
	}, nil)
	go s.Serve(t.Context(), l)
	conn, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := client{T: t, Conn: conn}
	c.send("GET / HTTP/1.0\r\n\r\n")
	if text, err := io.ReadAll(conn); err != nil || !strings.HasSuffix(string(text), "\r\n\r\nlocalhost") {
		t.Errorf("%q, %v", text, err)
	}
}

// TestAccept: errors that may pass do not end the server.
func TestAccept(t *testing.T) {
	s := New(server.Config{Log: slog.New(slog.DiscardHandler)})
	flaky := &flakyListener{errs: []error{errors.New("too many open files"), net.ErrClosed}}
	if err := s.Serve(t.Context(), flaky); err != nil || len(flaky.errs) > 0 {
		t.Errorf("%v; %v are left", err, flaky.errs)
	}
}

type flakyListener struct {
	net.Listener
	errs []error
}

func (l *flakyListener) Accept() (net.Conn, error) {
	err := l.errs[0]
	l.errs = l.errs[1:]
	return nil, err
}
func (l *flakyListener) Close() error { return nil }
