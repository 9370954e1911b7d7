package gateway_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway"
)

// count answers with the length of the content, what CONTENT_LENGTH says, whether all of it was there before the call, and
// how reading it ended.
var count = native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	whole, early := environ.Input.Whole()
	n, err := io.Copy(io.Discard, environ.Input)
	if early && int64(len(whole)) != n {
		err = fmt.Errorf("%d bytes are whole", len(whole))
	}
	if _, err := start("200 OK", plain, nil); err != nil {
		return nil, err
	}
	length, _ := environ.Lookup("CONTENT_LENGTH")
	return native.Body(fmt.Sprintf("%d %s %v %v", n, length, early, err)), nil
})

// TestContent of each kind, read to its end.
func TestContent(t *testing.T) {
	rows := []struct {
		name, content, length string
		stream                bool
		want                  string
		not                   string // protocols that have no such thing
	}{
		{"none", "", "", false, "0 0 true <nil>", "ajp"},
		{"none, by AJP", "", "", false, "0  true <nil>", "fastcgi scgi uwsgi"},
		{"short", "hello", "", false, "5 5 true <nil>", ""},
		{"as much as is received before the call", strings.Repeat("x", front.EarlyBody), "", false, "65536 65536 true <nil>", ""},
		{"more", strings.Repeat("x", front.EarlyBody+1), "", false, "65537 65537 false <nil>", ""},
		{"much more", strings.Repeat("x", 1<<20), "", false, "1048576 1048576 false <nil>", ""},
		{"of unknown length", "hello", "-", false, "5 5 true <nil>", "scgi uwsgi"},
		{"of unknown length, and long", strings.Repeat("x", 1<<20), "-", false, "1048576 1048576 false <nil>", "scgi uwsgi"},
		{"of unknown length, and empty", "", "-", false, "0  true <nil>", "scgi uwsgi"},
		{"of unknown length, streamed", "hello", "-", true, "5  false <nil>", "scgi uwsgi"},
		{"of unknown length, streamed, and empty", "", "-", true, "0  true <nil>", "scgi uwsgi"},
	}
	each(t, func(t *testing.T, c client) {
		for _, row := range rows {
			if strings.Contains(row.not, c.name) {
				continue
			}
			t.Run(row.name, func(t *testing.T) {
				configured(t, c, front.Config{Application: count, StreamChunked: row.stream}, func(t *testing.T, _ *gateway.Server, connect func() net.Conn, _ *log) {
					if got := ask(t, c, connect, request{method: "POST", uri: "/", content: row.content, length: row.length}); got.body != row.want || !got.whole {
						t.Errorf("got %v", got)
					}
				})
			})
		}
	})
}

// TestTheContentIsReadWhenTheApplicationReads: a long one is not waited for.
func TestTheContentIsReadWhenTheApplicationReads(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		called := make(chan bool, 1)
		first := native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
			called <- true
			return count(environ, start)
		})
		inBubble(t, c, first, func(t *testing.T, connect func() net.Conn, _ *log) {
			content := strings.Repeat("x", 100000)
			raw := c.request(request{method: "POST", uri: "/", content: content})
			half := len(raw) / 2
			conn, got := connect(), &log{}
			defer conn.Close()
			go io.Copy(got, conn)
			io.WriteString(conn, raw[:half])
			synctest.Wait()
			select {
			case <-called:
			default:
				t.Error("it is not called")
			}
			if strings.Contains(c.answer(got.String()).status, "200") {
				t.Error("it has answered")
			}
			go io.WriteString(conn, raw[half:])
			synctest.Wait()
			if a := c.answer(got.String()); a.body != "100000 100000 false <nil>" {
				t.Errorf("got %v", a)
			}
		})
	})
}

// TestLimits: content beyond --limit-request-body, and beyond what is kept of a length that is not known.
func TestLimits(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		config := front.Config{Application: count}
		config.Limits.Body = 5
		configured(t, c, config, func(t *testing.T, _ *gateway.Server, connect func() net.Conn, _ *log) {
			if got := ask(t, c, connect, request{method: "POST", uri: "/", content: "hello!"}); got.status != "413 Content Too Large" || !got.whole {
				t.Errorf("got %v", got)
			}
			if got := ask(t, c, connect, request{method: "POST", uri: "/", content: "hello"}); got.status != "200 OK" {
				t.Errorf("got %v", got)
			}
		})
		if !c.kept {
			return
		}
		configured(t, c, front.Config{Application: count, MaxSpool: 5}, func(t *testing.T, _ *gateway.Server, connect func() net.Conn, _ *log) {
			if got := ask(t, c, connect, request{method: "POST", uri: "/", content: "hello!", length: "-"}); got.status != "413 Content Too Large" {
				t.Errorf("got %v", got)
			}
		})
	})
}

// TestContentThatBreaksOff: the application does not take it for whole, and its answer is not one either.
func TestContentThatBreaksOff(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		for name, size := range map[string]int{"short": 1000, "long": 100000} {
			errs := make(chan error, 1)
			reads := native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
				_, err := io.Copy(io.Discard, environ.Input)
				errs <- err
				return count(environ, start)
			})
			inBubble(t, c, reads, func(t *testing.T, connect func() net.Conn, _ *log) {
				raw := c.request(request{method: "POST", uri: "/", content: strings.Repeat("x", size)})
				conn := connect()
				go io.Copy(io.Discard, conn)
				io.WriteString(conn, raw[:len(raw)-10-size/2])
				synctest.Wait()
				conn.Close()
				synctest.Wait()
				select {
				case err := <-errs:
					if name == "short" || err == nil {
						t.Errorf("%s: the application was called, and read to %v", name, err)
					}
				default:
					if name == "long" {
						t.Errorf("%s: the application was not called", name)
					}
				}
			})
		}
	})
}

// TestContentIsToBlame: an application that fails because its content broke off is not what failed.
func TestContentIsToBlame(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		fails := native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
			if _, err := io.Copy(io.Discard, environ.Input); err != nil {
				return nil, errors.New("mine")
			}
			return count(environ, start)
		})
		inBubble(t, c, fails, func(t *testing.T, connect func() net.Conn, said *log) {
			raw := c.request(request{method: "POST", uri: "/", content: strings.Repeat("x", 100000)})
			conn := connect()
			go io.WriteString(conn, raw[:len(raw)-1000])
			all, _ := io.ReadAll(conn) // the content stops
			if got := c.answer(string(all)); got.status != "408 Request Timeout" || strings.Contains(said.String(), "ERROR") {
				t.Errorf("got %v\n%s", got, said)
			}
			conn.Close()
		})
	})
}

// TestPatience: how long a web server may take, and what it gets when it has taken longer.
func TestPatience(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		small := c.request(request{method: "POST", uri: "/", content: strings.Repeat("x", 1000)})
		large := c.request(request{method: "POST", uri: "/", content: strings.Repeat("x", 100000)})
		for _, row := range []struct {
			name, sent string
			after      time.Duration
			status     string
		}{
			{"silent from the beginning", "", readTime, ""},
			{"silent in the head", small[:20], readTime, "408 Request Timeout"},
			{"silent in a short content", small[:len(small)-100], readTime, "408 Request Timeout"},
			{"silent in a long content", large[:len(large)-1000], readTime, "408 Request Timeout"},
		} {
			t.Run(row.name, func(t *testing.T) {
				inBubble(t, c, count, func(t *testing.T, connect func() net.Conn, _ *log) {
					begun, conn := time.Now(), connect()
					defer conn.Close()
					if row.sent != "" {
						go io.WriteString(conn, row.sent)
					}
					all, _ := io.ReadAll(conn)
					if took := time.Since(begun); took < row.after || took > row.after+time.Minute*3 {
						t.Errorf("closed after %v", took)
					}
					status := ""
					if len(all) > 0 {
						status = c.answer(string(all)).status
					}
					if row.status == "408 Request Timeout" && row.name == "silent in the head" && c.name == "fastcgi" {
						row.status = "408 Request Timeout" // the request has begun
					}
					if status != row.status {
						t.Errorf("got %q", status)
					}
				})
			})
		}
	})
}
