// The part of the operating system: sockets that never wait, and a selector that says which of them are ready. Go has both
// inside its runtime (the netpoller), and shows a goroutine only sockets that wait; so here goroutines play the system.
package main

import (
	"errors"
	"log"
	"net"
	"sync"
	"time"
)

// errWouldBlock says that the socket is not ready: nothing has come, or there is no room.
var errWouldBlock = errors.New("not ready")

// What a socket is asked about, and ready for.
const (
	toRead  = 1
	toWrite = 2
)

const room = 64 << 10 // bytes that a socket holds in each direction

// selector knows about sockets, and counts how often it is asked.
type selector struct {
	mu      sync.Mutex
	wanted  map[*socket]int
	changed chan struct{} // something may be ready
	turns   int
}

func newSelector() *selector {
	return &selector{wanted: map[*socket]int{}, changed: make(chan struct{}, 1)}
}

// watch asks to be told when the socket is ready for what is wanted: toRead, toWrite, or both; 0 is for none.
func (s *selector) watch(x *socket, wanted int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wanted[x] = wanted; wanted == 0 {
		delete(s.wanted, x)
	}
	s.wake()
}

func (s *selector) wake() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// wait returns the sockets that are ready, and what for. It waits until one is, or the time is over.
func (s *selector) wait(limit time.Duration) map[*socket]int {
	s.mu.Lock()
	s.turns++
	s.mu.Unlock()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		if ready := s.ready(); len(ready) > 0 {
			return ready
		}
		select {
		case <-s.changed:
		case <-timer.C:
			return nil
		}
	}
}

func (s *selector) ready() map[*socket]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	ready := map[*socket]int{}
	for x, wanted := range s.wanted {
		if events := wanted & x.ready(); events != 0 {
			ready[x] = events
		}
	}
	return ready
}

// socket is a connection, or the listening socket, whose connections come as what it reads.
type socket struct {
	selector *selector
	conn     net.Conn

	mu       sync.Mutex
	changed  *sync.Cond
	in, out  []byte
	accepted []*socket
	end      error // of what comes
	broken   error // what is sent no longer leaves
	closed   bool
}

func (s *selector) socket(conn net.Conn) *socket {
	x := &socket{selector: s, conn: conn}
	x.changed = sync.NewCond(&x.mu)
	return x
}

func (x *socket) ready() (events int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.in) > 0 || x.end != nil || len(x.accepted) > 0 {
		events |= toRead
	}
	if len(x.out) < room || x.broken != nil {
		events |= toWrite
	}
	return events
}

// listen makes the listening socket.
func (s *selector) listen(port string) *socket {
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	x := s.socket(nil)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				log.Fatal(err)
			}
			accepted := s.socket(conn)
			go accepted.fill()
			go accepted.drain()
			x.change(func() { x.accepted = append(x.accepted, accepted) })
		}
	}()
	return x
}

// change changes what the selector may have to tell.
func (x *socket) change(how func()) {
	x.mu.Lock()
	how()
	x.changed.Broadcast()
	x.mu.Unlock()
	x.selector.wake()
}
