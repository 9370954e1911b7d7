package server_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
	"glasswsgi/server/front"
)

// everySecond sends a byte a second until the connection is gone.
func everySecond(conn net.Conn, begin, piece string) {
	for _, err := io.WriteString(conn, begin); err == nil; _, err = io.WriteString(conn, piece) {
		time.Sleep(time.Second)
	}
}

// TestSlowBody: a byte before each time-out does not keep a body going for ever, but the pace that is asked for does.
func TestSlowBody(t *testing.T) {
	rows := []struct {
		name, framing, piece string
		after                time.Duration // at least, and not a minute more
		want                 string
	}{
		{"small", "Content-Length: 1000", "x", 30 * time.Second, "408 close"},
		{"large", "Content-Length: 1000000", "x", 30 * time.Second, "408 close"},
		{"chunks", "Transfer-Encoding: chunked", "1\r\nx\r\n", 30 * time.Second, "408 close"},
		{"chunks that never hold anything", "Transfer-Encoding: chunked", "0", 30 * time.Second, "408 close"},
		{"half the pace", "Content-Length: 1000000", strings.Repeat("x", 250), 50 * time.Second, "408 close"},
		{"the pace", "Connection: close\r\nContent-Length: 100000", strings.Repeat("x", 500), 200 * time.Second, "200 read close"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			reader := native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
				if _, err := io.Copy(io.Discard, environ.Input); err != nil {
					return nil, err
				}
				return app("200 OK", nil, "read")(environ, start)
			})
			inBubble(t, reader, func(t *testing.T, connect func() net.Conn) {
				begun, conn := time.Now(), connect()
				var writer sync.WaitGroup
				writer.Go(func() { everySecond(conn, "POST / HTTP/1.1\r\nHost: x\r\n"+row.framing+"\r\n\r\n", row.piece) })
				var answer bytes.Buffer
				io.Copy(&answer, io.LimitReader(conn, 100)) // returns with the first answer, or with the connection
				took := time.Since(begun)
				rest, _ := io.ReadAll(conn)
				writer.Wait()
				if took < row.after || took > row.after+time.Minute {
					t.Errorf("answered after %v, want %v", took, row.after)
				}
				if got := responsesOf(t, answer.String()+string(rest)); len(got) != 1 || got[0] != row.want {
					t.Errorf("got %q, want %s", got, row.want)
				}
			})
		})
	}
}

// TestSlowDrain: what the application left unread has one time-out, however many bytes trickle in.
func TestSlowDrain(t *testing.T) {
	inBubble(t, unread, func(t *testing.T, connect func() net.Conn) {
		begun, conn := time.Now(), connect()
		var writer sync.WaitGroup
		writer.Go(func() { everySecond(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", "0") })
		io.ReadAll(conn)
		if took := time.Since(begun); took != 2*time.Second {
			t.Errorf("closed after %v", took)
		}
		writer.Wait()
	})
}

// TestSlowReader: a peer that takes each small block just in time is cut off all the same.
func TestSlowReader(t *testing.T) {
	stuck := &steps{blocks: func(yield func([]byte, error) bool) {
		for yield([]byte("ten bytes\n"), nil) {
		}
	}}
	inBubble(t, stuck, func(t *testing.T, connect func() net.Conn) {
		begun, conn := time.Now(), connect()
		io.WriteString(conn, get11)
		in := bufio.NewReaderSize(conn, 16)
		for line := ""; line != "\r\n"; line, _ = in.ReadString('\n') { // the head, at once
		}
		for err := error(nil); err == nil && time.Since(begun) < time.Hour; _, err = in.ReadByte() {
			time.Sleep(time.Second)
		}
		if took := time.Since(begun); took < 40*time.Second || took > time.Minute {
			t.Errorf("closed after %v", took)
		}
		if stuck.closed.Load() != 1 {
			t.Error("the iterable was not closed")
		}
	})
}

// TestTinyChunksComeTogether: the application is not asked to take a hundred thousand chunks one by one.
func TestTinyChunksComeTogether(t *testing.T) {
	const chunks = 10_000
	reads := 0
	counting := native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		total, buffer := 0, make([]byte, 64<<10)
		for {
			n, err := environ.Input.Read(buffer)
			if total += n; err != nil {
				break
			}
			reads++
		}
		if total != chunks {
			t.Errorf("%d bytes", total)
		}
		return unread(environ, start)
	})
	_, address := serve(t, config(counting, &record{}))
	talk(t, address, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"+strings.Repeat("1\r\nx\r\n", chunks)+"0\r\n\r\n")
	if reads > chunks/10 {
		t.Errorf("%d reads for %d chunks", reads, chunks)
	}
}

// TestObserverTakesItsTime: an observer that looks for longer than every time-out makes no peer late: in the head, in the
// body, in what is drained, and in the response.
func TestObserverTakesItsTime(t *testing.T) {
	const late = 20 * time.Second // less than a time-out by itself
	synctest.Test(t, func(t *testing.T) {
		c := config(native.Callable(native.Echo), &record{})
		c.ReadTimeout, c.WriteTimeout, c.KeepAlive = 30*time.Second, 30*time.Second, 30*time.Second
		c.Observer = func(front.Step) { time.Sleep(time.Minute) }
		s, listener := server.New(c), &pipes{accept: make(chan net.Conn)}
		go s.Serve(t.Context(), listener)
		conn, theirs := net.Pipe()
		listener.accept <- theirs
		var writer sync.WaitGroup
		writer.Go(func() {
			for _, piece := range []string{"POST / HTTP/1.1\r\n", "Host: x\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n", strings.Repeat("x", 100_000)} {
				synctest.Wait()
				time.Sleep(late)
				io.WriteString(conn, piece)
			}
		})
		answer, err := io.ReadAll(conn)
		writer.Wait()
		if got := responsesOf(t, string(answer)); len(got) != 1 || !strings.HasPrefix(got[0], "200 xxx") || err != nil {
			t.Errorf("got %.40q, %v", got, err)
		}
		listener.Close()
		shutdown(t, s)
	})
}

// TestBuffersOfBodiesAreUsedAgain: an upload leaves no buffer behind.
func TestBuffersOfBodiesAreUsedAgain(t *testing.T) {
	const uploads = 200
	for name, app := range map[string]wsgi.Application{"read": reader, "unread": unread, "read, last": reader} {
		c := config(app, io.Discard)
		c.StreamChunked = true
		_, address := serve(t, c)
		answer := make([]byte, 1024)
		conn := dial(t, address)
		last := map[bool]string{true: "Connection: close\r\n"}[strings.HasSuffix(name, "last")]
		request := []byte("POST / HTTP/1.1\r\nHost: x\r\n" + last + "Transfer-Encoding: chunked\r\n\r\n20000\r\n" + strings.Repeat("x", 0x20000) + "\r\n0\r\n\r\n")
		upload := func() {
			if last != "" {
				conn.Close()
				conn = dial(t, address)
			}
			conn.Write(request)
			if _, err := conn.Read(answer); err != nil {
				t.Fatal(err)
			}
		}
		upload()
		measured := func() uint64 {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range uploads {
				upload()
			}
			runtime.ReadMemStats(&after)
			return (after.TotalAlloc - before.TotalAlloc) / uploads
		}
		// A buffer of a body is 64 KiB or 256 KiB. The part of a body that is there before the call is copied.
		allowed := uint64(scale * 60 << 10)
		if last != "" { // a new connection has a new parser, whose buffer grows
			allowed = scale * 180 << 10
		}
		least := measured()
		for tries := 0; least > allowed && tries < 4; tries++ { // how much of a body is there before the call is up to the machine
			least = min(least, measured())
		}
		if least > allowed {
			t.Errorf("%s: %d bytes are allocated for an upload", name, least)
		}
	}
}
