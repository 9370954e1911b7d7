// Makes the bytes of a response. Its argument is the port. The other files are those of chapter 7, and given.go.
package main

import (
	"log"
	"net"
	"os"
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
	isHead  bool // the method is HEAD
	framing framing
}

func newAssembler(socket net.Conn, r *request) assembler {
	return assembler{socket: socket, http10: r.version == "HTTP/1.0", isHead: r.method == "HEAD"}
}

// sendHead sends the status-line, the application's fields, and those of the server: Date, Connection: close, and what
// the framing needs. The length is -1 where it is not known. An error ends the call, and the peer gets 500.
func (a *assembler) sendHead(status string, headers fields, length int) error {
	return nil
}

// sendBody sends a block at once. It may be empty.
func (a *assembler) sendBody(block []byte) error {
	return nil
}

// finish comes after the last block.
func (a *assembler) finish() error {
	return nil
}
