// The server of chapter 4: it reads the request-line, and answers with the three parts of it.
//
//	go run . 8888
package main

import (
	"errors"
	"fmt"
	"log"
	"net"
	"os"
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
		exchange(&connection{socket: socket})
	}
}

// exchange is one request, and its response. The field lines behind the request-line are what the next chapter mends:
// nobody reads them here.
func exchange(c *connection) {
	defer c.socket.Close()
	var line requestLine
	lines, err := c.takeHead()
	if err == nil {
		line, err = parseRequestLine(lines[0])
	}
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		c.respond(line.method, refused.status, refused.rule+"\n")
	case err == nil:
		page := fmt.Sprintf("method   %q\ntarget   %q\nversion  %q\n", line.method, line.target, line.version)
		c.respond(line.method, "200 OK", page)
	}
}
