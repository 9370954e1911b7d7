// The bytes of a response, RFC 9112 §6. In glass: server/assembler.go
package main

import (
	"fmt"
	"net"
	"strings"
	"time"
)

// assembler sends the response: the head once, then each block when it comes, then what shows that the body is whole.
type assembler struct {
	socket  net.Conn
	http10  bool // the request is HTTP/1.0
	isHead  bool // the method is HEAD
	framing framing
}

func newAssembler(socket net.Conn, r *request) assembler {
	return assembler{socket: socket, http10: r.version == "HTTP/1.0", isHead: r.method == "HEAD"}
}

// framing is how the peer finds the end of the body.
type framing int

const (
	withoutBody framing = iota // HEAD, 204, 304: the head is all
	byLength                   // Content-Length
	byChunks                   // Transfer-Encoding: chunked
	byClose                    // the end of the connection: HTTP/1.0 knows nothing better
)

// chooseFraming decides in the order of RFC 9112 §6.3, seen from the sender.
func (a *assembler) chooseFraming(status string, lengthKnown bool) framing {
	switch {
	case a.isHead, strings.HasPrefix(status, "204"), strings.HasPrefix(status, "304"):
		return withoutBody
	case lengthKnown:
		return byLength
	case !a.http10:
		return byChunks
	}
	return byClose
}

// sendHead sends the status-line, the application's fields, and those of the server. A size of -1 is not known.
func (a *assembler) sendHead(status string, headers fields, size int) error {
	if err := checkHead(status, headers); err != nil {
		return err
	}
	head := "HTTP/1.1 " + status + "\r\n"
	for _, h := range headers {
		head += h.name + ": " + h.value + "\r\n"
	}
	lengthGiven := headers.find("Content-Length") != nil
	if size >= 0 && !lengthGiven && !strings.HasPrefix(status, "204") {
		head += fmt.Sprintf("Content-Length: %d\r\n", size)
	}
	if a.framing = a.chooseFraming(status, lengthGiven || size >= 0); a.framing == byChunks {
		head += "Transfer-Encoding: chunked\r\n"
	}
	if headers.find("Date") == nil {
		head += "Date: " + time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") + "\r\n"
	}
	return a.send(head + "Connection: close\r\n\r\n")
}

// sendBody sends a block at once. An empty chunk would be the end.
func (a *assembler) sendBody(block []byte) error {
	switch {
	case a.framing == withoutBody || len(block) == 0:
		return nil
	case a.framing == byChunks:
		return a.send(fmt.Sprintf("%x\r\n%s\r\n", len(block), block))
	}
	return a.send(string(block))
}

// finish comes after the last block.
func (a *assembler) finish() error {
	if a.framing == byChunks {
		return a.send("0\r\n\r\n")
	}
	return nil
}

// cut ends a body in the middle. The peer can see that: a part of it is missing, or the connection ends with a reset.
func (a *assembler) cut() {
	if a.framing == byClose {
		a.socket.(*net.TCPConn).SetLinger(0)
		a.socket.Close()
	}
}

func (a *assembler) send(text string) error {
	a.socket.SetWriteDeadline(time.Now().Add(patience))
	_, err := a.socket.Write([]byte(text))
	return err
}
