package compare

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
)

// TestHostile: an answer without an end is cut, and says so.
func TestHostile(t *testing.T) {
	for name, row := range map[string]struct{ head, piece, problem string }{
		"body":        {"HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("x", 64<<10), "more than 4194304 bytes came"},
		"chunks":      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1000\r\n" + strings.Repeat("x", 4096) + "\r\n", "more than 4194304 bytes came"},
		"head":        {"HTTP/1.1 200 OK\r\n", "X-A: " + strings.Repeat("y", 60_000) + "\r\n", "the head of the answer has more than 65536 bytes"},
		"short lines": {"HTTP/1.1 200 OK\r\n", strings.Repeat("a:\r\n", 4096), "the head of the answer has more than 65536 bytes"},
		"interim":     {"", strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 2000), "more than 4194304 bytes came"},
	} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			go func() {
				socket, err := listener.Accept()
				if err != nil {
					return
				}
				defer socket.Close()
				io.ReadAtLeast(socket, make([]byte, 4096), len(plain))
				for _, err = io.WriteString(socket, row.head); err == nil; _, err = io.WriteString(socket, row.piece) {
				}
			}()
			a, err := Send(context.Background(), listener.Addr().String(), []byte(plain))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(a.Problem, row.problem) || len(a.Raw) > MaxAnswer {
				t.Errorf("%q, %d bytes", a.Problem, len(a.Raw))
			}
		})
	}
}
