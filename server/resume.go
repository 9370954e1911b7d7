package server

import (
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// Under is what is under way on a connection that an event loop hands over, because something has to be waited for.
type Under struct {
	Received    []byte           // bytes of requests, from the first byte of one
	Application wsgi.Application // answers the first of them, and must be called; nil: the server's
	Unsent      []byte           // the rest of a response, which goes before all else
	Last        bool             // the connection ends after that
}

// Connections are those that are open, for an event loop that has some of them.
func (s *Server) Connections() *front.Connections { return s.open }

// Resume goes on with a connection in a goroutine.
func (s *Server) Resume(presence *front.Presence, u Under) {
	c := newConnection(s, presence)
	c.resumed, c.kept = u.Application, len(u.Unsent) > 0
	go func() {
		if c.sendRest(u.Unsent) && !u.Last {
			c.in.feed(u.Received)
			c.serve()
			return
		}
		defer presence.End()
		defer c.socket.Conn.Close()
		c.socket.Linger()
	}()
}

// sendRest says whether the peer has taken it.
func (c *connection) sendRest(rest []byte) bool {
	if len(rest) == 0 {
		return true
	}
	_, err := c.socket.Write(rest, c.socket.Now().Add(c.server.WriteTimeout))
	return err == nil
}
