//go:build linux

package loop

import (
	"time"

	"golang.org/x/sys/unix"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// connection is one that the loop has. It is idle, or has one request with the application.
type connection struct {
	loop       *Loop
	descriptor int
	presence   *front.Presence
	facts      wsgi.Connection
	watched    bool // epoll tells of it
	ended      bool // the peer has ended its sending side
	answers    bool // it has answered a request

	parser   *parser.Parser // the latest request is in it; nil before the first, and after one that others came with
	parsed   *wsgi.Environ  // of that request
	oddStart bool           // it has more bytes than its head
	current  request        // the latest
	memory   wsgi.Memory    // what the application's lane knows of it
	request  *request       // that is with the application: current, or nil
	received []byte         // what the peer sent, from the first byte of the request; empty while it is idle
	out      []byte         // the response

	idle           *idle // the queue that it is in
	before, behind *connection
	since          time.Time // that it is in the queue
}

// readable takes what the peer has sent.
func (c *connection) readable() {
	l := c.loop
	l.at = c
	n, again := read(c.descriptor, l.buffer[:])
	switch {
	case again:
		c.rest()
	case n == 0 && c.request != nil: // the response may still be wanted
		c.ended = true
		c.unwatch()
	case n == 0:
		c.close()
	case c.request != nil:
		c.received = append(c.received, l.buffer[:n]...)
		if len(c.received) > c.request.size+mostBehind {
			c.unwatch()
		}
	default:
		c.idle.drop(c)
		c.presence.EndIdle()
		c.take(l.buffer[:n])
	}
}

// rest waits for the next request.
func (c *connection) rest() {
	if c.idle != nil {
		return
	}
	l := c.loop
	queue := &l.kept
	if !c.answers {
		queue = &l.fresh
	}
	c.presence.WaitsForPeer()
	if c.presence.BeginIdle(queue.wait) < queue.wait {
		queue = &l.last
	}
	c.watch()
	queue.add(c, l.now)
}

func (c *connection) watch() {
	if !c.watched {
		c.watched = c.loop.add(c.descriptor) == nil
	}
}

func (c *connection) unwatch() {
	if c.watched {
		c.loop.remove(c.descriptor)
		c.watched = false
	}
}

// leave ends the loop's part of the connection.
func (c *connection) leave() {
	c.idle.drop(c)
	c.loop.sockets[c.descriptor] = nil
	c.loop.has--
	c.request = nil
}

func (c *connection) close() {
	c.leave()
	unix.Close(c.descriptor) // epoll forgets it
	c.presence.End()
}

// handle is what others do to a connection of the loop.
type handle struct{ c *connection }

// Close implements front.Handle.
func (h handle) Close() error {
	c := h.c
	if c.presence == nil { // it was not let in
		return unix.Close(c.descriptor)
	}
	c.loop.do(func() {
		if c.mine() {
			c.close()
		}
	})
	return nil
}

// SetReadDeadline implements front.Handle: the server stops.
func (h handle) SetReadDeadline(time.Time) error {
	c := h.c
	c.loop.do(func() {
		if c.mine() && c.idle != nil {
			c.idle.drop(c)
			c.loop.last.add(c, time.Now())
		}
	})
	return nil
}

// mine says that the loop still has the connection.
func (c *connection) mine() bool { return c.loop.sockets[c.descriptor] == c }
