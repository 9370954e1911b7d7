// The bytes that a connection brings, in whatever pieces they come. In glass: server/receive.go
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

const (
	patience   = 10 * time.Second // for a whole head, for a whole body, and for a client that does not take its response
	lingerTime = time.Second      // for a client that is still sending when it is answered
	headLimit  = 65536            // bytes
)

var (
	errHeadLong = &refusal{"431 Request Header Fields Too Large", "head: too long"}
	errTimeout  = &refusal{"408 Request Timeout", "not there in time"}
)

// connection is one TCP connection. What has come and is not used up waits in the buffer.
type connection struct {
	socket net.Conn
	buffer []byte
}

// takeHead takes the lines up to the empty one. There is one deadline for all of them: a byte now and then does not
// prolong it.
func (c *connection) takeHead() ([]string, error) {
	c.socket.SetReadDeadline(time.Now().Add(patience))
	head, err := c.takeThrough("\r\n\r\n", headLimit, errHeadLong)
	if err != nil {
		return nil, err
	}
	fmt.Printf("> %q\n", head)
	return strings.Split(strings.TrimSuffix(string(head), "\r\n\r\n"), "\r\n"), nil
}

// takeThrough takes the bytes through an end, of which there may be limit.
func (c *connection) takeThrough(end string, limit int, tooLong error) ([]byte, error) {
	for !bytes.Contains(c.buffer, []byte(end)) && len(c.buffer) <= limit {
		if err := c.receive(); err != nil {
			return nil, err
		}
	}
	n := bytes.Index(c.buffer, []byte(end)) + len(end)
	if n < len(end) || n > limit {
		return nil, tooLong
	}
	return c.take(n)
}

// take takes n bytes, and waits until they are there. What came behind them stays in the buffer.
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
	switch {
	case n > 0:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errTimeout
	}
	return err // io.EOF: the client has closed
}

// linger comes after the response, and reads on for a while: closing with unread bytes would let a reset overtake it.
func (c *connection) linger() {
	c.socket.(*net.TCPConn).CloseWrite()
	c.socket.SetReadDeadline(time.Now().Add(lingerTime))
	io.Copy(io.Discard, c.socket)
}
