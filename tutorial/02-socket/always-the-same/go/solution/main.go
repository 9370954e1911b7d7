// A server that always says the same. Its argument is the port.
package main

import (
	"fmt"
	"log"
	"net"
	"os"
)

const page = "<h1>你好</h1>"

// response is all that goes over the wire: status-line, field lines, empty line, page.
func response() string {
	return "HTTP/1.0 200 OK\r\n" +
		"Content-Type: text/html;charset=utf-8\r\n" +
		fmt.Sprintf("Content-Length: %d\r\n", len(page)) +
		"\r\n" +
		page
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
		answer(connection)
	}
}

// answer reads once from the connection, writes the response, and closes the connection.
func answer(connection net.Conn) {
	defer connection.Close()
	buffer := make([]byte, 1024)
	if _, err := connection.Read(buffer); err != nil {
		return
	}
	connection.Write([]byte(response()))
}
