package gateway_test

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway"
)

var plain = []wsgi.Header{{Name: "Content-Type", Value: "text/plain"}}

func withLength(n string) []wsgi.Header {
	return append(plain[:1:1], wsgi.Header{Name: "Content-Length", Value: n})
}

// TestResponses: the head and the body of each kind.
func TestResponses(t *testing.T) {
	long := strings.Repeat("x", 100000)
	rows := []struct {
		name, method string
		app          wsgi.Application
		status       string
		length       string // Content-Length, "-" none
		body         string
	}{
		{"a body of known size", "GET", app("200 OK", plain, "hello"), "200 OK", "5", "hello"},
		{"blocks", "GET", app("200 OK", plain, "hel", "", "lo"), "200 OK", "5", "hello"},
		{"a length of its own", "GET", app("200 OK", withLength("5"), "hello"), "200 OK", "5", "hello"},
		{"a reason of its own", "GET", app("299 Fine, thanks", plain, "hello"), "299 Fine, thanks", "5", "hello"},
		{"no reason", "GET", app("299 ", plain, "hello"), "299 ", "5", "hello"},
		{"no body", "GET", app("200 OK", plain), "200 OK", "0", ""},
		{"more than a frame", "GET", app("200 OK", plain, long), "200 OK", "100000", long},
		{"HEAD", "HEAD", app("200 OK", plain, "hello"), "200 OK", "5", ""},
		{"204", "GET", app("204 No Content", nil), "204 No Content", "-", ""},
		{"204 with a body", "GET", app("204 No Content", nil, "hello"), "204 No Content", "-", ""},
		{"304", "GET", app("304 Not Modified", []wsgi.Header{{Name: "ETag", Value: `"a"`}}), "304 Not Modified", "-", ""},
		{"304 with a body", "GET", app("304 Not Modified", nil, "hello"), "304 Not Modified", "-", ""},
		{"205 with a length", "GET", app("205 Reset Content", withLength("0")), "205 Reset Content", "0", ""},
		{"205", "GET", app("205 Reset Content", nil), "205 Reset Content", "0", ""},
		{"a body of unknown size", "GET", generator("hel", "lo"), "200 OK", "-", "hello"},
	}
	each(t, func(t *testing.T, c client) {
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				inBubble(t, c, row.app, func(t *testing.T, connect func() net.Conn, _ *log) {
					got := ask(t, c, connect, request{method: row.method, uri: "/"})
					length := "-"
					if l, ok := got.header["Content-Length"]; ok {
						length = strings.Join(l, "|")
					}
					whole := got.whole || row.method == "HEAD" && !c.kept // whose length is that of what is left out
					if got.status != row.status || got.body != row.body || length != row.length || !whole {
						t.Errorf("got %.200v, Content-Length %s", got, length)
					}
					if got.header.Get("Date")+got.header.Get("Server")+got.header.Get("Connection")+got.header.Get("Transfer-Encoding") != "" {
						t.Errorf("fields that are the web server's: %v", got.header)
					}
				})
			})
		}
	})
}

// generator is an application whose body has no size.
func generator(blocks ...string) wsgi.Application {
	return native.Callable(func(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		_, err := start("200 OK", plain, nil)
		return native.Generator{Blocks: func(yield func([]byte, error) bool) {
			for _, b := range blocks {
				if !yield([]byte(b), nil) {
					return
				}
			}
		}}, err
	})
}

// TestSlowReader: a web server that takes a response a few bytes at a time holds a thread for a while, and not for days;
// what it has taken before counts.
func TestSlowReader(t *testing.T) {
	const many = 1 << 20
	each(t, func(t *testing.T, c client) {
		for _, fast := range []int{0, many} {
			closed := time.Time{}
			endless := native.Callable(func(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
				_, err := start("200 OK", plain, nil)
				return native.Generator{Blocks: func(yield func([]byte, error) bool) {
					for yield([]byte("0123456789"), nil) {
					}
				}, OnClose: func() error { closed = time.Now(); return nil }}, err
			})
			inBubble(t, c, endless, func(t *testing.T, connect func() net.Conn, _ *log) {
				conn := connect()
				defer conn.Close()
				begun := time.Now()
				go io.WriteString(conn, c.request(request{method: "GET", uri: "/"}))
				_, err := io.CopyN(io.Discard, conn, int64(fast))
				for err == nil {
					time.Sleep(10 * time.Second) // less than the time-out for a block
					_, err = io.CopyN(io.Discard, conn, 10)
				}
				synctest.Wait()
				least, most := writeTime, 5*time.Minute
				if fast > 0 {
					least, most = 30*time.Minute, time.Hour
				}
				if took := closed.Sub(begun); took < least || took > most {
					t.Errorf("after %d bytes: close() after %v", fast, took)
				}
			})
		}
	})
}

// TestFieldsStayAsTheyAre: in their order, and more than once.
func TestFieldsStayAsTheyAre(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		headers := []wsgi.Header{{Name: "Set-Cookie", Value: "a=1"}, {Name: "X-A", Value: "\xe9 b"}, {Name: "set-cookie", Value: "b=2"}}
		inBubble(t, c, app("200 OK", headers, "x"), func(t *testing.T, connect func() net.Conn, _ *log) {
			got := ask(t, c, connect, request{method: "GET", uri: "/"})
			if fmt.Sprint(got.header["Set-Cookie"]) != "[a=1 b=2]" || got.header.Get("X-A") != "\xe9 b" {
				t.Errorf("got %v", got.header)
			}
		})
	})
}

// TestEachBlockLeaves before the next one is asked for, and with the head before it.
func TestEachBlockLeaves(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		next := make(chan string)
		stream := streamOf(&next)
		inBubbleWith(t, c, stream, func(t *testing.T, connect func() net.Conn, _ *log) {
			conn, got := connect(), &log{}
			defer conn.Close()
			go io.Copy(got, conn)
			io.WriteString(conn, c.request(request{method: "GET", uri: "/"}))
			body := ""
			for _, b := range []string{"one", "two", "three"} {
				synctest.Wait()
				if a := c.answer(got.String()); body != "" && a.body != body || body == "" && got.String() != "" {
					t.Errorf("before %s: %v", b, a)
				}
				next <- b
				body += b
			}
			synctest.Wait()
			if a := c.answer(got.String()); a.body != body || c.kept && a.whole {
				t.Errorf("before the end: %v", a)
			}
			close(next)
			synctest.Wait()
			if a := c.answer(got.String()); a.body != body || !a.whole {
				t.Errorf("at the end: %v", a)
			}
		}, func() { next = make(chan string) })
	})
}

// streamOf is an application whose blocks come from a channel, which is made later.
func streamOf(next *chan string) wsgi.Application {
	return native.Callable(func(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		_, err := start("200 OK", plain, nil)
		return native.Generator{Blocks: func(yield func([]byte, error) bool) {
			for b := range *next {
				if !yield([]byte(b), nil) {
					return
				}
			}
		}}, err
	})
}

// inBubbleWith is inBubble with a preparation inside.
func inBubbleWith(t *testing.T, c client, app wsgi.Application, test func(t *testing.T, connect func() net.Conn, said *log), prepare func()) {
	t.Helper()
	inBubble(t, c, app, func(t *testing.T, connect func() net.Conn, said *log) {
		prepare()
		test(t, connect, said)
	})
}

// raising raises after some blocks, and notes whether close() was called.
func raising(closed *int, headers []wsgi.Header, blocks ...string) wsgi.Application {
	return native.Callable(func(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		_, err := start("200 OK", headers, nil)
		return native.Generator{
			Blocks: func(yield func([]byte, error) bool) {
				for _, b := range blocks {
					if !yield([]byte(b), nil) {
						return
					}
				}
				panic("mine")
			},
			OnClose: func() error { *closed++; return nil },
		}, err
	})
}

// TestFailures: before the first block the application's failure is a response; after it, the response must not look
// whole; and what was promised and sent is whole.
func TestFailures(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		for _, row := range []struct {
			name    string
			headers []wsgi.Header
			blocks  []string
			status  string
			body    string
			whole   bool
		}{
			{"before the first block", plain, nil, "500 Internal Server Error", "500 Internal Server Error\n", true},
			{"after the first block", withLength("10"), []string{"hello"}, "200 OK", "hello", false},
			{"after all that was promised", withLength("5"), []string{"hello"}, "200 OK", "hello", true},
		} {
			closed := 0
			inBubble(t, c, raising(&closed, row.headers, row.blocks...), func(t *testing.T, connect func() net.Conn, said *log) {
				got := ask(t, c, connect, request{method: "GET", uri: "/"})
				if got.status != row.status || got.body != row.body || got.whole != row.whole || closed != 1 {
					t.Errorf("%s: %v, closed %d times", row.name, got, closed)
				}
				if !strings.Contains(said.String(), "raised mine") {
					t.Errorf("%s: the log says %s", row.name, said)
				}
				conn := connect()
				defer conn.Close()
				go io.WriteString(conn, c.request(request{method: "GET", uri: "/"}))
				ended := make(chan struct{})
				go func() { io.Copy(io.Discard, conn); close(ended) }()
				synctest.Wait()
				select {
				case <-ended:
					if c.kept && row.whole {
						t.Errorf("%s: the connection has ended", row.name)
					}
				default:
					if !c.kept || !row.whole {
						t.Errorf("%s: the connection goes on", row.name)
					}
				}
			})
		}
	})
}

// TestShort: a body of which nothing comes is not whole, and the head tells what was promised.
func TestShort(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		inBubble(t, c, app("200 OK", withLength("5")), func(t *testing.T, connect func() net.Conn, _ *log) {
			if got := ask(t, c, connect, request{method: "GET", uri: "/"}); got.status != "200 OK" || got.whole {
				t.Errorf("got %v", got)
			}
		})
	})
}

// TestFailureOfHEAD: the response of the server's own has no body either.
func TestFailureOfHEAD(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		closed := 0
		inBubble(t, c, raising(&closed, plain), func(t *testing.T, connect func() net.Conn, _ *log) {
			if got := ask(t, c, connect, request{method: "HEAD", uri: "/"}); got.status != "500 Internal Server Error" || got.body != "" || got.header.Get("Content-Length") == "0" {
				t.Errorf("got %v", got)
			}
		})
	})
}

// TestCloseRaises: the response is there, and the log says so.
func TestCloseRaises(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		raises := native.Callable(func(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
			_, err := start("200 OK", plain, nil)
			return native.Generator{Blocks: func(yield func([]byte, error) bool) { yield([]byte("hello"), nil) }, OnClose: func() error { return errors.New("mine") }}, err
		})
		inBubble(t, c, raises, func(t *testing.T, connect func() net.Conn, said *log) {
			if got := ask(t, c, connect, request{method: "GET", uri: "/"}); got.body != "hello" || !got.whole || !strings.Contains(said.String(), "mine") {
				t.Errorf("got %v\n%s", got, said)
			}
		})
	})
}

// broken is a runtime with a bug of ours, before or after the first block.
type broken struct{ after bool }

func (b broken) Call(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	_, err := start("200 OK", plain, nil)
	return native.Generator{Blocks: func(yield func([]byte, error) bool) {
		if b.after {
			yield([]byte("one"), nil)
		}
		panic("a bug")
	}}, err
}

// TestBug ends its connection, and the server goes on.
func TestBug(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		for _, after := range []bool{false, true} {
			for range 2 {
				if all, err := overTCP(t, c, broken{after}, c.request(request{method: "GET", uri: "/"})); after != (err != nil) || after == (len(all) == 0) {
					t.Errorf("after the first block %v: %q, %v", after, all, err)
				}
			}
		}
	})
}

// TestTruncatedEndsWithAReset, on a socket of TCP, where a length does not tell.
func TestTruncatedEndsWithAReset(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		closed := 0
		all, err := overTCP(t, c, raising(&closed, plain, "hello"), c.request(request{method: "GET", uri: "/"}))
		if err == nil || !strings.Contains(err.Error(), "reset") {
			t.Errorf("after %q: %v", all, err)
		}
	})
}

// overTCP sends bytes over a connection of TCP, and returns what comes until it ends.
func overTCP(t *testing.T, c client, app wsgi.Application, raw string) ([]byte, error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := gateway.New(front.Config{Application: app, Errors: io.Discard, Log: quiet}, protocol(c.name))
	go s.Serve(t.Context(), listener)
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Shutdown(t.Context())
	defer listener.Close()
	defer conn.Close()
	go io.WriteString(conn, raw)
	return io.ReadAll(conn)
}

// TestClose: a web server that leaves ends the iteration, and close() is called.
func TestClose(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		closed := make(chan int, 1)
		endless := native.Callable(func(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
			_, err := start("200 OK", plain, nil)
			n := 0
			return native.Generator{Blocks: iter.Seq2[[]byte, error](func(yield func([]byte, error) bool) {
				for yield([]byte("block"), nil) {
					n++
				}
			}), OnClose: func() error { closed <- n; return nil }}, err
		})
		inBubble(t, c, endless, func(t *testing.T, connect func() net.Conn, said *log) {
			conn := connect()
			io.WriteString(conn, c.request(request{method: "GET", uri: "/"}))
			io.ReadFull(conn, make([]byte, 500))
			conn.Close()
			synctest.Wait()
			select {
			case <-closed:
			default:
				t.Error("close() was not called")
			}
			if strings.Contains(said.String(), "level=ERROR") {
				t.Errorf("the log says %s", said)
			}
		})
	})
}

// TestAHeadThatDoesNotFit is AJP's: the application is told, and the client that something failed.
func TestAHeadThatDoesNotFit(t *testing.T) {
	c := clients[3]
	inBubble(t, c, app("200 OK", []wsgi.Header{{Name: "X-A", Value: strings.Repeat("x", 9000)}}, "hello"), func(t *testing.T, connect func() net.Conn, said *log) {
		if got := ask(t, c, connect, request{method: "GET", uri: "/"}); got.status != "500 Internal Server Error" || !got.whole || !strings.Contains(said.String(), "do not fit into a packet") {
			t.Errorf("%v\n%s", got, said)
		}
	})
}
