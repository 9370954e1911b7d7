// Keeps a connection for the requests that follow. Its argument is the port.
package main

import (
	"bytes"
	"errors"
	"net"
	"os"
	"strings"
	"time"
)

const (
	idle    = 3 * time.Second  // for the next request
	timeout = 10 * time.Second // for the rest of a request
)

func main() {
	serve(os.Args[1], func(socket net.Conn) {
		c := &connection{socket: socket}
		c.serve()
	})
}

// staysOpen: may another request follow on this connection? (RFC 9112 §9.3)
func staysOpen(r *request) bool {
	keepAlive := false
	for _, option := range strings.Split(strings.Join(r.find("Connection"), ","), ",") {
		switch strings.ToLower(strings.TrimSpace(option)) {
		case "close":
			return false
		case "keep-alive":
			keepAlive = true
		}
	}
	return r.version != "HTTP/1.0" || keepAlive
}

// connection is a connection, and the bytes that came and are not used up.
type connection struct {
	socket net.Conn
	buffer []byte
}

// serve is exchanges, one after another, until one says that it was the last.
func (c *connection) serve() {
	for c.exchange() {
	}
}

// exchange is one request and its response. It returns whether another may follow.
func (c *connection) exchange() bool {
	if !c.begins() {
		return false
	}
	head, err := c.takeHead()
	if err != nil {
		return false
	}
	r, err := parse(head)
	if refused := (*refusal)(nil); errors.As(err, &refused) {
		c.socket.Write(response(refused.status, "", false))
		return false
	}
	body, err := c.take(r.contentLength)
	if err != nil {
		return false
	}
	keep := staysOpen(r)
	_, err = c.socket.Write(response("200 OK", page(r, body), keep))
	return keep && err == nil
}

// begins waits for the first byte of a request. It is false when none comes in time.
func (c *connection) begins() bool {
	c.socket.SetDeadline(time.Now().Add(idle))
	if len(c.buffer) == 0 && c.receive() != nil {
		return false
	}
	c.socket.SetDeadline(time.Now().Add(timeout))
	return true
}

// takeHead takes the bytes through the empty line.
func (c *connection) takeHead() ([]byte, error) {
	for !bytes.Contains(c.buffer, []byte("\r\n\r\n")) {
		if err := c.receive(); err != nil {
			return nil, err
		}
	}
	return c.take(bytes.Index(c.buffer, []byte("\r\n\r\n")) + 4)
}

// take takes n bytes. What came behind them stays in the buffer.
func (c *connection) take(n int) ([]byte, error) {
	for len(c.buffer) < n {
		if err := c.receive(); err != nil {
			return nil, err
		}
	}
	taken := c.buffer[:n:n]
	c.buffer = c.buffer[n:]
	return taken, nil
}

// receive adds what the socket has to the buffer, and waits for at least one byte.
func (c *connection) receive() error {
	piece := make([]byte, 4096)
	n, err := c.socket.Read(piece)
	c.buffer = append(c.buffer, piece[:n]...)
	if n > 0 {
		return nil
	}
	return err
}
