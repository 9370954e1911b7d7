package server_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
	"glasswsgi/server/front"
)

// TestObserverChanges: what an observer makes of the environ is what the application gets, and what it makes of the head
// is what the peer gets.
func TestObserverChanges(t *testing.T) {
	c := config(native.Callable(native.Environ), &record{})
	c.Observer = func(s front.Step) {
		switch s.Name {
		case "environ":
			s.Value.(*wsgi.Environ).Set("PATH_INFO", "/changed")
		case "head":
			head := s.Value.(*wsgi.Head)
			head.Status = "299 Changed"
			head.Headers = append(head.Headers, wsgi.Header{Name: "X-Changed", Value: "too"})
		}
	}
	_, address := serve(t, c)
	answer := talk(t, address, get11)
	for _, part := range []string{"HTTP/1.1 299 Changed\r\n", "X-Changed: too\r\n", `PATH_INFO = "/changed"`} {
		if !strings.Contains(answer, part) {
			t.Errorf("no %q in\n%s", part, answer)
		}
	}
}

// TestSending: each step tells how long bytes were on their way before it, and nothing of what the application took.
func TestSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := native.Callable(func(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
			_, err := start("200 OK", nil, nil)
			return native.Generator{Blocks: func(yield func([]byte, error) bool) {
				if yield([]byte("first"), nil) {
					time.Sleep(10 * time.Second)
					yield([]byte("second"), nil)
					time.Sleep(20 * time.Second)
				}
			}}, err
		})
		var told []string
		c := config(app, io.Discard)
		c.Observer = func(s front.Step) {
			if s.Sending > 0 {
				told = append(told, fmt.Sprint(s.Name, " ", s.Sending))
			}
		}
		s, listener := server.New(c), &pipes{accept: make(chan net.Conn)}
		go s.Serve(t.Context(), listener)
		conn, theirs := net.Pipe()
		listener.accept <- theirs
		io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		for _, late := range []time.Duration{3, 0, 25} { // the first block, the second, the last chunk
			time.Sleep(late * time.Second)
			conn.Read(make([]byte, 4096))
		}
		io.Copy(io.Discard, conn)
		listener.Close()
		shutdown(t, s)
		if got := strings.Join(told, ", "); got != "block 3s, close() 5s" {
			t.Error(got)
		}
	})
}

// TestReceivedBeforeItsTurn: of a pipelined request, bytes that came with the one before are counted: what is received
// later begins behind them.
func TestReceivedBeforeItsTurn(t *testing.T) {
	const half, rest = "GET /second HTTP/1.1\r\nHo", "st: x\r\nConnection: close\r\n\r\n"
	var told []string
	c := config(unread, io.Discard)
	c.Observer = func(s front.Step) {
		if s.Name == "receive" {
			told = append(told, s.Wire.String())
		}
	}
	s, address := serve(t, c)
	conn := dial(t, address)
	io.WriteString(conn, get11+half)
	conn.Read(make([]byte, 1024)) // the first answer: the server has read both
	io.WriteString(conn, rest)
	io.Copy(io.Discard, conn)
	shutdown(t, s)
	if want := fmt.Sprintf("0-%d %d-%d", len(get11+half), len(half), len(half+rest)); strings.Join(told, " ") != want {
		t.Errorf("received %q, want %s", told, want)
	}
}

// TestGaveWayBeforeTheCall: a connection that gave way while an observer looked at its environ has no client any more, and
// the application is not called.
func TestGaveWayBeforeTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := config(native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
			if environ.Value("PATH_INFO") == "/slow" {
				t.Error("the application was called")
			}
			return unread(environ, start)
		}), io.Discard)
		c.MaxConnections = 1
		c.Observer = func(s front.Step) {
			if environ, ok := s.Value.(*wsgi.Environ); ok && environ.Value("PATH_INFO") == "/slow" {
				time.Sleep(time.Minute)
			}
		}
		s, listener := server.New(c), &pipes{accept: make(chan net.Conn)}
		go s.Serve(t.Context(), listener)
		connect := func(request string) net.Conn {
			ours, theirs := net.Pipe()
			listener.accept <- theirs
			io.WriteString(ours, request)
			return ours
		}
		slow := connect("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
		time.Sleep(time.Second)
		if got := responsesOf(t, all(connect(get10))); len(got) != 1 {
			t.Errorf("the new one got %q", got)
		}
		if got := all(slow); got != "" {
			t.Errorf("the one that gave way got %q", got)
		}
		listener.Close()
		shutdown(t, s)
	})
}
