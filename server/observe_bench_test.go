package server_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"glasswsgi/parser"
	"glasswsgi/runtime/native"
	"glasswsgi/server"
	"glasswsgi/server/front"
)

// BenchmarkObserver is an exchange over loopback while nobody looks, and while somebody does who does nothing.
func BenchmarkObserver(b *testing.B) {
	for _, row := range []struct {
		name  string
		setUp func(*server.Server)
	}{
		{"nobody", func(*server.Server) {}},
		{"let in and gone", func(s *server.Server) { s.SetObserver(func(front.Step) {}); s.SetObserver(nil) }},
		{"looking", func(s *server.Server) { s.SetObserver(func(front.Step) {}) }},
	} {
		b.Run(row.name, func(b *testing.B) {
			s := server.New(server.Config{
				Application: native.Callable(native.Hello), Software: "glass", Limits: parser.DefaultLimits,
				ReadTimeout: deadline, WriteTimeout: deadline, KeepAlive: deadline, Errors: io.Discard, Log: slog.New(slog.DiscardHandler),
			})
			row.setUp(s)
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			defer listener.Close()
			go s.Serve(b.Context(), listener)
			conn, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			in := bufio.NewReader(conn)
			for b.Loop() {
				fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
				response, err := http.ReadResponse(in, nil)
				if err != nil {
					b.Fatal(err)
				}
				io.Copy(io.Discard, response.Body)
			}
		})
	}
}
