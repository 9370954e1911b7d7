package gateway_test

import (
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"glasswsgi/server/front"
	"glasswsgi/server/gateway"
	"glasswsgi/server/gateway/ajp"
	"glasswsgi/server/gateway/fastcgi"
)

// TestKeptConnections: one request after the other, whatever the application leaves of the content.
func TestKeptConnections(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		inBubble(t, c, app("200 OK", plain, "hello"), func(t *testing.T, connect func() net.Conn, _ *log) {
			conn, got := connect(), &log{}
			defer conn.Close()
			ended := false
			go func() { io.Copy(got, conn); ended = true }()
			for i, content := range []string{"", "left", strings.Repeat("x", 100000), ""} {
				before := len(got.String())
				r := request{method: "POST", uri: "/", content: content}
				raw := c.request(r)
				if c.name == "ajp" && len(content) > 8000 { // the rest is never asked for, and so does not come
					raw = raw[:strings.Index(raw, strings.Repeat("x", 8000))+8000]
				}
				go io.WriteString(conn, raw)
				synctest.Wait()
				if a := c.answer(got.String()[before:]); a.body != "hello" || !a.whole {
					t.Fatalf("request %d: %v", i, a)
				}
				if !c.kept {
					break
				}
			}
			if ended == c.kept {
				t.Errorf("the connection has ended: %v", ended)
			}
		})
	})
}

// TestContentThatIsTooMuchToDrain ends the connection, and not the answer.
func TestContentThatIsTooMuchToDrain(t *testing.T) {
	for _, c := range clients[:3] { // AJP sends no content that is not asked for
		all, err := overTCP(t, c, app("200 OK", plain, "hello"), c.request(request{method: "POST", uri: "/", content: strings.Repeat("x", 1<<20)}))
		if a := c.answer(string(all)); a.body != "hello" || !a.whole || err != nil {
			t.Errorf("%s: got %v, %v", c.name, a, err)
		}
	}
}

// TestNotKept: without FCGI_KEEP_CONN the connection ends with the response.
func TestNotKept(t *testing.T) {
	c := clients[0]
	inBubble(t, c, app("200 OK", plain, "hello"), func(t *testing.T, connect func() net.Conn, _ *log) {
		conn := connect()
		defer conn.Close()
		raw := c.request(request{method: "GET", uri: "/"})
		go io.WriteString(conn, raw[:10]+"\x00"+raw[11:])
		all, err := io.ReadAll(conn)
		if a := c.answer(string(all)); a.body != "hello" || !a.whole || err != nil {
			t.Errorf("got %v, %v", a, err)
		}
	})
}

// TestIdle: a kept connection is kept for an hour, and not for as long as one of HTTP.
func TestIdle(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		if !c.kept {
			return
		}
		inBubble(t, c, app("200 OK", plain, "hello"), func(t *testing.T, connect func() net.Conn, said *log) {
			begun, conn := time.Now(), connect()
			defer conn.Close()
			go io.WriteString(conn, c.request(request{method: "GET", uri: "/"}))
			all, _ := io.ReadAll(conn)
			if took := time.Since(begun); took != time.Hour || !c.answer(string(all)).whole || strings.Contains(said.String(), "peer") {
				t.Errorf("closed after %v\n%s", took, said)
			}
		})
	})
}

// TestShutdown: an idle connection is closed soon, and one that has a request when that is answered.
func TestShutdown(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		configured(t, c, front.Config{Application: app("200 OK", plain, "hello")}, func(t *testing.T, s *gateway.Server, connect func() net.Conn, _ *log) {
			conn, got := connect(), &log{}
			defer conn.Close()
			go io.Copy(got, conn)
			raw := c.request(request{method: "GET", uri: "/"})
			io.WriteString(conn, raw[:30])
			synctest.Wait()
			begun, done := time.Now(), make(chan error, 1)
			go func() { done <- s.Shutdown(t.Context()) }()
			synctest.Wait()
			go io.WriteString(conn, raw[30:])
			if err := <-done; err != nil || time.Since(begun) > 5*time.Second {
				t.Errorf("%v after %v", err, time.Since(begun))
			}
			synctest.Wait() // until all that came is in got
			if a := c.answer(got.String()); a.body != "hello" || !a.whole {
				t.Errorf("got %v", a)
			}
			if c.name == "ajp" && !strings.Contains(got.String(), string(ajp.AppendEndResponse(nil, false))) {
				t.Error("the web server is told to use the connection again")
			}
		})
	})
}

// TestDrain: a kept connection has one more answer, and new ones are taken.
func TestDrain(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		configured(t, c, front.Config{Application: app("200 OK", plain, "hello")}, func(t *testing.T, s *gateway.Server, connect func() net.Conn, _ *log) {
			before := connect()
			synctest.Wait()
			s.Drain()
			for _, conn := range []net.Conn{before, connect()} {
				go io.WriteString(conn, c.request(request{method: "GET", uri: "/"}))
				begun := time.Now()
				all, err := io.ReadAll(conn)
				if a := c.answer(string(all)); a.body != "hello" || !a.whole || err != nil || time.Since(begun) > time.Second {
					t.Errorf("got %v, %v after %v", a, err, time.Since(begun))
				}
				conn.Close()
			}
		})
	})
}

// TestQuestions that need no application are answered at once, are no requests, and may come at any time between two.
func TestQuestions(t *testing.T) {
	values := string(fastcgi.AppendRecord(nil, fastcgi.GetValues, 0, fastcgi.AppendPair(nil, "FCGI_MPXS_CONNS", "")))
	for name, row := range map[string]struct{ question, answer string }{
		"fastcgi": {values, string(fastcgi.AppendRecord(nil, fastcgi.GetValuesResult, 0, fastcgi.AppendPair(nil, "FCGI_MPXS_CONNS", "0")))},
		"ajp":     {"\x12\x34\x00\x01\x0a", "AB\x00\x01\x09"},
	} {
		for _, c := range clients {
			if c.name != name {
				continue
			}
			var numbers []uint64 // of the exchanges
			observer := func(s front.Step) {
				if s.Stage == front.Environ {
					numbers = append(numbers, s.Exchange)
				}
			}
			configured(t, c, front.Config{Application: app("200 OK", plain, "hello"), Observer: observer}, func(t *testing.T, _ *gateway.Server, connect func() net.Conn, said *log) {
				conn, got := connect(), &log{}
				defer conn.Close()
				go io.Copy(got, conn)
				for i := range 3 {
					before := len(got.String())
					io.WriteString(conn, row.question)
					time.Sleep(2 * readTime) // it is idle, and not in the middle of a request
					if answer := got.String()[before:]; i > 0 && answer != row.answer || i == 0 && answer != row.answer && answer != "" {
						t.Fatalf("%s %d: %q", name, i, answer)
					}
					if i == 0 { // a new connection that brings no request is closed like any other
						conn.Close()
						conn, got = connect(), &log{}
						go io.Copy(got, conn)
					}
					before = len(got.String())
					io.WriteString(conn, row.question+c.request(request{method: "GET", uri: "/"}))
					synctest.Wait()
					if a := c.answer(got.String()[before:]); a.body != "hello" || !a.whole || !strings.HasPrefix(got.String()[before:], row.answer) {
						t.Fatalf("%s %d: %v", name, i, a)
					}
				}
				if strings.Contains(said.String(), "408") {
					t.Errorf("the log says %s", said)
				}
				if !slices.Equal(numbers, []uint64{2, 3, 4}) { // 1 was that of the connection without a request
					t.Errorf("%s: exchanges %v", name, numbers)
				}
			})
		}
	}
}

// TestPing: uWSGI's question whether somebody is there.
func TestPing(t *testing.T) {
	inBubble(t, clients[2], app("200 OK", plain, "hello"), func(t *testing.T, connect func() net.Conn, said *log) {
		conn := connect()
		go io.WriteString(conn, "\x64\x00\x00\x00")
		if all, err := io.ReadAll(conn); string(all) != "\x64\x00\x00\x01" || err != nil {
			t.Errorf("%q %v", all, err)
		}
		conn.Close()
	})
}

// TestAbort: FCGI_ABORT_REQUEST ends the request, and not the connection.
func TestAbort(t *testing.T) {
	c := clients[0]
	inBubble(t, c, count, func(t *testing.T, connect func() net.Conn, said *log) {
		for _, size := range []int{10, 100000} { // before the call, and while the application reads
			conn, got := connect(), &log{}
			go io.Copy(got, conn)
			raw := c.request(request{method: "POST", uri: "/", content: strings.Repeat("x", size), length: "200000"})
			raw = raw[:len(raw)-8] // without the end of FCGI_STDIN
			io.WriteString(conn, raw+string(fastcgi.AppendRecord(nil, fastcgi.AbortRequest, 1, nil)))
			synctest.Wait()
			if tokens, err := fastcgi.ExplainResponse([]byte(got.String()), 0); err != nil || len(tokens) == 0 || tokens[len(tokens)-1].Name != "FCGI_EndRequestBody" {
				t.Errorf("%d: %q, %v", size, got, err)
			}
			before := len(got.String())
			io.WriteString(conn, c.request(request{method: "POST", uri: "/", content: "hello"}))
			synctest.Wait()
			if a := c.answer(got.String()[before:]); a.body != "5 5 true <nil>" {
				t.Errorf("%d, and then: %v", size, a)
			}
			conn.Close()
		}
	})
}

// TestGarbage: what is no request of the protocol is closed, with an answer where there is a way to give one, and the log
// says what it looks like.
func TestGarbage(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		inBubble(t, c, count, func(t *testing.T, connect func() net.Conn, said *log) {
			conn := connect()
			defer conn.Close()
			go io.WriteString(conn, "GET / HTTP/1.1\r\nHost: example\r\n\r\n")
			all, _ := io.ReadAll(conn)
			if answer := c.answer(string(all)); c.name == "uwsgi" && answer.status != "501 Not Implemented" || c.name != "uwsgi" && len(all) > 0 {
				t.Errorf("got %q", all)
			}
			if !strings.Contains(said.String(), "it looks like HTTP") {
				t.Errorf("the log says %s", said)
			}
		})
	})
}

// TestConnectionLimit: a new connection takes the place of one that waits.
func TestConnectionLimit(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		configured(t, c, front.Config{Application: count, MaxConnections: 2}, func(t *testing.T, _ *gateway.Server, connect func() net.Conn, _ *log) {
			first := connect()
			time.Sleep(time.Second)
			second := connect()
			time.Sleep(time.Second)
			if got := ask(t, c, connect, request{method: "GET", uri: "/"}); got.status != "200 OK" {
				t.Errorf("got %v", got)
			}
			if _, err := first.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("the first is still there: %v", err)
			}
			first.Close()
			second.Close()
		})
	})
}
