package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

// unread answers without a look at the request's body.
var unread = app("200 OK", nil, "ok")

// What leaves for what a peer sent. A status stands for its whole response.
var requests = []struct {
	name, request string
	app           native.Callable
	want          []string // the status, or "status body", of each response
}{
	{"body by length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", native.Echo, []string{"200 hello"}},
	{"body by chunks", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nT: 1\r\n\r\n",
		native.Echo, []string{"200 hello"}},
	{"large body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + strings.Repeat("x", 300000),
		native.Echo, []string{"200 " + strings.Repeat("x", 300000)}},
	{"large body by chunks", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
		strings.Repeat("3e8\r\n"+strings.Repeat("x", 1000)+"\r\n", 300) + "0\r\n\r\n" + get11,
		native.Echo, []string{"200 " + strings.Repeat("x", 300000), "200 "}},
	{"unread small body: the next request is found", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" + get11,
		unread, []string{"200 ok", "200 ok"}},
	{"unread body of 200 KB: drained", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + strings.Repeat("x", 200000) + get11,
		unread, []string{"200 ok", "200 ok"}},
	{"unread body of 600 KB: closed", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 600000\r\n\r\n" + strings.Repeat("x", 600000) + get11,
		unread, []string{"200 ok close"}},
	{"unread chunks: drained", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + get11,
		unread, []string{"200 ok", "200 ok"}},
	{"a body with Expect, unread: closed, no 100", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
		unread, []string{"200 ok close"}},
	{"body cut off by length: 400", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nhello", native.Echo, []string{"400 close"}},
	{"body cut off in a chunk: 400", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", readAll, []string{"400 close"}},
	{"broken chunk that has arrived: refused without a call", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
		unread, []string{"400 close"}},
	{"head cut off: 400", "GET / HTTP/1.1\r\nHo", unread, []string{"400 close"}},
	{"nothing sent: nothing answered", "", unread, nil},
	{"empty lines first", "\r\n" + get11, unread, []string{"200 ok"}},
	{"nothing after a bad request", "GET / HTTP/1.1\r\nHost : x\r\n\r\n" + get11, unread, []string{"400 close"}},
	{"second of two is bad", get11 + "BAD\r\n\r\n" + get11, unread, []string{"200 ok", "400 close"}},
	{"CONNECT", "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n", unread, []string{"405 close"}},
	{"version 2.0", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", unread, []string{"505 close"}},
	{"target too long", "GET /" + strings.Repeat("x", 9000) + " HTTP/1.1\r\nHost: x\r\n\r\n", unread, []string{"414 close"}},
	{"field too long", "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 9000) + "\r\n\r\n", unread, []string{"431 close"}},
	{"https without TLS", "GET https://x/ HTTP/1.1\r\nHost: x\r\n\r\n", unread, []string{"421 close"}},
	{"unknown expectation", "POST / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nContent-Length: 1\r\n\r\nx", unread, []string{"417 close"}},
	{"unknown transfer coding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", unread, []string{"501 close"}},
}

// readAll answers with the length of the body it read.
var readAll native.Callable = func(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	body, err := io.ReadAll(environ.Input)
	if err != nil {
		return nil, &wsgi.ApplicationError{Exception: "OSError: " + err.Error()}
	}
	if _, err := startResponse("200 OK", nil, nil); err != nil {
		return nil, err
	}
	return native.Body(string(body)), nil
}

// reader reads the whole body, a little at a time.
var reader native.Callable = func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	if _, err := io.Copy(io.Discard, environ.Input); err != nil {
		return nil, err
	}
	return app("200 OK", nil, "read")(environ, start)
}

func TestRequest(t *testing.T) {
	for i := range 2 * len(requests) {
		row, stream := requests[i/2], i%2 == 1
		t.Run(fmt.Sprintf("%s, stream %v", row.name, stream), func(t *testing.T) {
			log := &record{}
			c := config(row.app, log)
			c.StreamChunked = stream
			_, address := serve(t, c)
			got := strings.Join(responsesOf(t, talk(t, address, row.request)), "\n")
			if want := strings.Join(row.want, "\n"); got != want {
				t.Errorf("got\n%.200s\nwant\n%.200s\nlog:\n%s", got, want, log)
			}
		})
	}
}

// responsesOf reads all responses with net/http, which knows nothing of how we write them.
func responsesOf(t *testing.T, raw string) (all []string) {
	t.Helper()
	r := bufio.NewReader(strings.NewReader(raw))
	for {
		if _, err := r.Peek(1); err == io.EOF {
			return all
		}
		response, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatalf("%v in %q", err, raw)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatalf("%v in the body of %q", err, raw)
		}
		if response.Header.Get("Date") == "" {
			t.Errorf("no Date in %q", raw)
		}
		text := response.Status[:3] + " " + string(body)
		if response.StatusCode >= 400 {
			text = response.Status[:3]
			if len(body) == 0 || body[len(body)-1] != '\n' {
				t.Errorf("no explanation in %q", raw)
			}
		}
		if response.Close {
			text += " close"
		}
		all = append(all, text)
	}
}

// TestExpectContinue waits for 100 (Continue), which comes when the application reads, and not before.
func TestExpectContinue(t *testing.T) {
	begin, read := make(chan bool), make(chan bool)
	slow := native.Callable(func(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
		begin <- true
		<-read
		return readAll(environ, startResponse)
	})
	_, address := serve(t, config(slow, &record{}))
	conn := dial(t, address)
	io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n")
	<-begin
	read <- true
	interim := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))
	if _, err := io.ReadFull(conn, interim); err != nil || string(interim) != "HTTP/1.1 100 Continue\r\n\r\n" {
		t.Fatalf("got %q, %v", interim, err)
	}
	io.WriteString(conn, "hello"+"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi")
	conn.CloseWrite()
	<-begin
	read <- true
	rest, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	// The second body was there already: no interim response (RFC 9110 §10.1.1, MAY).
	want := "200 hello\n200 hi"
	if got := strings.Join(responsesOf(t, string(rest)), "\n"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestBlockLeavesAtOnce receives a block while the application has not made the next.
func TestBlockLeavesAtOnce(t *testing.T) {
	t.Parallel()
	next := make(chan bool)
	streaming := native.Callable(func(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
		if _, err := startResponse("200 OK", nil, nil); err != nil {
			return nil, err
		}
		return native.Generator{Blocks: func(yield func([]byte, error) bool) {
			for yield([]byte("block\n"), nil) && <-next {
			}
		}}, nil
	})
	_, address := serve(t, config(streaming, &record{}))
	response, err := http.Get("http://" + address + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewReader(response.Body)
	for i := range 3 {
		if line, err := lines.ReadString('\n'); line != "block\n" {
			t.Fatalf("block %d: %q, %v", i, line, err)
		}
		next <- i < 2
	}
	if _, err := lines.ReadString('\n'); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}
