package server

import (
	"context"
	"net"
	"sync"
	"sync/atomic"

	"glasswsgi/server/front"
)

// Config says what to serve and within which bounds: see package front, where all fronts have it.
type Config = front.Config

// Server serves one application on any number of listeners.
type Server struct {
	Config
	*front.Observers
	oneAtATime bool
	turn       sync.Mutex // held by the one connection that is served, where it is one at a time

	open        *front.Connections
	connections atomic.Uint64 // accepted so far
	exchanges   atomic.Uint64 // begun so far
}

// New makes a server with a goroutine for each connection. It takes no resources until Serve.
func New(config Config) *Server {
	s := &Server{Config: config.WithDefaults()}
	s.Observers, s.open = front.NewObservers(config.Observer), front.NewConnections(&s.Config)
	return s
}

// NewIterative makes a server of one connection at a time, with one request each: the server of the course's first
// chapters.
func NewIterative(config Config) *Server {
	config.KeepAlive = -1
	config.Multithread, config.Multiprocess = false, false
	s := New(config)
	s.oneAtATime = true
	return s
}

// Serve accepts connections until the listener is closed or ctx ends, and returns nil then. Connections go on: see
// Shutdown.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	return s.open.Serve(ctx, listener, s.serveConnection)
}

// serveConnection is where the models differ: who waits for whom.
func (s *Server) serveConnection(presence *front.Presence) {
	c := newConnection(s, presence)
	if s.oneAtATime {
		s.turn.Lock() // listeners have an accept loop each
		defer s.turn.Unlock()
		c.serve()
		return
	}
	go c.serve()
}

// Shutdown lets the exchanges that have begun finish, and closes idle connections soon. It returns when all are closed.
// When ctx ends first it closes those that are left and returns ctx's error. The listeners must be closed before.
func (s *Server) Shutdown(ctx context.Context) error { return s.open.Shutdown(ctx) }

// Drain has responses say that they are the last ones on their connection. Everything is served, until Shutdown.
func (s *Server) Drain() { s.open.Drain() }

// Open is how many connections there are.
func (s *Server) Open() int { return s.open.Open() }

// GiveWay closes an idle or slow connection, so that its descriptor is free, and says whether there was one.
func (s *Server) GiveWay() bool { return s.open.GiveWay() }

// KeepsConnections says whether a connection may be kept for another request.
func (s *Server) KeepsConnections() bool { return s.KeepAlive > 0 && !s.open.Stopping() }
