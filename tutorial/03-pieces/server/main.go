// The server of chapter 3: it receives a whole head, within a limit and a deadline, and answers always the same.
//
//	go run . 8888
package main

import (
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"time"
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
		exchange(&connection{socket: socket})
	}
}

// exchange is one request, and its response. What the request says is what the next chapter mends: any bytes before an
// empty line are good enough here.
func exchange(c *connection) {
	defer c.socket.Close()
	_, err := c.takeHead()
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		c.respond(refused.status, refused.rule+"\n")
	case err == nil:
		c.respond("200 OK", page)
	}
}

func (c *connection) respond(status, body string) {
	response := "HTTP/1.1 " + status + "\r\n" +
		"Content-Type: text/html;charset=utf-8\r\n" +
		fmt.Sprintf("Content-Length: %d\r\n", len(body)) +
		"Connection: close\r\n" +
		"\r\n" +
		body
	c.socket.SetWriteDeadline(time.Now().Add(patience))
	c.socket.Write([]byte(response))
	c.linger()
}
