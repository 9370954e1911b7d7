// Makes the bytes of a response. Its argument is the port. The other files are those of chapter 7, and given.go.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"time"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	for {
		socket, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		exchange(&connection{socket: socket}, pages)
	}
}

// framing is how the peer finds the end of the body.
type framing int

const (
	withoutBody framing = iota // HEAD, 204, 304: the head is all
	byLength                   // Content-Length
	byChunks                   // Transfer-Encoding: chunked
	byClose                    // the end of the connection: HTTP/1.0 knows nothing better
)

// assembler makes the bytes: sendHead comes once, then sendBody for each block, then finish if the body is whole.
type assembler struct {
	socket  net.Conn
	http10  bool // the request is HTTP/1.0
	isHead  bool
	framing framing
}

func newAssembler(socket net.Conn, r *request) assembler {
	return assembler{socket: socket, http10: r.version == "HTTP/1.0", isHead: r.method == "HEAD"}
}

func (a *assembler) sendHead(status string, headers fields, length int) error {
	head := "HTTP/1.1 " + status + "\r\n"
	for _, h := range headers {
		if !token.MatchString(h.name) || control.MatchString(h.value) || hopByHop[strings.ToLower(h.name)] {
			return fmt.Errorf("the application must not send the field %q: %q", h.name, h.value)
		}
		head += h.name + ": " + h.value + "\r\n"
	}
	hasLength := headers.find("Content-Length") != nil
	if length >= 0 && !hasLength && !strings.HasPrefix(status, "204") {
		head += fmt.Sprintf("Content-Length: %d\r\n", length)
	}
	if a.framing = a.chooseFraming(status, hasLength || length >= 0); a.framing == byChunks {
		head += "Transfer-Encoding: chunked\r\n"
	}
	head += "Date: " + time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") + "\r\nConnection: close\r\n\r\n"
	_, err := io.WriteString(a.socket, head)
	return err
}

var hopByHop = map[string]bool{
	"connection": true, "keep-alive": true, "te": true, "trailer": true, "transfer-encoding": true, "upgrade": true,
}

// chooseFraming decides in the order of RFC 9112 §6.3, seen from the sender.
func (a *assembler) chooseFraming(status string, known bool) framing {
	switch {
	case a.isHead, strings.HasPrefix(status, "204"), strings.HasPrefix(status, "304"):
		return withoutBody
	case known:
		return byLength
	case !a.http10:
		return byChunks
	}
	return byClose
}

func (a *assembler) sendBody(block []byte) (err error) {
	switch {
	case a.framing == withoutBody || len(block) == 0: // an empty chunk would be the end
	case a.framing == byChunks:
		_, err = fmt.Fprintf(a.socket, "%x\r\n%s\r\n", len(block), block)
	default:
		_, err = a.socket.Write(block)
	}
	return err
}

func (a *assembler) finish() (err error) {
	if a.framing == byChunks {
		_, err = io.WriteString(a.socket, "0\r\n\r\n")
	}
	return err
}
