package server

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

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

	connections atomic.Uint64 // accepted so far
	exchanges   atomic.Uint64 // begun so far
	born        time.Time

	mu       sync.Mutex
	stopping atomic.Bool
	open     map[*connection]struct{}
	active   sync.WaitGroup // connections
}

// New makes a server with a goroutine for each connection. It takes no resources until Serve.
func New(config Config) *Server {
	config = config.WithDefaults()
	return &Server{Config: config, Observers: front.NewObservers(config.Observer), born: time.Now(), open: map[*connection]struct{}{}}
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
	stop := context.AfterFunc(ctx, func() { listener.Close() })
	defer stop()
	return s.acceptLoop(ctx, listener)
}

// lastCall is how long an idle connection stays open while the server stops. A client may be about to send its next
// request over it, and could not tell whether that was executed if the connection closed meanwhile. The answer to such a
// request says Connection: close.
const lastCall = time.Second

// Shutdown lets the exchanges that have begun finish, and closes idle connections soon: see lastCall. It returns when all
// are closed. When ctx ends first it closes those that are left and returns ctx's error. The listeners must be closed
// before.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.stopping.Store(true)
	for c := range s.open {
		c.hurry()
	}
	s.mu.Unlock()

	done := make(chan struct{})
	go func() { s.active.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	for c := range s.open {
		c.socket.Conn.Close()
	}
	s.mu.Unlock()
	return ctx.Err()
}

// begin registers a connection, unless the server is stopping.
func (s *Server) begin(c *connection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping.Load() {
		return false
	}
	s.open[c] = struct{}{}
	s.active.Add(1)
	return true
}

func (s *Server) end(c *connection) {
	s.mu.Lock()
	delete(s.open, c)
	s.mu.Unlock()
	s.active.Done()
}

// keepsConnections says whether a connection may be kept for another request.
func (s *Server) keepsConnections() bool { return s.KeepAlive > 0 && !s.stopping.Load() }
