// The server of chapter 3: it receives a whole head, within a limit and a deadline, and answers always the same.
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
	"time"
)

const (
	readTimeout   = 10 * time.Second // for a whole head
	headerSection = 65536            // bytes of a head
	lingerTime    = time.Second      // for a client that is still sending when it is refused
)

const page = "<h1>你好</h1>"

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
	socket net.Conn
	buffer []byte
}

// serve is one exchange: a request, and its response. What the request says is what the next chapter mends: any bytes
// before an empty line are good enough here.
func (c *connection) serve() {
	defer c.socket.Close()
	head, err := c.receiveHead()
	if status := statusOf(err); status != "" {
		c.respond(status, status+"\n")
		return
	}
	if err != nil {
		return // the client has left
	}
	for _, line := range bytes.SplitAfter(head, []byte("\r\n")) {
		fmt.Printf("> %s", line)
	}
	c.respond("200 OK", page)
}

var (
	errHeadLong = errors.New("the head is too long")
	errTimeout  = errors.New("the head did not come in time")
)

// statusOf is the status of the response that tells of an error; none where nobody is there to be told.
func statusOf(err error) string {
	switch {
	case errors.Is(err, errHeadLong):
		return "431 Request Header Fields Too Large"
	case errors.Is(err, errTimeout):
		return "408 Request Timeout"
	}
	return ""
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

// respond sends the response, and reads on for a while: closing with unread bytes would let a reset overtake it.
func (c *connection) respond(status, body string) {
	head := "HTTP/1.1 " + status + "\r\n" +
		"Content-Type: text/html;charset=utf-8\r\n" +
		fmt.Sprintf("Content-Length: %d\r\n", len(body)) +
		"Connection: close\r\n" +
		"\r\n"
	c.socket.Write([]byte(head + body))
	if half, ok := c.socket.(*net.TCPConn); ok {
		half.CloseWrite()
	}
	c.socket.SetReadDeadline(time.Now().Add(lingerTime))
	io.Copy(io.Discard, c.socket)
}
