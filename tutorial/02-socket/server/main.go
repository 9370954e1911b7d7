// The server of chapter 2: it accepts a connection, and always answers the same.
//
//	go run . 8888
package main

import (
	"fmt"
	"log"
	"net"
	"os"
)

const page = "<h1>你好</h1>"

// response is what goes over the wire: a status-line, field lines, an empty line, the body. len counts bytes.
var response = "HTTP/1.0 200 OK\r\n" +
	"Content-Type: text/html;charset=utf-8\r\n" +
	fmt.Sprintf("Content-Length: %d\r\n", len(page)) +
	"\r\n" +
	page

func main() {
	port := "8888"
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port) // socket, SO_REUSEADDR, bind, listen
	if err != nil {
		log.Fatal(err)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		answer(connection)
	}
}

// answer takes what has come so far for a request. That is what the next chapter mends: bytes arrive in pieces.
func answer(connection net.Conn) {
	defer connection.Close()
	request := make([]byte, 1024)
	n, err := connection.Read(request)
	if err != nil {
		return
	}
	fmt.Printf("> %q\n", request[:n])
	connection.Write([]byte(response))
}
