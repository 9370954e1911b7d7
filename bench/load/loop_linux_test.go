package load

import (
	"io"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// serving is a server that does the same with each connection, in a goroutine, and closes none before the test is over.
func serving(t *testing.T, each func(net.Conn)) *httptest.Server {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			go each(c)
		}
	}()
	return &httptest.Server{Listener: listener}
}

// answering reads a request, says a text, and reads on to the end.
func answering(text string) func(net.Conn) {
	return func(c net.Conn) {
		c.Read(make([]byte, 4096))
		io.WriteString(c, text)
		io.Copy(io.Discard, c)
	}
}

// refusing says a text at once, and reads nothing.
func refusing(text string) func(net.Conn) { return func(c net.Conn) { io.WriteString(c, text) } }

// TestWrongAnswers over real sockets: each is counted as what it is, once, and the next request has a new connection.
func TestWrongAnswers(t *testing.T) {
	for text, failed := range map[string]string{
		hello + "!":                             "more bytes than the answer announced",
		head + "Content-Length: 5\r\n\r\nhallo": "other content",
		"HTTP/1.1 503 No\r\n\r\n":               "status 503",
		"SSH-2.0\r\n\r\n":                       "not an answer of HTTP/1.x",
	} {
		for way := range ways {
			p := plan(serving(t, answering(text)), 5)
			p.Content, p.Body = 5, "hello"
			if r := answers(t, way, p); r.Answers != 0 || len(r.Errors) != 1 || r.Errors[failed] != 5 {
				t.Errorf("%s, %q: %d answers, %v", way, text, r.Answers, r.Errors)
			}
		}
	}
}

// TestPatience: a server that does not answer is not waited for without end.
func TestPatience(t *testing.T) {
	for way := range ways {
		p := plan(serving(t, answering("")), 3)
		p.Patience = 10 * time.Millisecond
		if r := answers(t, way, p); r.Errors["no answer in time"] != 3 {
			t.Errorf("%s: %v", way, r.Errors)
		}
	}
}

// TestAnswerBeforeTheUpload: a server that answers before a body has come reads no second request on that connection.
func TestAnswerBeforeTheUpload(t *testing.T) {
	for way := range ways {
		p := plan(serving(t, refusing("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")), 3)
		p.Upload = maxUpload
		if r := answers(t, way, p); r.Errors["status 413"] != 3 {
			t.Errorf("%s: %v", way, r.Errors)
		}
	}
	p := plan(serving(t, refusing(head+"Content-Length: 0\r\n\r\n")), 10)
	p.Upload, p.Connections = maxUpload, 1
	if r := answers(t, "this system's", p); r.Answers != 10 {
		t.Errorf("%d answers, %v", r.Answers, r.Errors)
	}
}

// TestUnasked: a server that ends a connection between two requests has done nothing wrong; one that sends something has.
func TestUnasked(t *testing.T) {
	for text, count := range map[string]int64{"": 0, "x": 1} {
		p := plan(serving(t, answering("")), 1)
		all, err := connect(&p)
		if err != nil {
			t.Fatal(err)
		}
		defer all.close()
		l := all.(*loop)
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		l.result, l.sockets[0].descriptor = newResult(), pair[0]
		unix.Write(pair[1], []byte(text))
		unix.Close(pair[1])
		l.receive(l.sockets[0])
		if l.sockets[0].descriptor != none || l.result.Errors[string(errMore)] != count {
			t.Errorf("%q: descriptor %d, %v", text, l.sockets[0].descriptor, l.result.Errors)
		}
	}
}
