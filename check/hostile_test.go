package check

import (
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"glasswsgi/check/suite"
)

// hostile are servers that answer whatever comes, and do not end: a head, and then a piece again and again.
var hostile = map[string]struct{ head, piece string }{
	"body":        {"HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("x", 64<<10)},
	"head":        {"HTTP/1.1 200 OK\r\n", "X-A: " + strings.Repeat("y", 60_000) + "\r\n"},
	"short lines": {"HTTP/1.1 200 OK\r\n", strings.Repeat("a:\r\n", 4096)},
	"status-line": {"HTTP/1.1 200 ", strings.Repeat("O", 64<<10)},
	"chunks":      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", strings.Repeat("1\r\nx\r\n", 4096)},
	"large chunk": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n", strings.Repeat("x", 64<<10)},
	"interim":     {"", strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 2000)},
	"trailers":    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", strings.Repeat("T: 1\r\n", 4096)},
	"length":      {"HTTP/1.1 200 OK\r\nContent-Length: 1099511627000\r\n\r\n", strings.Repeat("x", 64<<10)},
	"json":        {"HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("[", 64<<10)},
	"garbage":     {"", strings.Repeat("\x00\xff\r\n ", 8<<10)},
	"responses":   {"", strings.Repeat("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1000)},
}

// serveHostile sends a piece again and again, every so often, as soon as something has come.
func serveHostile(t *testing.T, head, piece string, every time.Duration) (address string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			socket, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer socket.Close()
				if n, _ := socket.Read(make([]byte, 64<<10)); n == 0 {
					return
				}
				_, err := io.WriteString(socket, head)
				for ; err == nil; _, err = io.WriteString(socket, piece) {
					time.Sleep(every)
				}
			}()
		}
	}()
	return listener.Addr().String()
}

// mostMemory is what a run of all probes may take, whatever the server does.
const mostMemory = 64 << 20

// memory watches the heap until it is stopped, and says how much it grew at most.
func memory() (stop func() (grown uint64)) {
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	done := make(chan struct{})
	var peak uint64
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapInuse)
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	return func() uint64 {
		close(done)
		watching.Wait()
		return peak - min(peak, before.HeapInuse)
	}
}

// TestHostileServers: probes end on a server that does not, and keep little of what it sends.
func TestHostileServers(t *testing.T) {
	suite.Long(t)
	probes, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	kept := probes[:0]
	for i, p := range probes {
		if i%8 == 0 && !p.Alone && p.Timeout == 0 { // those take their time on any server
			kept = append(kept, p)
		}
	}
	for name, h := range hostile {
		t.Run(name, func(t *testing.T) {
			grown := memory()
			target := Target{Address: serveHostile(t, h.head, h.piece, 0), Application: true, Timeout: 100 * time.Millisecond, Jobs: 8}
			target.Run(t.Context(), kept, func(Result) {})
			if grew := grown(); grew > mostMemory {
				t.Errorf("the heap grew by %d MB", grew>>20)
			}
		})
	}
}

// TestSlowServer: a byte now and then does not prolong an answer, wherever it comes.
func TestSlowServer(t *testing.T) {
	steps := &Step{Expect: []string{"200"}}
	if err := steps.compile(); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct{ head, piece string }{
		"a byte of the status-line": {"HTTP/1.1 200 ", "O"},
		"a field line":              {"HTTP/1.1 200 OK\r\n", "X-A: 1\r\n"},
		"a byte of the body":        {"HTTP/1.1 200 OK\r\n\r\n", "x"},
		"a chunk":                   {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"},
		"an interim response":       {"", "HTTP/1.1 103 Early Hints\r\n\r\n"},
	} {
		v := newConversation(serveHostile(t, row.head, row.piece, 20*time.Millisecond), 200*time.Millisecond)
		c, err := v.connect("")
		if err != nil {
			t.Fatal(err)
		}
		v.connections[""] = c
		c.send([]byte("GET / HTTP/1.1\r\n\r\n"))
		begun := time.Now()
		err = steps.runExpect(v, c)
		if err == nil || !strings.Contains(err.Error(), "within 200ms") {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(begun); took > 10*time.Second { // it would be for ever
			t.Errorf("%s: %v", name, took)
		}
		v.hangUp()
	}
}
