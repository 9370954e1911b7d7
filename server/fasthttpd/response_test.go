package fasthttpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
)

// TestBlocksAreNotDelayed: the application goes on only after the peer has got the block before.
func TestBlocksAreNotDelayed(t *testing.T) {
	for name, headers := range map[string][]wsgi.Header{
		"HTTP/1.1": nil, "HTTP/1.0": nil, "HTTP/1.1 length": {{Name: "Content-Length", Value: "10"}},
	} {
		t.Run(name, func(t *testing.T) {
			seen := make(chan struct{})
			a := newApp(func(*wsgi.Environ) iter.Seq2[[]byte, error] {
				return func(yield func([]byte, error) bool) {
					for _, block := range []string{"first", "after"} {
						if !yield([]byte(block), nil) {
							return
						}
						<-seen
					}
				}
			}, headers...)
			_, address, _ := start(t, a.call, nil)
			c := dial(t, address)
			c.send("GET / " + strings.TrimSuffix(name, " length") + "\r\nHost: h\r\n\r\n")
			r := c.response("GET")
			for _, want := range []string{"first", "after"} {
				block := make([]byte, 5)
				if _, err := io.ReadFull(r.Body, block); err != nil || string(block) != want {
					t.Fatalf("%q, %v", block, err)
				}
				seen <- struct{}{}
			}
			if rest, err := io.ReadAll(r.Body); err != nil || len(rest) > 0 {
				t.Errorf("%q, %v", rest, err)
			}
			a.awaitClose(t)
		})
	}
}

// TestWriteIsNotDelayed: what the callable writes before it returns is sent before it goes on.
func TestWriteIsNotDelayed(t *testing.T) {
	seen := make(chan struct{})
	_, address, _ := start(t, func(_ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
		write, err := startResponse("200 OK", nil, nil)
		if err != nil {
			return nil, err
		}
		if err := write([]byte("written")); err != nil {
			return nil, err
		}
		<-seen
		return native.Blocks{[]byte(", returned")}, nil
	}, nil)
	c := dial(t, address)
	c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	r := c.response("GET")
	block := make([]byte, len("written"))
	io.ReadFull(r.Body, block)
	close(seen)
	rest, err := io.ReadAll(r.Body)
	if text := string(block) + string(rest); text != "written, returned" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}

// TestBrokenOff: the peer can see that a response is cut off, whatever tells its end.
func TestBrokenOff(t *testing.T) {
	for name, headers := range map[string][]wsgi.Header{
		"HTTP/1.1": nil, "HTTP/1.0": nil, "HTTP/1.1 length": {{Name: "Content-Length", Value: "10"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(func(*wsgi.Environ) iter.Seq2[[]byte, error] {
				return func(yield func([]byte, error) bool) {
					if yield([]byte("first"), nil) {
						yield(nil, &wsgi.ApplicationError{Exception: "ValueError: late", Traceback: "Traceback: late\n"})
					}
				}
			}, headers...)
			_, address, log := start(t, a.call, nil)
			c := dial(t, address)
			c.send("GET / " + strings.TrimSuffix(name, " length") + "\r\nHost: h\r\n\r\n")
			r := c.response("GET")
			body, err := io.ReadAll(r.Body)
			visible := errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
			if !visible || !strings.HasPrefix("first", string(body)) { // a reset may overtake what was sent
				t.Errorf("%q, %v", body, err)
			}
			a.awaitClose(t)
			if text := log.String(); !strings.Contains(text, "ValueError: late") || strings.Count(text, "Traceback: late") != 1 {
				t.Errorf("log: %s", text)
			}
		})
	}
}

// TestPeerGone: an endless response ends when nobody takes it.
func TestPeerGone(t *testing.T) {
	endless := func(*wsgi.Environ) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			for block := make([]byte, 32<<10); yield(block, nil); {
			}
		}
	}
	t.Run("closed", func(t *testing.T) {
		a := newApp(endless)
		_, address, _ := start(t, a.call, nil)
		c := dial(t, address)
		c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		c.response("GET")
		c.Conn.Close()
		a.awaitClose(t)
	})
	t.Run("never reads", func(t *testing.T) {
		a := newApp(endless)
		_, address, _ := start(t, a.call, func(c *server.Config) { c.WriteTimeout = 50 * time.Millisecond })
		dial(t, address).send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		a.awaitClose(t)
	})
}

// TestApplicationTakesItsTime: only the peer's time counts against --write-timeout.
func TestApplicationTakesItsTime(t *testing.T) {
	const timeout = time.Second
	a := newApp(func(*wsgi.Environ) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			if yield([]byte("first"), nil) {
				<-time.After(timeout + timeout/2)
				yield([]byte("after"), nil)
			}
		}
	})
	_, address, _ := start(t, a.call, func(c *server.Config) { c.WriteTimeout = timeout })
	c := dial(t, address)
	c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	if _, body := c.answer("GET"); body != "firstafter" {
		t.Errorf("%q", body)
	}
}

// TestHead: who has no body, and how long it would have been.
func TestHead(t *testing.T) {
	for request, want := range map[string]struct {
		status, length string
		chunked        bool
		keep           bool
	}{
		"HEAD /one HTTP/1.1":    {"200 OK", "5", false, true},
		"HEAD /many HTTP/1.1":   {"200 OK", "", false, true},
		"GET /one HTTP/1.1":     {"200 OK", "5", false, true},
		"GET /many HTTP/1.1":    {"200 OK", "", true, true},
		"GET /many HTTP/1.0":    {"200 OK", "", false, false},
		"GET /none HTTP/1.1":    {"204 No Content", "", false, true},
		"GET /reset HTTP/1.1":   {"205 Reset Content", "0", false, true},
		"GET /same HTTP/1.1":    {"304 Not Modified", "5", false, true},
		"GET /strange HTTP/1.1": {"299 So what", "5", false, true},
	} {
		t.Run(request, func(t *testing.T) {
			_, address, _ := start(t, heads, nil)
			c := dial(t, address)
			c.send(request + "\r\nHost: h\r\n\r\n")
			method, _, _ := strings.Cut(request, " ")
			r, _ := c.answer(method)
			chunked := len(r.TransferEncoding) > 0
			if r.Status != want.status || r.Header.Get("Content-Length") != want.length || chunked != want.chunked || r.Close == want.keep {
				t.Errorf("%+v", r)
			}
			if r.Header.Get("Date") == "" || r.Header.Get("Server") != "glass/test" || r.Header.Get("X_lower") != "1" {
				t.Errorf("%v", r.Header)
			}
			if want.keep {
				c.send("GET /one HTTP/1.1\r\nHost: h\r\n\r\n")
				if _, body := c.answer("GET"); body != "12345" {
					t.Errorf("the next response is %q", body)
				}
			}
		})
	}
}

// heads answers with the status and the iterable that the path asks for.
func heads(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	status := map[string]string{"/none": "204 No Content", "/reset": "205 Reset Content", "/same": "304 Not Modified", "/strange": "299 So what"}
	headers := []wsgi.Header{{Name: "X_lower", Value: "1"}}
	path := environ.Value("PATH_INFO")
	if path == "/same" {
		headers = append(headers, wsgi.Header{Name: "Content-Length", Value: "5"})
	}
	line := status[path]
	if line == "" {
		line = "200 OK"
	}
	if _, err := startResponse(line, headers, nil); err != nil {
		return nil, err
	}
	if path == "/many" {
		return native.Generator{Blocks: texts("12345", "67")(environ)}, nil
	}
	return native.Body("12345"), nil
}

// TestOwnDate: the application's Date stays, and is the only one.
func TestOwnDate(t *testing.T) {
	const date = "Sun, 06 Nov 1994 08:49:37 GMT"
	a := newApp(texts("x"), wsgi.Header{Name: "date", Value: date}, wsgi.Header{Name: "Set-Cookie", Value: "a=1"}, wsgi.Header{Name: "Set-Cookie", Value: "b=2"})
	_, address, _ := start(t, a.call, nil)
	c := dial(t, address)
	c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	r, _ := c.answer("GET")
	if got := r.Header["Date"]; len(got) != 1 || got[0] != date || len(r.Header["Set-Cookie"]) != 2 {
		t.Errorf("%v", r.Header)
	}
}

// TestMemory: bodies pass through in both directions without being kept.
func TestMemory(t *testing.T) {
	const size = 64 << 20
	a := newApp(echo)
	_, address, _ := start(t, a.call, nil)
	c := dial(t, address)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	go func() {
		fmt.Fprintf(c.Conn, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n", size)
		for block, sent := make([]byte, 64<<10), 0; sent < size; sent += len(block) {
			if _, err := c.Conn.Write(block); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	n, err := io.Copy(io.Discard, c.response("POST").Body)
	runtime.ReadMemStats(&after)
	if n != size || err != nil {
		t.Fatalf("%d of %d bytes, %v", n, size, err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > size/8 {
		t.Errorf("%d bytes of memory for a body of %d", took, size)
	}
}

// TestShutdown: what has begun ends, what has not is closed.
func TestShutdown(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	a := newApp(func(*wsgi.Environ) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			close(begun)
			<-finish
			yield([]byte("whole"), nil)
		}
	})
	s, address, _ := start(t, a.call, nil)
	silent, busy := dial(t, address), dial(t, address)
	busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	<-begun
	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(context.Background()) }()
	silent.awaitEnd()
	close(finish)
	if r, body := busy.answer("GET"); body != "whole" || !r.Close {
		t.Errorf("%q, %v", body, r)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestLastCall: a request that comes over a kept connection while the server stops is answered, and is the last.
func TestLastCall(t *testing.T) {
	a := newApp(func(*wsgi.Environ) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) { yield([]byte("whole"), nil) }
	})
	s, address, _ := start(t, a.call, nil)
	var kept []*client
	for range 8 {
		c := dial(t, address)
		c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		c.answer("GET")
		kept = append(kept, c)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(context.Background()) }()
	for !s.stopping.Load() {
		runtime.Gosched()
	}
	for _, c := range kept {
		c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		if r, body := c.answer("GET"); body != "whole" || !r.Close {
			t.Errorf("%q, %v", body, r)
		}
		c.awaitEnd()
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestShutdownAtOnce: a context that ends ends what is left.
func TestShutdownAtOnce(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(finish) })
	a := newApp(func(*wsgi.Environ) iter.Seq2[[]byte, error] {
		return func(func([]byte, error) bool) {
			close(begun)
			<-finish
		}
	})
	s, address, _ := start(t, a.call, nil)
	c := dial(t, address)
	c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	<-begun
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	c.awaitEnd()
}

// lazyBody is a file that nobody may read.
type lazyBody struct {
	t      *testing.T
	taken  bool
	closed chan struct{}
}

func (b *lazyBody) File() io.Reader { b.taken = true; return strings.NewReader("") }
func (b *lazyBody) Size() int64     { return 1 << 30 }
func (b *lazyBody) Close() error    { close(b.closed); return nil }

func (b *lazyBody) Chunks() iter.Seq2[[]byte, error] {
	return func(func([]byte, error) bool) {
		if !b.taken {
			b.t.Error("the file is read")
		}
	}
}

// lazyApp answers with it.
type lazyApp struct {
	status string
	body   *lazyBody
}

func (a lazyApp) Call(_ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	_, err := startResponse(a.status, nil, nil)
	return a.body, err
}

// TestFileIsNotReadForNothing: HEAD, 204 and 304 get nothing of a file, so nobody reads it.
func TestFileIsNotReadForNothing(t *testing.T) {
	for _, row := range []struct{ method, status, length string }{
		{"HEAD", "200 OK", "1073741824"}, {"GET", "204 No Content", ""}, {"GET", "304 Not Modified", ""},
	} {
		t.Run(row.method+" "+row.status, func(t *testing.T) {
			body := &lazyBody{t: t, closed: make(chan struct{})}
			_, address, _ := start(t, nil, func(c *server.Config) { c.Application = lazyApp{row.status, body} })
			c := dial(t, address)
			c.send(row.method + " / HTTP/1.1\r\nHost: h\r\n\r\n")
			if r, _ := c.answer(row.method); r.Status != row.status || r.Header.Get("Content-Length") != row.length {
				t.Errorf("%+v", r)
			}
			<-body.closed
		})
	}
}
