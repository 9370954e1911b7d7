// The server of chapter 8: it sends each block before it asks for the next.
//
//	go run . 8888
package main

import (
	"log"
	"net"
	"os"
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
	for { // the next connection waits until this one is done: that is what the next chapter mends
		socket, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		exchange(&connection{socket: socket}, pages)
	}
}
