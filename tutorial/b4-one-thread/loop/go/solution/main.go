// Serves many connections with one goroutine. Its argument is the port.
package main

import (
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	idle = 3 * time.Second        // of silence, after which a connection ends
	turn = 500 * time.Millisecond // that a turn waits at most
)

func main() {
	s := newSelector()
	l := &loop{selector: s, listener: s.listen(os.Args[1]), connections: map[*socket]*connection{}}
	l.run()
}

// connection is a socket, the bytes that came and are not used up, and those that it has not taken yet.
type connection struct {
	socket   *socket
	received []byte
	unsent   []byte
	ends     bool
	heard    time.Time
}

// loop is all the connections, and the one goroutine that serves them. Nothing in here may wait for one of them.
type loop struct {
	selector    *selector
	listener    *socket
	connections map[*socket]*connection
}

func (l *loop) run() {
	l.selector.watch(l.listener, toRead)
	for {
		for socket, events := range l.selector.wait(turn) {
			if socket == l.listener {
				l.accept()
			} else {
				l.serve(l.connections[socket], events)
			}
		}
		l.endSilent()
	}
}

// accept takes a connection, and asks to be told when something comes over it.
func (l *loop) accept() {
	socket, err := l.listener.accept()
	if err != nil {
		return
	}
	l.connections[socket] = &connection{socket: socket, heard: time.Now()}
	l.selector.watch(socket, toRead)
}

// serve does what a connection is ready for, and answers what has come.
func (l *loop) serve(c *connection, events int) {
	c.heard = time.Now()
	var err error
	if events&toRead != 0 {
		err = l.receive(c)
	} else {
		err = l.send(c)
	}
	if err == nil {
		err = l.answer(c)
	}
	if err != nil {
		fmt.Println("the client is gone:", err)
		l.close(c)
	}
}

// receive takes what has come.
func (l *loop) receive(c *connection) error {
	piece := make([]byte, 65536)
	n, err := c.socket.read(piece)
	c.received = append(c.received, piece[:n]...)
	return err
}

// answer answers the requests that are complete, one after the other: the next one when a response has left.
func (l *loop) answer(c *connection) error {
	for len(c.unsent) == 0 && !c.ends {
		response, used, keep := l.selector.answer(c.received)
		if used == 0 {
			return nil
		}
		c.received = c.received[used:]
		c.unsent, c.ends = response, !keep
		if err := l.send(c); err != nil {
			return err
		}
	}
	return nil
}

// send sends what the socket takes now, and asks to be told when it takes more.
func (l *loop) send(c *connection) error {
	n, err := c.socket.write(c.unsent)
	if err != nil && !errors.Is(err, errWouldBlock) {
		return err
	}
	c.unsent = c.unsent[n:]
	switch {
	case len(c.unsent) > 0:
		l.selector.watch(c.socket, toWrite)
	case c.ends:
		l.close(c)
	default:
		l.selector.watch(c.socket, toRead)
	}
	return nil
}

// endSilent closes the connections over which nothing came or went for too long.
func (l *loop) endSilent() {
	for _, c := range l.connections {
		if time.Since(c.heard) > idle {
			l.close(c)
		}
	}
}

func (l *loop) close(c *connection) {
	delete(l.connections, c.socket)
	l.selector.watch(c.socket, 0)
	c.socket.close()
}
