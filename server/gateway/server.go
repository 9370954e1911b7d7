package gateway

import (
	"context"
	"net"
	"sync/atomic"

	"glasswsgi/server/front"
)

// Server serves one application to web servers, on any number of listeners.
type Server struct {
	front.Config
	*front.Observers
	protocol    Protocol
	open        *front.Connections
	connections atomic.Uint64 // accepted so far
	exchanges   atomic.Uint64 // begun so far
}

// New makes a server that speaks a protocol. It takes no resources until Serve.
func New(config front.Config, protocol Protocol) *Server {
	s := &Server{Config: config.WithDefaults(), protocol: protocol}
	s.Observers, s.open = front.NewObservers(config.Observer), front.NewConnections(&s.Config)
	return s
}

// Serve accepts connections until the listener is closed or ctx ends, and returns nil then. Connections go on: see
// Shutdown.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	return s.open.Serve(ctx, listener, func(p *front.Presence) { go newConnection(s, p).serve() })
}

// Shutdown lets the exchanges that have begun finish, and closes idle connections soon. It returns when all are closed.
// When ctx ends first it closes those that are left and returns ctx's error. The listeners must be closed before.
func (s *Server) Shutdown(ctx context.Context) error { return s.open.Shutdown(ctx) }

// Drain has responses say that they are the last ones on their connection. Everything is served, until Shutdown.
func (s *Server) Drain() { s.open.Drain() }

// Open is how many connections there are.
func (s *Server) Open() int { return s.open.Open() }
