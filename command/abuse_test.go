//go:build unix

package command

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/cpython"
	"glasswsgi/server"
)

// The abuse that matters most with one worker of one thread: whoever holds it has all of the application.

// counting counts the calls that began and those whose iterable was closed.
const counting = `
begun = ended = 0

class Body:
    def __init__(self, blocks):
        self.blocks = iter(blocks)
    def __iter__(self):
        return self.blocks
    def close(self):
        global ended
        ended += 1

def blocks():
    while True:
        yield b"x" * 10000

def application(environ, start_response):
    global begun, ended
    if environ["PATH_INFO"] == "/count":
        start_response("200 OK", [])
        return [b"%d %d" % (begun, ended)]
    begun += 1
    try:
        while environ["wsgi.input"].read(1000):
            pass
    except OSError:
        ended += 1
        raise
    start_response("200 OK", [])
    return Body(blocks() if environ["PATH_INFO"] == "/endless" else [b"ok"])
`

const patience = 20 * time.Second

// oneThread serves the application with one worker of one thread.
func oneThread(t *testing.T, readTimeout time.Duration) (address string) {
	t.Helper()
	interpreter, err := unpackOnce()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "counting.py"), []byte(counting), 0o600); err != nil {
		t.Fatal(err)
	}
	output, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { output.Close() })
	pool, err := cpython.Start(context.Background(), cpython.Config{
		Interpreter: interpreter, App: "counting.py", Dir: dir, Output: output,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := server.New(server.Config{
		Application: pool, Software: "glass", Limits: parser.DefaultLimits,
		ReadTimeout: readTimeout, WriteTimeout: patience, KeepAlive: patience,
		Errors: output, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(context.Background(), listener)
	t.Cleanup(func() {
		listener.Close()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := pool.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return listener.Addr().String()
}

func connect(t *testing.T, address, send string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	io.WriteString(conn, send)
	return conn
}

var client = http.Client{Timeout: patience}

// counts are the calls that began and those that ended. That there is an answer says that the thread is free.
func counts(t *testing.T, address string) (begun, ended int) {
	t.Helper()
	response, err := client.Get("http://" + address + "/count")
	if err != nil {
		t.Fatalf("the quick client: %v", err)
	}
	defer response.Body.Close()
	if _, err := fmt.Fscan(response.Body, &begun, &ended); err != nil {
		t.Fatal(err)
	}
	return begun, ended
}

// TestSlowUploadsOfSmallBodies: up to 64 KiB are received before the application is called, so two hundred slow peers do
// not hold its only thread for a moment.
func TestSlowUploadsOfSmallBodies(t *testing.T) {
	t.Parallel()
	address := oneThread(t, patience)
	for range 200 {
		connect(t, address, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\nslow")
	}
	if begun, _ := counts(t, address); begun != 0 {
		t.Errorf("%d calls for bodies that have not arrived", begun)
	}
}

// TestSlowUploadsOfLargeBodies: a larger body is read by the application, whose thread waits. Each peer may hold it for
// the read time-out; the quick client is answered when those before it are cut off.
func TestSlowUploadsOfLargeBodies(t *testing.T) {
	t.Parallel()
	const slow, readTimeout = 5, 200 * time.Millisecond
	address := oneThread(t, readTimeout)
	for range slow {
		connect(t, address, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\nslow")
	}
	for deadline := time.Now().Add(patience); ; {
		begun, ended := counts(t, address)
		if begun == slow && ended == slow {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d calls, %d cut off", begun, ended)
		}
	}
}

// TestDisconnects: a thousand peers leave in the middle of an upload or a download. Every iterable is closed, every
// thread comes back, and the worker is the same.
func TestDisconnects(t *testing.T) {
	t.Parallel()
	address := oneThread(t, patience)
	rows := []struct {
		name, request string
		read          int
	}{
		{"upload", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 70000), 0},
		{"upload in chunks", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", 0},
		{"download", "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n", 1000},
		{"download, nothing read", "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n", 0},
	}
	const each = 100
	var before int
	for _, row := range rows {
		for i := range each {
			conn := connect(t, address, row.request)
			io.ReadFull(conn, make([]byte, row.read))
			if i%2 == 0 {
				conn.(*net.TCPConn).SetLinger(0)
			}
			conn.Close()
		}
		for deadline := time.Now().Add(patience); ; {
			begun, ended := counts(t, address)
			// A reset may come before the call, or after the count: only those who have read something have surely been called.
			if begun == ended && (begun-before >= each || row.read == 0) {
				t.Logf("%s: %d of %d came to a call", row.name, begun-before, each)
				before = begun
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: %d calls, %d ended", row.name, begun-before, ended-before)
			}
		}
	}
	response, err := client.Post("http://"+address+"/", "", bytes.NewReader(make([]byte, 1<<20)))
	if err != nil || response.StatusCode != 200 {
		t.Fatalf("afterwards: %v, %v", response, err)
	}
	response.Body.Close()
}
