package server

import (
	"context"
	"errors"
	"net"
)

// acceptLoop begins a connection for each that the listener hands out.
func (s *Server) acceptLoop(ctx context.Context, listener net.Listener) error {
	admission := admission{server: s}
	for {
		socket, err := listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			s.giveWay()
			if !admission.pause(ctx, err) {
				return nil
			}
		case !admission.makeRoom(ctx):
			socket.Close()
			return nil
		default:
			admission.wait = 0
			s.serveConnection(socket)
		}
	}
}

// serveConnection is where the models differ: who waits for whom.
func (s *Server) serveConnection(conn net.Conn) {
	c := newConnection(s, conn)
	if !s.begin(c) {
		conn.Close()
		return
	}
	if s.oneAtATime {
		s.turn.Lock() // listeners have an accept loop each
		defer s.turn.Unlock()
		c.serve()
		return
	}
	go c.serve()
}
