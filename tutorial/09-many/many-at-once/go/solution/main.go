// Serves up to limit clients at the same time, each in a goroutine. Its argument is the port.
package main

import (
	"log"
	"net"
	"os"
)

const (
	limit       = 8    // connections that are served at the same time; the others wait
	multithread = true // what the application is told: may it be called again while it runs?
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	slots := make(chan struct{}, limit)
	for {
		slots <- struct{}{} // waits while all are taken
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
