package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
)

// shutdown waits until all connections have ended.
func shutdown(t *testing.T, s *server.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Fatalf("Shutdown: %v", err)
	}
}

// pipes is a listener whose connections are in memory, so that a test owns the clock.
type pipes struct {
	accept chan net.Conn
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	conn, ok := <-p.accept
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.accept) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// inBubble serves in memory, with a clock that jumps whenever everybody waits.
func inBubble(t *testing.T, app wsgi.Application, test func(t *testing.T, connect func() net.Conn)) {
	synctest.Test(t, func(t *testing.T) {
		c := config(app, &record{})
		c.MaxConnections = 3
		c.ReadTimeout, c.WriteTimeout, c.KeepAlive = 30*time.Second, 40*time.Second, 5*time.Second
		s, listener := server.New(c), &pipes{accept: make(chan net.Conn)}
		go s.Serve(t.Context(), listener)
		test(t, func() net.Conn {
			ours, theirs := net.Pipe()
			listener.accept <- theirs
			return ours
		})
		listener.Close()
		shutdown(t, s)
	})
}

// TestTimeouts: when a connection is closed, counted from its beginning, and with which last words.
func TestTimeouts(t *testing.T) {
	rows := []struct {
		name, request string
		app           wsgi.Application
		after         time.Duration
		want          string
	}{
		{"silent from the beginning", "", unread, 30 * time.Second, ""},
		{"silent in the head", "GET / HTTP/1.1\r\nHo", unread, 30 * time.Second, "HTTP/1.1 408 Request Timeout"},
		{"silent in a small body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe", unread, 30 * time.Second, "HTTP/1.1 408 Request Timeout"},
		{"silent in a large body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\nhe", readAll, 30 * time.Second, "HTTP/1.1 408 Request Timeout"},
		{"silent after a response", get11, unread, 5 * time.Second, "HTTP/1.1 200 OK"},
		{"silent in the second head", get11 + "GET", unread, 30 * time.Second, "HTTP/1.1 200 OK"},
		{"silent in chunks", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", unread, 30 * time.Second, "HTTP/1.1 408 Request Timeout"},
		{"silent in a body that the application does not read", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nhel", unread, 2 * time.Second, "HTTP/1.1 200 OK"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			inBubble(t, row.app, func(t *testing.T, connect func() net.Conn) {
				begun, conn := time.Now(), connect()
				if row.request != "" { // an empty write is a zero-byte read on a pipe
					go io.WriteString(conn, row.request)
				}
				answer, _ := io.ReadAll(conn)
				if took := time.Since(begun); took != row.after {
					t.Errorf("closed after %v, want %v", took, row.after)
				}
				if line, _, _ := strings.Cut(string(answer), "\r\n"); line != row.want {
					t.Errorf("last words %q, want %q", line, row.want)
				}
			})
		})
	}
}

// TestTrickle: a byte now and then does not prolong the time for a head.
func TestTrickle(t *testing.T) {
	inBubble(t, unread, func(t *testing.T, connect func() net.Conn) {
		begun, conn := time.Now(), connect()
		var writer sync.WaitGroup
		writer.Go(func() {
			for _, err := io.WriteString(conn, "G"); err == nil; _, err = io.WriteString(conn, "G") {
				time.Sleep(time.Second)
			}
		})
		defer writer.Wait()
		io.ReadAll(conn)
		if took := time.Since(begun); took != 30*time.Second {
			t.Errorf("closed after %v", took)
		}
	})
}

// TestReaderThatNeverReads: the peer's window is full, and the write time-out frees the application.
func TestReaderThatNeverReads(t *testing.T) {
	stuck := &steps{blocks: func(yield func([]byte, error) bool) {
		for yield(make([]byte, 1<<20), nil) {
		}
	}}
	inBubble(t, stuck, func(t *testing.T, connect func() net.Conn) {
		begun, conn := time.Now(), connect()
		io.WriteString(conn, get11)
		time.Sleep(time.Minute) // of the bubble's clock
		synctest.Wait()
		if stuck.closed.Load() != 1 {
			t.Errorf("the application still waits after %v", time.Since(begun))
		}
		conn.Close()
	})
}

// TestIterative serves one connection at a time: the second waits until the first has ended.
func TestIterative(t *testing.T) {
	began, proceed := make(chan string, 2), make(chan bool)
	c := config(native.Callable(func(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
		if environ.Multithread {
			t.Error("wsgi.multithread is true with one connection at a time")
		}
		began <- environ.Value("PATH_INFO")
		<-proceed
		return unread(environ, startResponse)
	}), &record{})
	c.Multithread = true
	_, address := serving(t, server.NewIterative(c))
	first, second := dial(t, address), dial(t, address)
	io.WriteString(first, "GET /first HTTP/1.1\r\nHost: x\r\n\r\n")
	io.WriteString(second, "GET /second HTTP/1.1\r\nHost: x\r\n\r\n")
	for i, want := range []string{"/first", "/second"} {
		if got := <-began; got != want {
			t.Fatalf("request %d is %s", i, got)
		}
		if len(began) != 0 {
			t.Fatal("two applications run at a time")
		}
		proceed <- true
	}
	for _, conn := range []net.Conn{first, second} {
		raw, err := io.ReadAll(conn)
		if got := responsesOf(t, string(raw)); err != nil || len(got) != 1 || got[0] != "200 ok close" {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

// TestLastCall: over an idle connection a request is answered while the server stops, and told that it was the last. One
// over which none comes is closed soon.
func TestLastCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := config(unread, &record{})
		s, listener := server.New(c), &pipes{accept: make(chan net.Conn)}
		go s.Serve(t.Context(), listener)
		connect := func() net.Conn {
			ours, theirs := net.Pipe()
			listener.accept <- theirs
			io.WriteString(ours, get11)
			ours.Read(make([]byte, 4096))
			return ours
		}
		late, silent := connect(), connect()
		synctest.Wait()
		listener.Close()
		begun, stopped := time.Now(), make(chan error)
		go func() { stopped <- s.Shutdown(context.Background()) }()
		time.Sleep(900 * time.Millisecond) // of the bubble's clock
		io.WriteString(late, get11)
		if got := responsesOf(t, all(late)); len(got) != 1 || got[0] != "200 ok close" {
			t.Errorf("a request during the stop got %q", got)
		}
		if rest := all(silent); rest != "" {
			t.Errorf("the silent one got %q", rest)
		}
		if err := <-stopped; err != nil || time.Since(begun) != time.Second {
			t.Errorf("stopped after %v, %v", time.Since(begun), err)
		}
	})
}

// TestShutdown: the exchange that runs is finished and says close, and an idle connection is closed.
func TestShutdown(t *testing.T) {
	t.Parallel()
	began, proceed := make(chan bool), make(chan bool)
	s, address := serve(t, config(native.Callable(func(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
		if environ.Value("PATH_INFO") == "/slow" {
			began <- true
			<-proceed
		}
		return unread(environ, startResponse)
	}), &record{}))
	idle, busy := dial(t, address), dial(t, address)
	io.WriteString(idle, get11)
	io.ReadFull(idle, make([]byte, 20))
	io.WriteString(busy, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
	<-began
	stopped := make(chan error)
	go func() { stopped <- s.Shutdown(context.Background()) }()
	if _, err := io.ReadAll(idle); err != nil {
		t.Errorf("idle connection: %v", err)
	}
	proceed <- true
	raw, err := io.ReadAll(busy)
	if got := responsesOf(t, string(raw)); err != nil || len(got) != 1 || got[0] != "200 ok close" {
		t.Errorf("busy connection: %q, %v", got, err)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// TestDrain: an idle connection has one more response, which says that it is the last one, and new connections are taken.
func TestDrain(t *testing.T) {
	s, address := serve(t, config(native.Callable(unread), &record{}))
	idle := dial(t, address)
	io.WriteString(idle, get11)
	first := make([]byte, 20)
	io.ReadFull(idle, first)
	s.Drain()
	for _, conn := range []net.Conn{idle, dial(t, address)} {
		io.WriteString(conn, get11)
		raw, err := io.ReadAll(conn)
		if conn == idle {
			raw = append(first, raw...)
		}
		got := responsesOf(t, string(raw))
		if err != nil || len(got) == 0 || got[len(got)-1] != "200 ok close" {
			t.Errorf("%q, %v", got, err)
		}
	}
}

// TestShutdownGivesUp: connections that do not end in time are closed.
func TestShutdownGivesUp(t *testing.T) {
	release := make(chan bool)
	began := make(chan bool)
	s, address := serve(t, config(native.Callable(func(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
		began <- true
		<-release
		return unread(environ, startResponse)
	}), &record{}))
	conn := dial(t, address)
	io.WriteString(conn, get11)
	<-began
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown: %v", err)
	}
	if answer, err := io.ReadAll(conn); len(answer) != 0 || err != nil {
		t.Errorf("got %q, %v", answer, err) // a time-out would mean that nothing was closed
	}
	close(release)
}

// failing is a listener that runs out of descriptors now and then.
type failing struct {
	net.Listener
	left int
}

func (f *failing) Accept() (net.Conn, error) {
	if f.left > 0 {
		f.left--
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return f.Listener.Accept()
}

// TestAcceptErrorsPass: the accept loop waits, says so, and goes on.
func TestAcceptErrorsPass(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	log := &record{}
	s := server.New(config(unread, log))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go s.Serve(ctx, &failing{listener, 3})
	if got := responsesOf(t, talk(t, listener.Addr().String(), get11)); len(got) != 1 {
		t.Errorf("got %q", got)
	}
	if n := strings.Count(log.String(), "cannot accept"); n != 1 {
		t.Errorf("%d warnings, which should be a few a minute, in\n%s", n, log)
	}
}

// TestManyConnections: each of many interleaved requests gets its own answer.
func TestManyConnections(t *testing.T) {
	_, address := serve(t, config(native.Callable(native.Echo), &record{}))
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			body := strings.Repeat(string(rune('a'+i%26)), 1000+i)
			request := "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(body) + get11
			got := responsesOf(t, talk(t, address, request))
			if len(got) != 2 || got[0] != "200 "+body {
				t.Errorf("connection %d got %.60q", i, got)
			}
		})
	}
	wg.Wait()
}

func chunked(body string) string {
	var b strings.Builder
	for len(body) > 15 {
		b.WriteString("f\r\n" + body[:15] + "\r\n")
		body = body[15:]
	}
	for ; body != ""; body = body[1:] {
		b.WriteString("1\r\n" + body[:1] + "\r\n")
	}
	return b.String() + "0\r\n\r\n"
}

// panicking is a runtime with a mistake, which native.Callable would have turned into an error.
type panicking struct{}

func (panicking) Call(*wsgi.Environ, wsgi.StartResponse) (wsgi.Iterable, error) { panic("a mistake") }

// TestMistake: a panic in our own code ends one connection, and says where it was.
func TestMistake(t *testing.T) {
	log := &record{}
	_, address := serve(t, config(panicking{}, log))
	for range 2 {
		if answer := talk(t, address, get11); answer != "" {
			t.Errorf("got %q", answer)
		}
	}
	if text := log.String(); strings.Count(text, "please report it") != 2 || !strings.Contains(text, "panicking") {
		t.Errorf("the log says\n%s", text)
	}
}

// brokenRuntime has a bug in the middle of a body.
type brokenRuntime struct{}

func (brokenRuntime) Call(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	_, err := start("200 OK", nil, nil)
	return native.Generator{Blocks: func(yield func([]byte, error) bool) {
		yield([]byte("one"), nil)
		panic("a bug")
	}}, err
}

// TestBugInABody: a body that a bug of ours ends does not look whole, over HTTP/1.0 either, where only a reset tells.
func TestBugInABody(t *testing.T) {
	_, address := serve(t, config(brokenRuntime{}, &record{}))
	conn := dial(t, address)
	io.WriteString(conn, get10)
	if _, err := io.ReadAll(conn); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("HTTP/1.0: the body seems whole: %v", err)
	}
	conn = dial(t, address)
	io.WriteString(conn, get11)
	if answer, err := io.ReadAll(conn); err == nil && strings.HasSuffix(string(answer), "0\r\n\r\n") {
		t.Error("HTTP/1.1: the body seems whole")
	}
}
