package server

import (
	"runtime"
	"runtime/debug"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// connection is one TCP or Unix connection and the requests that come over it, one after the other.
type connection struct {
	server    *Server
	socket    *front.Socket
	watch     front.Watch
	facts     wsgi.Connection
	in        receiver
	assembled []byte // what the head of a response, and a short body, are assembled in
	presence  *front.Presence
	exchange  *exchange        // the current one
	resumed   wsgi.Application // answers the first request, which an event loop has begun with; else nil
	kept      bool             // an event loop has answered requests before
}

func newConnection(s *Server, presence *front.Presence) *connection {
	c := &connection{server: s, presence: presence, socket: front.NewSocket(presence.Conn), assembled: make([]byte, 0, commonHead)}
	c.watch = front.NewWatch(s.Observers, &c.socket.Clock, s.connections.Add(1))
	c.in = receiver{socket: c.socket, watch: &c.watch, parser: parser.New(s.Limits), buffer: make([]byte, headBuffer)}
	return c
}

// serve is the life of a connection: exchanges, until one says that it was the last.
func (c *connection) serve() {
	defer c.presence.End()
	defer c.socket.Conn.Close()
	defer c.survive()
	c.facts = c.server.Facts(c.socket.Conn)
	c.watch.Accepted(c.socket.Conn.RemoteAddr())
	if c.server.ProxyProtocol && !c.takeOver() {
		return
	}
	c.exchange = newExchange(c)
	for c.exchange.serve() {
		c.in.nextRequest()
		c.exchange = newExchange(c)
	}
}

// survive ends this connection, and not the server, after a bug in our own code. A response that has begun must not look
// whole, and over HTTP/1.0 only a reset tells.
func (c *connection) survive() {
	if bug := recover(); bug != nil {
		c.server.LogPanic(bug, debug.Stack())
		if c.exchange != nil && c.exchange.out.status != 0 {
			c.socket.ResetOnClose()
		}
	}
}

// application is what answers the current request.
func (c *connection) application() wsgi.Application {
	if a := c.resumed; a != nil {
		c.resumed = nil
		return a
	}
	return c.server.Application
}

// takeOver reads what a proxy says of the connection before the first request. It says whether that may follow.
func (c *connection) takeOver() bool {
	c.presence.WaitsForPeer()
	if !c.server.MayTake(c.facts.RemoteAddr) {
		c.server.Log.Warn("closed a connection: its peer may not speak the PROXY protocol; see --proxy-allow-from", "peer", c.facts.RemoteAddr)
		return false
	}
	received, deadline := 0, c.socket.Now().Add(c.server.ReadTimeout)
	for {
		n, err := c.socket.Read(c.in.buffer[received:], deadline)
		if err != nil {
			return false
		}
		received += n
		header, size, err := front.DecodeProxyHeader(c.in.buffer[:received])
		if err != nil {
			c.server.Log.Warn("closed a connection", "peer", c.facts.RemoteAddr, "because", err)
			return false
		}
		if size > 0 {
			c.server.Taken(&c.facts, header)
			c.watch.TakenOver(c.in.buffer[:size], header)
			c.in.feed(c.in.buffer[size:received])
			return true
		}
	}
}

// awaitRequest waits for the next request to begin: for the keep-alive time, or for the read time-out when the connection
// is new.
func (c *connection) awaitRequest(first bool) error {
	if c.resumed != nil {
		return nil
	}
	c.presence.WaitsForPeer()
	if c.in.more() {
		return nil
	}
	wait := c.server.KeepAlive
	if first {
		wait = c.server.ReadTimeout
	}
	wait = c.presence.BeginIdle(wait)
	defer c.presence.EndIdle()
	runtime.Gosched() // who has a response to send goes first: meanwhile our peer may have sent its next request
	if c.in.receive(c.in.buffer, c.socket.Now().Add(wait)) != nil {
		return front.ErrNoRequest
	}
	return nil
}
