// Serves one connection after the other, and should serve all at once, with one goroutine. Its argument is the port.
package main

import (
	"os"
	"time"
)

const (
	idle = 3 * time.Second        // of silence, after which a connection ends
	turn = 500 * time.Millisecond // that a turn waits at most
)

func main() {
	s := newSelector()
	l := &loop{selector: s, listener: s.listen(os.Args[1])}
	l.run()
}

// connection is a socket, the bytes that came and are not used up, and those that it has not taken yet.
type connection struct {
	socket   *socket
	received []byte
	unsent   []byte
	ends     bool
}

// loop is all the connections, and the one goroutine that serves them. Nothing in here may wait for one of them.
type loop struct {
	selector *selector
	listener *socket
}

func (l *loop) run() {
	l.selector.watch(l.listener, toRead)
	for {
		l.selector.wait(turn)
		if socket, err := l.listener.accept(); err == nil {
			l.serve(&connection{socket: socket})
		}
	}
}

// serve serves a connection to its end, while all the others wait.
func (l *loop) serve(c *connection) {
	l.selector.watch(l.listener, 0)
	l.selector.watch(c.socket, toRead)
	for !c.ends {
		l.selector.wait(turn)
		l.receive(c)
	}
	l.selector.watch(c.socket, 0)
	l.selector.watch(l.listener, toRead)
	c.socket.close()
}

// receive takes what has come, and answers the first request, if it is complete.
func (l *loop) receive(c *connection) {
	piece := make([]byte, 65536)
	n, err := c.socket.read(piece)
	c.received = append(c.received, piece[:n]...)
	response, used, keep := l.selector.answer(c.received)
	c.received = c.received[used:]
	c.socket.write(response)
	c.ends = !keep || err != nil && err != errWouldBlock
}
