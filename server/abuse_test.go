//go:build unix

package server_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
)

// Limits of what a connection may cost, both of its ends being in this process. docs/LIMITS.md states them.
const (
	idleConnection   = 24 << 10  // bytes, with a server that waits for the next request
	slowSender       = 24 << 10  // bytes, with a head that does not come to its end
	fullConnection   = 384 << 10 // bytes, with the largest head and as much of a body as is received before the call
	slowReaderMemory = 64 << 10  // bytes, with a response of any length
)

// quiet is a server whose log nobody keeps.
func quiet(app wsgi.Application) server.Config { return config(app, io.Discard) }

// mustCost compares what n clients cost with what they may.
func mustCost(t *testing.T, what string, n, before, most int) {
	t.Helper()
	cost := (inUse() - before) / n
	t.Logf("%d bytes for each %s", cost, what)
	if cost > most*(1+scale/10) { // the race detector has its own memory
		t.Errorf("%d bytes for each %s, more than %d", cost, what, most)
	}
}

func TestIdleConnections(t *testing.T) {
	n := clients(t, 5000)
	underAbuse(t, quiet(native.Callable(native.Hello)), func(address string) {
		before := inUse()
		all := crowd(t, address, n)
		each(all, func(i int, conn *net.TCPConn) {
			conn.SetDeadline(time.Now().Add(deadline))
			io.WriteString(conn, get11)
			if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
				t.Errorf("connection %d: %v", i, err)
			}
		})
		mustCost(t, "idle connection", n, before, idleConnection)
		leave(all)
	})
}

// TestMoreIdleConnectionsThanMayBe: the new ones are answered, the old ones go.
func TestMoreIdleConnectionsThanMayBe(t *testing.T) {
	n := clients(t, 5000)
	config := quiet(native.Callable(native.Hello))
	config.MaxConnections = n / 10
	underAbuse(t, config, func(address string) {
		before := descriptors(t)
		all := crowd(t, address, n)
		if now := descriptors(t) - n - before; now > n/10+20 {
			t.Errorf("the server has %d descriptors for at most %d connections", now, n/10)
		}
		leave(all)
	})
}

// TestSlowSenders: one byte now and then, and nobody gets more than the time for a head.
func TestSlowSenders(t *testing.T) {
	n := clients(t, 5000)
	config := quiet(native.Callable(native.Hello))
	config.ReadTimeout = 3 * time.Second
	underAbuse(t, config, func(address string) {
		before := inUse()
		all := crowd(t, address, n)
		head := "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
		for i := range 3 {
			for _, conn := range all {
				io.WriteString(conn, head[i:i+1])
			}
		}
		mustCost(t, "slow sender", n, before, slowSender)
		for _, conn := range all { // a byte more, and still the first time-out counts
			io.WriteString(conn, head[3:4])
		}
		var refused atomic.Int32
		each(all, func(i int, conn *net.TCPConn) {
			conn.SetDeadline(time.Now().Add(deadline))
			answer, err := io.ReadAll(conn)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("connection %d was never cut off", i)
			}
			if strings.HasPrefix(string(answer), "HTTP/1.1 408 ") {
				refused.Add(1)
			}
		})
		if int(refused.Load()) < n/2 { // a reset may destroy some of the answers
			t.Errorf("%d of %d were told why", refused.Load(), n)
		}
		leave(all)
	})
}

// TestFullConnections: what the most costs that a peer can make the server keep, before the application is called.
func TestFullConnections(t *testing.T) {
	fields := strings.Repeat("X: "+strings.Repeat("x", 8000)+"\r\n", 8)
	for name, request := range map[string]string{
		"head":          "POST /" + strings.Repeat("x", 8000) + " HTTP/1.1\r\nHost: x\r\n" + fields,
		"head and body": "POST /" + strings.Repeat("x", 8000) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n" + fields + "\r\n" + strings.Repeat("x", 65535),
	} {
		t.Run(name, func(t *testing.T) {
			n := clients(t, 500)
			underAbuse(t, quiet(native.Callable(native.Hello)), func(address string) {
				before := inUse()
				all := crowd(t, address, n)
				each(all, func(i int, conn *net.TCPConn) {
					for part := range slices.Chunk([]byte(request), 1400) {
						conn.Write(part)
					}
				})
				mustCost(t, "full connection", n, before, fullConnection)
				leave(all)
			})
		})
	}
}

func TestEndlessRequests(t *testing.T) {
	const attackers, most = 20, 64 << 20 // bytes that each sends, if it may
	for _, row := range endless {
		t.Run(row.name, func(t *testing.T) {
			config := quiet(reader)
			config.Limits.Body = 256 << 10
			underAbuse(t, config, func(address string) {
				all := crowd(t, address, attackers)
				piece := bytes.Repeat([]byte(row.piece), max(1, 4000/len(row.piece)))
				each(all, func(i int, conn *net.TCPConn) {
					conn.SetDeadline(time.Now().Add(deadline))
					answer := make(chan string, 1)
					go func() {
						line, _ := bufio.NewReader(conn).ReadString('\n')
						answer <- line
					}()
					io.WriteString(conn, row.begin)
					sent := 0
					for err := error(nil); err == nil && sent < most/attackers; sent += len(piece) {
						_, err = conn.Write(piece)
					}
					if line := <-answer; !strings.HasPrefix(line, "HTTP/1.1 "+row.want) {
						t.Errorf("client %d got %q after %d bytes", i, line, sent)
					}
				})
				leave(all)
			})
		})
	}
}

// TestTinyChunks: a hundred thousand of them are one body.
func TestTinyChunks(t *testing.T) {
	const chunks = 100_000
	underAbuse(t, quiet(native.Callable(native.Echo)), func(address string) {
		conn := dial(t, address)
		go io.WriteString(conn, chunkedPost+strings.Repeat("1\r\nx\r\n", chunks)+"0\r\n\r\n")
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, response.Body); n != chunks || err != nil {
			t.Errorf("%d bytes came back, %v", n, err)
		}
		conn.Close()
	})
}

// streamer answers with as many bytes as the query says, and counts the ends of its iterables.
func streamer(closed *atomic.Int32) native.Callable {
	block := bytes.Repeat([]byte("0123456789abcdef"), 1<<10)
	return func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		if _, err := start("200 OK", nil, nil); err != nil {
			return nil, err
		}
		size := 0
		fmt.Sscan(environ.Value("QUERY_STRING"), &size)
		return native.Generator{OnClose: func() error { closed.Add(1); return nil }, Blocks: func(yield func([]byte, error) bool) {
			for left := size; left > 0 && yield(block[:min(left, len(block))], nil); left -= len(block) {
			}
		}}, nil
	}
}

// TestReadersThatNeverRead: the write time-out ends each, and close() is called.
func TestReadersThatNeverRead(t *testing.T) {
	n := clients(t, 100)
	var closed atomic.Int32
	config := quiet(streamer(&closed))
	config.WriteTimeout = time.Second
	underAbuse(t, config, func(address string) {
		before := inUse()
		all := crowd(t, address, n)
		closed.Store(0)
		for _, conn := range all {
			io.WriteString(conn, "GET /?100000000 HTTP/1.1\r\nHost: x\r\n\r\n")
		}
		mustCost(t, "reader that never reads", n, before, slowReaderMemory)
		comesBack(t, "iterables that are not closed", 0, func() int { return n - int(closed.Load()) })
		leave(all)
	})
}

// TestSlowReaders: those who are merely slow get every byte.
func TestSlowReaders(t *testing.T) {
	const size = 4 << 20
	n := clients(t, 100)
	var closed atomic.Int32
	underAbuse(t, quiet(streamer(&closed)), func(address string) {
		before := inUse()
		all := crowd(t, address, n)
		for _, conn := range all {
			conn.SetDeadline(time.Now().Add(deadline))
			fmt.Fprintf(conn, "GET /?%d HTTP/1.0\r\n\r\n", size)
		}
		mustCost(t, "slow reader", n, before, slowReaderMemory)
		each(all, func(i int, conn *net.TCPConn) {
			answer, err := io.ReadAll(&lazy{conn})
			_, body, _ := bytes.Cut(answer, []byte("\r\n\r\n"))
			if err != nil || len(body) != size {
				t.Errorf("client %d got %d bytes, %v", i, len(body), err)
			}
		})
		leave(all)
	})
}

// lazy reads little at a time, with pauses.
type lazy struct{ io.Reader }

func (l *lazy) Read(b []byte) (int, error) {
	time.Sleep(time.Millisecond)
	return l.Reader.Read(b[:min(len(b), 32<<10)])
}

// TestComeAndGo: connections that end at once, in every way that there is, and at every point of a request.
func TestComeAndGo(t *testing.T) {
	request := "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 100)
	underAbuse(t, quiet(native.Callable(native.Echo)), func(address string) {
		each(make([]bool, fewer(10_000)), func(i int, _ bool) {
			socket, err := net.Dial("tcp", address)
			if err != nil {
				t.Errorf("connection %d: %v", i, err)
				return
			}
			conn := socket.(*net.TCPConn)
			io.WriteString(conn, request[:i%len(request)])
			switch i % 3 {
			case 0: // FIN, and then a reset for whatever the server says
			case 1:
				conn.SetLinger(0) // a reset
			case 2:
				conn.CloseWrite() // half-closed: the server may still speak
				conn.SetDeadline(time.Now().Add(deadline))
				if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("connection %d, half-closed after %d bytes, was left open", i, i%len(request))
				}
			}
			conn.Close()
		})
	})
}

// TestManyPipelinedRequests: one connection with ten thousand requests gets its answers, in order, and takes nothing
// from others.
func TestManyPipelinedRequests(t *testing.T) {
	const n = 10_000
	underAbuse(t, quiet(echoTarget), func(address string) {
		conn := dial(t, address)
		go func() {
			for i := range n {
				fmt.Fprintf(conn, "GET /%d HTTP/1.1\r\nHost: x\r\n\r\n", i)
			}
		}()
		in := bufio.NewReader(conn)
		for i := range n {
			if got, err := readBody(in); err != nil || got != fmt.Sprintf("/%d", i) {
				t.Fatalf("answer %d is %q, %v", i, got, err)
			}
		}
		conn.Close()
	})
}

var echoTarget native.Callable = func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	return app("200 OK", nil, environ.Value("PATH_INFO"))(environ, start)
}

func readBody(in *bufio.Reader) (string, error) {
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

// TestByteByByte: a thousand requests in pieces of one byte, all at the same time, and each gets its own answer.
func TestByteByByte(t *testing.T) {
	n := clients(t, 1000)
	underAbuse(t, quiet(echoTarget), func(address string) {
		all := crowd(t, address, n)
		for at := 0; ; at++ {
			left := 0
			for i, conn := range all {
				if request := fmt.Sprintf("GET /%d HTTP/1.1\r\nHost: x\r\n\r\n", i); at < len(request) {
					io.WriteString(conn, request[at:at+1])
					left++
				}
			}
			if left == 0 {
				break
			}
		}
		each(all, func(i int, conn *net.TCPConn) {
			conn.SetDeadline(time.Now().Add(deadline))
			if got, err := readBody(bufio.NewReader(conn)); err != nil || got != fmt.Sprintf("/%d", i) {
				t.Errorf("client %d got %q, %v", i, got, err)
			}
		})
		leave(all)
	})
}
