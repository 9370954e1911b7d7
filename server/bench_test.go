package server_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"testing"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
)

// BenchmarkExchange is the server's part of a small request on a connection that is kept. Its allocations are the
// exchange's: docs/PERFORMANCE.md lists them.
func BenchmarkExchange(b *testing.B) {
	headers := []wsgi.Header{{Name: "Content-Type", Value: "text/plain"}, {Name: "Content-Length", Value: "13"}}
	body := native.Body("Hello, World!")
	app := native.Callable(func(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		_, err := start("200 OK", headers, nil)
		return body, err
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := server.New(config(app, io.Discard))
	go s.Serve(ctx, listener)
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	request := []byte("GET /hello HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n")
	in := bufio.NewReader(conn)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Write(request); err != nil {
			b.Fatal(err)
		}
		for { // the response ends with its body
			line, err := in.ReadSlice('\n')
			if err != nil {
				b.Fatal(err)
			}
			if len(line) == len("\r\n") {
				break
			}
		}
		if _, err := in.Discard(len("Hello, World!")); err != nil {
			b.Fatal(err)
		}
	}
}
