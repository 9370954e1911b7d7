// A server that answers each request with its head. Its argument is the port.
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"time"
)

const (
	limit    = 65536           // bytes of a head
	patience = 6 * time.Second // for a whole head to come
	end      = "\r\n\r\n"
)

var (
	errTooLong = errors.New("431 Request Header Fields Too Large")
	errTooSlow = errors.New("408 Request Timeout")
)

// receiver takes heads from a connection, one after the other.
type receiver struct {
	connection net.Conn
	buffer     []byte // what has come and belongs to no head yet
}

// head returns the bytes of the next head, through its empty line. The error is io.EOF when the client has closed,
// errTooLong when a head is longer than limit, errTooSlow when it is not there in time. A deadline that has passed
// makes Read return os.ErrDeadlineExceeded.
func (r *receiver) head() ([]byte, error) {
	return nil, errors.New("not written yet") // write it
}

// serve answers requests, until the client has no more of them or one is refused.
func serve(connection net.Conn) {
	defer connection.Close()
	r := &receiver{connection: connection}
	for {
		head, err := r.head()
		if errors.Is(err, errTooLong) || errors.Is(err, errTooSlow) {
			respond(connection, err.Error(), nil)
			sayGoodbye(connection)
			return
		}
		if err != nil {
			if err != io.EOF {
				log.Print(err)
			}
			return
		}
		respond(connection, "200 OK", head)
	}
}

func respond(connection net.Conn, status string, body []byte) {
	head := fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n", status, len(body))
	connection.Write(append([]byte(head), body...))
}

// sayGoodbye ends our side, and reads on for a second: unread bytes would make the system send a reset, and lose the
// response.
func sayGoodbye(connection net.Conn) {
	connection.(*net.TCPConn).CloseWrite()
	connection.SetReadDeadline(time.Now().Add(time.Second))
	io.Copy(io.Discard, connection)
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		serve(connection)
	}
}
