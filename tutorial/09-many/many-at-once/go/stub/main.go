// Serves one client after another, and should serve up to limit at the same time. Its argument is the port.
package main

import (
	"log"
	"net"
	"os"
)

const (
	limit       = 8     // connections that are served at the same time; the others wait
	multithread = false // what the application is told: may it be called again while it runs?
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
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
