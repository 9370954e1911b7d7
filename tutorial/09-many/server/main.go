// The server of chapter 9: many clients at a time, up to a limit.
//
//	go run . 8888
package main

import (
	"log"
	"net"
	"os"
)

const (
	multithread = true // may the application be called again while it runs?
	connections = 100  // at the same time: as many goroutines, as many heads in memory
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
	slots := make(chan struct{}, connections)
	for {
		slots <- struct{}{} // waits while all are taken: new connections wait in the system's backlog
		socket, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer func() { <-slots }()
			exchange(&connection{socket: socket}, pages)
		}()
	}
}
