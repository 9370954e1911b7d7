// The server of chapter 4: it reads the request-line, and answers with the three parts of it.
//
//	go run . 8888
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"regexp"
	"strings"
	"time"
)

const (
	readTimeout   = 10 * time.Second // for a whole head
	headerSection = 65536            // bytes of a head
	requestLine   = 8190             // bytes of the first line
	lingerTime    = time.Second      // for a client that is still sending when it is refused
)

func main() {
	port := "8888"
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	for {
		socket, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		c := &connection{socket: socket}
		c.serve()
	}
}

// connection is one TCP connection. What has come and is not used up waits in the buffer.
type connection struct {
	socket  net.Conn
	buffer  []byte
	request request
}

// serve is one exchange: a request, and its response. The field lines behind the request-line are what the next chapter
// mends: nobody reads them here.
func (c *connection) serve() {
	defer c.socket.Close()
	head, err := c.receiveHead()
	if err == nil {
		line, _, _ := bytes.Cut(head, []byte("\r\n"))
		fmt.Printf("> %q\n", line)
		err = parseRequestLine(line, &c.request)
	}
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		c.respond(refused.status, err.Error()+"\n")
	case err == nil:
		r := c.request
		c.respond("200 OK", fmt.Sprintf("method   %s\ntarget   %s\nversion  %s\n", r.method, r.target, r.version))
	}
}

// request is what has been read of a head.
type request struct{ method, target, version string }

// refusal is the peer's fault, and the status that says so.
type refusal struct{ status, rule string }

func (r *refusal) Error() string { return r.rule }

func bad(rule string) error { return &refusal{"400 Bad Request", rule} }

var (
	errHeadLong = &refusal{"431 Request Header Fields Too Large", "head: too long"}
	errLineLong = &refusal{"414 URI Too Long", "request-line: too long"}
	errTimeout  = &refusal{"408 Request Timeout", "head: not there in time"}
	errVersion  = &refusal{"505 HTTP Version Not Supported", "HTTP-version: not HTTP/1.x"}
)

// token is RFC 9110 §5.6.2, version RFC 9112 §2.3. In a target, no byte may look like the end of it.
var (
	token   = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	version = regexp.MustCompile(`^HTTP/[0-9]\.[0-9]$`)
	target  = regexp.MustCompile(`^(?s:[^\x00-\x20#\x7f])+$`)
)

// parseRequestLine splits the line at its two spaces, and at nothing else.
//
//	request-line = method SP request-target SP HTTP-version                                      (RFC 9112 §3)
func parseRequestLine(line []byte, r *request) error {
	if len(line) > requestLine {
		return errLineLong
	}
	parts := strings.Split(string(line), " ")
	if len(parts) != 3 {
		return bad("request-line: not three parts with one space between them")
	}
	r.method, r.target, r.version = parts[0], parts[1], parts[2]
	switch {
	case !token.MatchString(r.method):
		return bad("method: not a token")
	case !version.MatchString(r.version):
		return bad("HTTP-version: malformed")
	case r.version[len("HTTP/")] != '1':
		return errVersion
	case !target.MatchString(r.target):
		return bad("request-target: a byte that cannot be in it")
	}
	return checkForm(r)
}

// checkForm accepts three of the four forms of a target (RFC 9112 §3.2). The fourth is for CONNECT, to proxies.
func checkForm(r *request) error {
	origin := strings.HasPrefix(r.target, "/")
	absolute := strings.HasPrefix(r.target, "http://") || strings.HasPrefix(r.target, "https://")
	asterisk := r.target == "*" && r.method == "OPTIONS"
	if !origin && !absolute && !asterisk {
		return bad("request-target: none of the forms that are for a server")
	}
	return nil
}

// receiveHead reads until there is an empty line. The deadline is for the whole head: a byte now and then does not
// prolong it.
func (c *connection) receiveHead() ([]byte, error) {
	c.socket.SetReadDeadline(time.Now().Add(readTimeout))
	for {
		end := bytes.Index(c.buffer, []byte("\r\n\r\n")) + len("\r\n\r\n")
		switch {
		case end < len("\r\n\r\n") && len(c.buffer) > headerSection, end > headerSection:
			return nil, errHeadLong
		case end >= len("\r\n\r\n"):
			head := c.buffer[:end]
			c.buffer = c.buffer[end:]
			return head, nil
		}
		if err := c.receive(); err != nil {
			return nil, err
		}
	}
}

// receive takes what the socket has to the buffer, and waits for at least one byte.
func (c *connection) receive() error {
	part := make([]byte, 4096)
	n, err := c.socket.Read(part)
	c.buffer = append(c.buffer, part[:n]...)
	switch {
	case n > 0:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errTimeout
	}
	return err // io.EOF: the client has closed
}

// respond sends the response, without its body to HEAD, and reads on for a while: closing with unread bytes would let a
// reset overtake it.
func (c *connection) respond(status, body string) {
	head := "HTTP/1.1 " + status + "\r\n" +
		"Content-Type: text/plain\r\n" +
		fmt.Sprintf("Content-Length: %d\r\n", len(body)) +
		"Connection: close\r\n" +
		"\r\n"
	if c.request.method == "HEAD" {
		body = ""
	}
	c.socket.Write([]byte(head + body))
	if half, ok := c.socket.(*net.TCPConn); ok {
		half.CloseWrite()
	}
	c.socket.SetReadDeadline(time.Now().Add(lingerTime))
	io.Copy(io.Discard, c.socket)
}
