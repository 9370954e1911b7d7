package server

import (
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

const (
	headBuffer = 4 << 10 // bytes taken from the socket at once while a head is expected

	// A peer that is still sending when we close would have our last words destroyed by a reset (RFC 9112 §9.6), so
	// we read on for a while and throw away what comes.
	lingerTime  = 2 * time.Second
	lingerBytes = 1 << 20
)

// connection is one TCP or Unix connection and the requests that come over it, one after the other.
type connection struct {
	server    *Server
	socket    net.Conn
	id        uint64
	parser    *parser.Parser
	buffer    []byte // what a head, or a small body, is received into
	assembled []byte // what the head of a response, and a short body, are assembled in
	facts     wsgi.Connection

	idle       atomic.Bool   // waiting for the first byte of a request: a shutdown may close it
	waitsSince atomic.Int64  // for the peer, and for nothing else: a new connection may take its place. 0: it does not
	exchange   *exchange     // the current one, nil before the first
	held       time.Duration // by observers: no deadline and no patience counts it
	sending    time.Duration // spent on writing since the last step: see Step
	received   int           // bytes of the current message taken from the socket
	peerDone   bool          // the peer has closed its sending side
}

func newConnection(s *Server, socket net.Conn) *connection {
	return &connection{
		server:    s,
		socket:    socket,
		id:        s.connections.Add(1),
		parser:    parser.New(s.Limits),
		buffer:    make([]byte, headBuffer),
		assembled: make([]byte, 0, commonHead),
	}
}

// serve is the life of a connection: exchanges, until one says that it was the last.
func (c *connection) serve() {
	defer c.server.end(c)
	defer c.socket.Close()
	defer c.survive()
	c.facts = c.server.Facts(c.socket)
	c.sawAccept()
	for {
		c.exchange = newExchange(c)
		if !c.exchange.serve() {
			return
		}
		c.parser.NextRequest()
		c.received = c.parser.Buffered()
	}
}

// survive ends this connection, and not the server, after a mistake in our own code.
func (c *connection) survive() {
	if mistake := recover(); mistake != nil {
		c.server.Log.Error("a mistake in glass: please report it", "panic", mistake, "stack", string(debug.Stack()))
	}
}

// wakeIfIdle ends the wait for a next request.
func (c *connection) wakeIfIdle() {
	if c.idle.Load() {
		c.socket.SetReadDeadline(time.Unix(1, 0))
	}
}

// awaitFirstByte waits for the next request to begin, for the keep-alive time, or for the read time-out when the
// connection is new.
func (c *connection) awaitFirstByte() error {
	if c.parser.Buffered() > 0 {
		return nil
	}
	wait := c.server.KeepAlive
	if c.received == 0 && c.exchange.first {
		wait = c.server.ReadTimeout
	}
	c.socket.SetReadDeadline(time.Now().Add(wait))
	c.idle.Store(true)
	defer c.idle.Store(false)
	if c.server.stopping.Load() { // asked after idle was set, so that wakeIfIdle cannot miss us
		return errIdle
	}
	runtime.Gosched() // who has a response to send goes first: meanwhile our peer may have sent its next request
	if err := c.receive(c.buffer); err != nil {
		return errIdle
	}
	return nil
}

// receive takes what the socket has, as much as fits into the buffer, to the parser; it waits for at least one byte.
// The error of a peer that closed is the parser's: it knows whether a message was under way.
func (c *connection) receive(buffer []byte) error {
	n, err := c.socket.Read(buffer)
	if n > 0 {
		c.sawReceive(c.received, buffer[:n])
		c.parser.Feed(buffer[:n])
		c.received += n
		return nil
	}
	switch {
	case errors.Is(err, io.EOF):
		c.peerDone = true
		if incomplete := c.parser.EndOfInput(); incomplete != nil {
			return incomplete
		}
		return io.EOF
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ErrTimeout
	}
	return err
}

// linger says that nothing more will be sent, and reads on for a while (RFC 9112 §9.6).
func (c *connection) linger() {
	if !c.peerDone {
		Linger(c.socket)
	}
}

// Linger ends the sending side of a connection that is about to be closed, and reads on for a while.
func Linger(socket net.Conn) {
	half, ok := socket.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	socket.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, socket, lingerBytes)
}

// abort closes with a reset where the end of the connection would otherwise pass for the end of the body.
func (c *connection) abort() {
	ResetOnClose(c.socket)
}

// ResetOnClose has the peer see a reset when the connection is closed.
func ResetOnClose(socket net.Conn) {
	if tcp, ok := socket.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
}
