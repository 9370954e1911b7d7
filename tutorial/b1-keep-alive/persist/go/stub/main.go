// Ends the connection after one response, and should keep it. Its argument is the port.
package main

import (
	"bytes"
	"errors"
	"net"
	"os"
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
func staysOpen(r *request) bool { return false }

// connection is a connection, and the bytes that came and are not used up.
type connection struct {
	socket net.Conn
	buffer []byte
}

// serve is exchanges, one after another, until one says that it was the last.
func (c *connection) serve() { c.exchange() }

// exchange is one request and its response. It returns whether another may follow.
func (c *connection) exchange() bool {
	c.socket.SetDeadline(time.Now().Add(timeout))
	head, err := c.takeHead()
	if err != nil {
		return false
	}
	r, err := parse(head)
	if refused := (*refusal)(nil); errors.As(err, &refused) {
		c.socket.Write(response(refused.status, "", false))
		return false
	}
	keep := staysOpen(r)
	_, err = c.socket.Write(response("200 OK", page(r, nil), keep))
	return keep && err == nil
}

// takeHead takes the bytes through the empty line.
func (c *connection) takeHead() ([]byte, error) {
	for !bytes.Contains(c.buffer, []byte("\r\n\r\n")) {
		if err := c.receive(); err != nil {
			return nil, err
		}
	}
	head := c.buffer[:bytes.Index(c.buffer, []byte("\r\n\r\n"))+4]
	c.buffer = nil // what came behind the head is lost
	return head, nil
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
