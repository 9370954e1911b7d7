package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

// steps is an application that does what a test says, between a start_response and a close() that is counted.
type steps struct {
	before func(start wsgi.StartResponse) error // instead of the usual start_response
	blocks func(yield func([]byte, error) bool) // nil: one block
	closed atomic.Int32
}

func (s *steps) Call(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	return native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		if s.before == nil {
			s.before = func(start wsgi.StartResponse) error { _, err := start("200 OK", nil, nil); return err }
		}
		if err := s.before(start); err != nil {
			return nil, err
		}
		if s.blocks == nil {
			s.blocks = func(yield func([]byte, error) bool) { yield([]byte("ok"), nil) }
		}
		return native.Generator{Blocks: s.blocks, OnClose: func() error { s.closed.Add(1); return nil }}, nil
	}).Call(environ, start)
}

func startTwice(excInfo error) func(start wsgi.StartResponse) error {
	return func(start wsgi.StartResponse) error {
		if _, err := start("200 OK", header("X-First", "1"), nil); err != nil {
			return err
		}
		_, err := start("503 Later", header("X-Second", "2"), excInfo)
		return err
	}
}

func start(status string, pairs ...string) func(start wsgi.StartResponse) error {
	return func(start wsgi.StartResponse) error { _, err := start(status, header(pairs...), nil); return err }
}

func none(start wsgi.StartResponse) error { return nil }

func blocks(all ...any) func(yield func([]byte, error) bool) {
	return func(yield func([]byte, error) bool) {
		for _, b := range all {
			switch b := b.(type) {
			case string:
				if !yield([]byte(b), nil) {
					return
				}
			default:
				panic(b)
			}
		}
	}
}

const plain500 = "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\n" + tail +
	"Content-Length: 26\r\n\r\n500 Internal Server Error\n"

// What an application may do wrong, what the peer sees of it, and what the log says.
var failures = []struct {
	name   string
	app    steps
	want   string // the response; "" stands for the plain 500
	log    string
	closed int32
}{
	{"raises before start_response", steps{before: func(wsgi.StartResponse) error { panic("lost") }}, "", "raised lost", 0},
	{"raises after start_response, before the first block", steps{blocks: blocks(errors.New("lost"))}, "", "raised lost", 1},
	{"raises after an empty block: still replaceable", steps{blocks: blocks("", errors.New("lost"))}, "", "raised lost", 1},
	{"raises after the first block: no last chunk", steps{blocks: blocks("one", errors.New("lost"))},
		"HTTP/1.1 200 OK\r\n" + tail + "Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n", "raised lost", 1},
	{"never calls start_response", steps{before: none, blocks: blocks("x")}, "", "start_response: never called", 1},
	{"never calls start_response, no block", steps{before: none, blocks: blocks()}, "", "start_response: never called", 1},
	{"start_response twice", steps{before: startTwice(nil)}, "", "start_response: called twice", 0},
	{"start_response again with exc_info: replaces status and headers", steps{before: startTwice(errors.New("why"))},
		"HTTP/1.1 503 Later\r\nX-Second: 2\r\n" + tail + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "", 1},
	{"CR LF in the status", steps{before: start("200 OK\r\nX: y")}, "", "status: control character", 0},
	{"status without reason", steps{before: start("200")}, "", "status: no reason phrase", 0},
	{"interim status", steps{before: start("100 Continue")}, "", "status: code out of range", 0},
	{"status of four digits", steps{before: start("2000 OK")}, "", "status: no reason phrase", 0},
	{"CR LF in a value", steps{before: start("200 OK", "X", "y\r\nZ: 1")}, "", "header value: control character", 0},
	{"NUL in a value", steps{before: start("200 OK", "X", "\x00")}, "", "header value: control character", 0},
	{"colon in a name", steps{before: start("200 OK", "X:", "y")}, "", "header name: not a token", 0},
	{"empty name", steps{before: start("200 OK", "", "y")}, "", "header name: not a token", 0},
	{"Transfer-Encoding", steps{before: start("200 OK", "transfer-encoding", "chunked")}, "", "header: hop-by-hop", 0},
	{"Connection", steps{before: start("200 OK", "CONNECTION", "keep-alive")}, "", "header: hop-by-hop", 0},
	{"two lengths", steps{before: start("200 OK", "Content-Length", "2", "content-length", "2")}, "", "Content-Length: given twice", 0},
	{"negative length", steps{before: start("200 OK", "Content-Length", "-1")}, "", "Content-Length: not a number", 0},
	{"length with a plus sign", steps{before: start("200 OK", "Content-Length", "+1")}, "", "Content-Length: not a number", 0},
	{"body longer than promised", steps{before: start("200 OK", "Content-Length", "1")},
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n" + tail + "\r\no", "body: longer than Content-Length", 1},
	{"body shorter than promised", steps{before: start("200 OK", "Content-Length", "3")},
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n" + tail + "\r\nok", "body: shorter than Content-Length", 1},
	{"write()", steps{before: func(start wsgi.StartResponse) error {
		write, err := start("200 OK", nil, nil)
		if err == nil {
			err = write([]byte("written"))
		}
		return err
	}}, "HTTP/1.1 200 OK\r\n" + tail + "Transfer-Encoding: chunked\r\n\r\n7\r\nwritten\r\n2\r\nok\r\n0\r\n\r\n", "", 1},
	{"exc_info after the head is sent is raised again", steps{before: func(start wsgi.StartResponse) error {
		write, err := start("200 OK", nil, nil)
		if err == nil {
			write([]byte("written"))
			_, err = start("500 Oops", nil, &wsgi.ApplicationError{Exception: "late"})
		}
		return err
	}}, "HTTP/1.1 200 OK\r\n" + tail + "Transfer-Encoding: chunked\r\n\r\n7\r\nwritten\r\n", "raised late", 0},
}

func TestFailure(t *testing.T) {
	for i := range failures {
		row := &failures[i]
		t.Run(row.name, func(t *testing.T) {
			log := &record{}
			_, address := serve(t, config(&row.app, log))
			want := row.want
			if want == "" {
				want = plain500
			}
			equal(t, masked(talk(t, address, get11)), want)
			if row.log == "" && strings.Contains(log.String(), "ERROR") || !strings.Contains(log.String(), row.log) {
				t.Errorf("the log says\n%s\nand not %q", log, row.log)
			}
			if got := row.app.closed.Load(); got != row.closed {
				t.Errorf("close() was called %d times, not %d", got, row.closed)
			}
		})
	}
}

// TestConnectionOutlivesTheExcess: the peer of a response that is longer than promised has all that it was promised. Its
// connection serves the next request, as it was told.
func TestConnectionOutlivesTheExcess(t *testing.T) {
	for name, app := range map[string]*steps{
		"one block":         {before: start("200 OK", "Content-Length", "1")},
		"two blocks":        {before: start("200 OK", "Content-Length", "1"), blocks: blocks("a", "b")},
		"raises at the end": {before: start("200 OK", "Content-Length", "1"), blocks: blocks("a", errors.New("lost"))},
	} {
		log := &record{}
		_, address := serve(t, config(app, log))
		if got := responsesOf(t, talk(t, address, get11+get11)); len(got) != 2 {
			t.Errorf("%s: %q", name, got)
		}
		if n := strings.Count(log.String(), "level=ERROR"); n != 2 {
			t.Errorf("%s: %d errors in the log, not 2", name, n)
		}
	}
}

// TestHeadOfWhatFails: the head of a response without a body leaves, whatever the application does after it.
func TestHeadOfWhatFails(t *testing.T) {
	failing := &steps{before: start("200 OK", "Content-Length", "3"), blocks: blocks("abc", errors.New("lost"))}
	_, address := serve(t, config(failing, &record{}))
	if got := talk(t, address, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n") {
		t.Errorf("got %q", got)
	}
}

// TestTruncatedHTTP10: only a reset tells an HTTP/1.0 peer that a body which ends with the connection is cut off.
func TestTruncatedHTTP10(t *testing.T) {
	_, address := serve(t, config(&steps{blocks: blocks("one", errors.New("lost"))}, &record{}))
	conn := dial(t, address)
	io.WriteString(conn, get10)
	if _, err := io.ReadAll(conn); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the body seems complete: %v", err)
	}
}

// TestPeerLeaves: an application whose peer is gone is stopped at its next block, and closed.
func TestPeerLeaves(t *testing.T) {
	endless := &steps{blocks: func(yield func([]byte, error) bool) {
		block := make([]byte, 64<<10)
		for yield(block, nil) {
		}
	}}
	log := &record{}
	s, address := serve(t, config(endless, log))
	conn := dial(t, address)
	io.WriteString(conn, get11)
	io.ReadFull(conn, make([]byte, 100))
	conn.Close()
	shutdown(t, s)
	if endless.closed.Load() != 1 || strings.Contains(log.String(), "ERROR") {
		t.Errorf("closed %d times; log:\n%s", endless.closed.Load(), log)
	}
}

// TestDebug shows the traceback to the peer with --debug, and not without it.
func TestDebug(t *testing.T) {
	for _, debug := range []bool{false, true} {
		raising := &steps{before: func(wsgi.StartResponse) error {
			return &wsgi.ApplicationError{Exception: "E: secret", Traceback: "Traceback: secret"}
		}}
		c := config(raising, &record{})
		c.Debug = debug
		_, address := serve(t, c)
		if got := strings.Contains(talk(t, address, get11), "secret"); got != debug {
			t.Errorf("Debug %v: the peer sees the traceback: %v", debug, got)
		}
	}
}

// failure is an error of a runtime.
type failure int

func (f failure) Error() string   { return "the runtime failed" }
func (f failure) StatusCode() int { return int(f) }

func TestRuntimeFailure(t *testing.T) {
	for _, status := range []int{502, 503, 504} {
		broken := &steps{before: func(wsgi.StartResponse) error { return failure(status) }}
		_, address := serve(t, config(broken, &record{}))
		got := responsesOf(t, talk(t, address, get11))
		if len(got) != 1 || got[0] != map[int]string{502: "502", 503: "503", 504: "504"}[status] {
			t.Errorf("%d: got %q", status, got)
		}
	}
}

// TestApplicationsOwnErrors: what an application's own sockets, files and deadlines say is not the peer's fault. The peer
// is told, and so is the log.
func TestApplicationsOwnErrors(t *testing.T) {
	for _, own := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, os.ErrDeadlineExceeded, syscall.ECONNRESET, syscall.EPIPE,
		context.DeadlineExceeded, &net.OpError{Op: "read", Err: syscall.ECONNREFUSED}} {
		log := &record{}
		_, address := serve(t, config(native.Callable(func(*wsgi.Environ, wsgi.StartResponse) (wsgi.Iterable, error) { return nil, own }), log))
		if got := responsesOf(t, talk(t, address, get11)); len(got) != 1 || got[0] != "500" {
			t.Errorf("%v: got %q", own, got)
		}
		if !strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("%v: the log says\n%s", own, log)
		}
	}
}
