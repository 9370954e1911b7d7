package fasthttpd

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/native"
	"glasswsgi/server"
)

// BenchmarkHello: one request after the other on one connection, both ends in this process.
func BenchmarkHello(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	go New(server.Config{
		Application: native.Applications["hello"], Software: "glass", Limits: parser.DefaultLimits,
		ReadTimeout: time.Minute, WriteTimeout: time.Minute, KeepAlive: time.Minute,
		Errors: io.Discard, Log: slog.New(slog.DiscardHandler),
	}).Serve(ctx, l)
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	const request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
	r := bufio.NewReader(c)
	ask := func() int {
		if _, err := io.WriteString(c, request); err != nil {
			b.Fatal(err)
		}
		if _, err := r.Peek(1); err != nil {
			b.Fatal(err)
		}
		n := r.Buffered()
		r.Discard(n)
		return n
	}
	want := ask()
	b.ReportAllocs()
	for b.Loop() {
		if got := ask(); got != want {
			b.Fatalf("%d bytes instead of %d", got, want)
		}
	}
}
