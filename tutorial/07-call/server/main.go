// The server of chapter 7: it calls an application, and sends what came of it once it has all of it.
//
//	go run . 8888
package main

import (
	"fmt"
	"log"
	"net"
	"os"
	"time"
)

const multithread = false // may the application be called again while it runs?

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
		exchange(&connection{socket: socket}, pages)
	}
}

// assembler collects the response until the last block has come. That is what the next chapter mends: each block should
// leave before the next is asked for.
type assembler struct {
	socket net.Conn
	isHead bool
	head   string
	body   []byte
}

func newAssembler(socket net.Conn, r *request) assembler {
	return assembler{socket: socket, isHead: r.method == "HEAD"}
}

func (a *assembler) sendHead(status string, headers fields, size int) error {
	a.head = "HTTP/1.1 " + status + "\r\n"
	for _, h := range headers {
		a.head += h.name + ": " + h.value + "\r\n"
	}
	return checkHead(status, headers)
}

func (a *assembler) sendBody(block []byte) error {
	a.body = append(a.body, block...)
	return nil
}

func (a *assembler) finish() error {
	a.head += fmt.Sprintf("Content-Length: %d\r\n", len(a.body)) +
		"Date: " + time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") + "\r\n" +
		"Connection: close\r\n" +
		"\r\n"
	if a.isHead {
		a.body = nil
	}
	a.socket.SetWriteDeadline(time.Now().Add(patience))
	_, err := a.socket.Write(append([]byte(a.head), a.body...))
	return err
}

// cut ends a response of which a part was collected. Nothing of it has left, so it can still become an error page.
func (a *assembler) cut() {
	a.head, a.body = "HTTP/1.1 500 Internal Server Error\r\n", nil
	a.finish()
}
