// The server of chapter 5: it reads the field lines, and the body that they announce, and answers with what it read.
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

// exchange is one request, and its response. What a request means is what the next chapter mends: nothing is decoded
// here, and path and query are one.
func exchange(c *connection) {
	defer c.socket.Close()
	r, err := c.receiveHead()
	if err == nil {
		err = c.receiveBody(r)
	}
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		c.respond(r.method, refused.status, refused.rule+"\n")
	case err == nil:
		c.respond(r.method, "200 OK", show(r))
	}
}

func show(r *request) string {
	text := fmt.Sprintf("%s %q\n", r.method, r.target)
	for _, f := range r.fields {
		text += fmt.Sprintf("%s: %q\n", f.name, f.value)
	}
	return text + fmt.Sprintf("a body of %d bytes: %q\n", len(r.body), r.body)
}
