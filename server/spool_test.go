package server_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
)

// byContentLength is an application that reads as CGI says: CONTENT_LENGTH bytes, and none without one.
func byContentLength(t *testing.T, during func()) native.Callable {
	return func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		var n int64
		fmt.Sscan(environ.Value("CONTENT_LENGTH"), &n)
		during()
		body, err := io.ReadAll(io.LimitReader(environ.Input, n))
		if err != nil {
			return nil, err
		}
		if n, err := environ.Input.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("after the body: %d bytes, %v", n, err)
		}
		return app("200 OK", nil, string(body))(environ, start)
	}
}

func upload(body []byte) string {
	return fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body)
}

// TestChunkedBodyIsWhole: an application that reads CONTENT_LENGTH bytes gets all of a chunked body, in memory or on disk,
// and nothing of it is left on disk, not even meanwhile.
func TestChunkedBodyIsWhole(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	empty := func() {
		if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
			t.Errorf("on disk: %v, %v", entries, err)
		}
	}
	_, address := serve(t, config(byContentLength(t, empty), &record{}))
	for _, size := range []int{1, 1000, 64 << 10, 64<<10 + 1, 1 << 20, 5<<20 + 7} {
		body := bytes.Repeat([]byte("0123456789abcdef\n"), size/17+1)[:size]
		got := responsesOf(t, talk(t, address, upload(body)+upload([]byte("second"))))
		if len(got) != 2 || got[0] != "200 "+string(body) || got[1] != "200 second" {
			t.Errorf("%d bytes: %d answers, the first of %d bytes", size, len(got), len(got[0]))
		}
	}
	empty()
}

// TestChunkedBodyExpected: a peer that waits for 100 (Continue) is told before the call.
func TestChunkedBodyExpected(t *testing.T) {
	_, address := serve(t, config(byContentLength(t, func() {}), &record{}))
	conn := dial(t, address)
	io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
	interim := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))
	if _, err := io.ReadFull(conn, interim); err != nil || string(interim) != "HTTP/1.1 100 Continue\r\n\r\n" {
		t.Fatalf("%q, %v", interim, err)
	}
	io.WriteString(conn, "2\r\nhi\r\n0\r\n\r\n")
	if got := responsesOf(t, all(conn)); len(got) != 1 || got[0] != "200 hi close" {
		t.Errorf("%q", got)
	}
}

// TestSlowUploadHoldsNoThread: while a chunked body comes, the application is not called.
func TestSlowUploadHoldsNoThread(t *testing.T) {
	called := make(chan bool, 1)
	_, address := serve(t, config(byContentLength(t, func() { called <- true }), &record{}))
	slow := dial(t, address)
	io.WriteString(slow, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n"+strings.Repeat("x", 0x80000))
	talk(t, address, get11) // of the other connection: the server has got time to read from the first
	<-called
	select {
	case <-called:
		t.Error("the application was called before the body had come")
	default:
	}
	io.WriteString(slow, strings.Repeat("x", 0x80000)+"\r\n0\r\n\r\n")
	if got := responsesOf(t, all(slow)); len(got) != 1 || len(got[0]) != len("200  close")+0x100000 {
		t.Errorf("%.40q", got)
	}
}

// TestSpoolHasLimits: a body that is too large for the disk that glass may use is refused, and one for which there is no
// room says so to the peer and to the log. The application is not called.
func TestSpoolHasLimits(t *testing.T) {
	notCalled := byContentLength(t, func() { t.Error("the application was called") })
	big := upload(bytes.Repeat([]byte("x"), 200_000))
	for _, row := range []struct {
		name, tmpdir string
		limit        int64
		want, log    string
	}{
		{"too large", t.TempDir(), 150_000, "413 close", "content: more than 150000 bytes"},
		{"no room", t.TempDir() + "/missing", 0, "507", "make room there, set TMPDIR"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Setenv("TMPDIR", row.tmpdir)
			log := &record{}
			c := config(notCalled, log)
			c.MaxSpool = row.limit
			_, address := serve(t, c)
			got := responsesOf(t, talk(t, address, big))
			if len(got) != 1 || !strings.HasPrefix(got[0], row.want) {
				t.Errorf("%q", got)
			}
			if !strings.Contains(log.String(), row.log) {
				t.Errorf("the log says\n%s", log)
			}
		})
	}
}

// TestStreamChunked: where it is asked for, the application gets the bytes as they come, and no CONTENT_LENGTH.
func TestStreamChunked(t *testing.T) {
	begun := make(chan string)
	c := config(native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		first := make([]byte, 5)
		io.ReadFull(environ.Input, first)
		begun <- string(first) + environ.Value("CONTENT_LENGTH")
		return reader(environ, start)
	}), &record{})
	c.StreamChunked = true
	s, listener := server.New(c), &pipes{accept: make(chan net.Conn)}
	go s.Serve(t.Context(), listener)
	conn, theirs := net.Pipe()
	listener.accept <- theirs
	go io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nfirst\r\n")
	if got := <-begun; got != "first" {
		t.Errorf("the application got %q", got)
	}
	io.WriteString(conn, "0\r\n\r\n")
	if got := responsesOf(t, all(conn)); len(got) != 1 || got[0] != "200 read close" {
		t.Errorf("%q", got)
	}
	listener.Close()
	shutdown(t, s)
}

// expects asks for leave to send ten bytes, and sends them in two parts when it has it. It returns what came before each
// part, and in the end.
func expects(t *testing.T, address, first string) (before, rest string) {
	conn := dial(t, address)
	io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n"+first)
	if first == "" {
		interim := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))
		io.ReadFull(conn, interim)
		before, first = string(interim), "12345"
		io.WriteString(conn, first)
	}
	io.WriteString(conn, "67890"+get10)
	return before, all(conn)
}

// TestContinueOnce: a peer that asks is told once, when the application first reads what is not there yet, and not at all
// when a part of the body is there, or the response has begun. Its connection serves the next request.
func TestContinueOnce(t *testing.T) {
	_, address := serve(t, config(readAll, &record{}))
	before, rest := expects(t, address, "")
	if got := responsesOf(t, rest); before != "HTTP/1.1 100 Continue\r\n\r\n" || len(got) != 2 || got[0] != "200 1234567890" {
		t.Errorf("%q, then %q", before, got)
	}
	if _, rest := expects(t, address, "12345"); strings.Contains(rest, "100 Continue") || len(responsesOf(t, rest)) != 2 {
		t.Errorf("a part is there: %q", rest)
	}
	tasting := native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		environ.Input.Read(make([]byte, 1))
		return unread(environ, start)
	})
	_, address = serve(t, config(tasting, &record{}))
	if _, rest := expects(t, address, ""); len(responsesOf(t, rest)) != 2 {
		t.Errorf("told to go on, and answered in the middle of the body: %q", rest)
	}
	early := native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		write, err := start("200 OK", nil, nil)
		if err == nil {
			err = write([]byte("early"))
		}
		if err == nil {
			_, err = environ.Input.Read(make([]byte, 1))
		}
		return native.Blocks{}, err
	})
	_, address = serve(t, config(early, &record{}))
	conn := dial(t, address)
	io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n")
	io.ReadFull(conn, make([]byte, len("HTTP/1.1 200 OK\r\n")))
	io.WriteString(conn, "1234567890")
	if rest := all(conn); strings.Contains(rest, "100 Continue") {
		t.Errorf("after the response has begun: %q", rest)
	}
}
