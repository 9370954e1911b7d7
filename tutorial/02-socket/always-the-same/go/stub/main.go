// A server that always says the same. Its argument is the port.
package main

import (
	"log"
	"net"
	"os"
)

const page = "<h1>你好</h1>"

// response is all that goes over the wire: status-line, field lines, empty line, page.
func response() string {
	return page // a status-line, field lines and an empty line belong in front of it
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
	// read here
	connection.Write([]byte(response()))
}
