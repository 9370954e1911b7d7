package server

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// Model is how connections share the server.
type Model string

const (
	Iterative Model = "iterative" // one connection at a time, one request each: the server of the first chapters
	Threaded  Model = "threaded"  // a goroutine for each connection
)

// DefaultMaxConnections is for Config.MaxConnections: an idle connection costs about 10 KB (docs/LIMITS.md).
const DefaultMaxConnections = 10_000

// Config says what to serve and within which bounds. Every duration must be positive.
type Config struct {
	Application wsgi.Application
	Model       Model
	Software    string // SERVER_SOFTWARE, and the Server field

	Limits       parser.Limits
	ReadTimeout  time.Duration // for a whole head, and for each wait for body bytes
	WriteTimeout time.Duration // for each write
	KeepAlive    time.Duration // for the next request on a connection; 0 closes after each response

	MaxConnections int // open at a time; beyond, one that waits for its peer gives way to a new one. 0: no limit

	Multithread    bool           // what the application's runtime makes of wsgi.multithread
	Multiprocess   bool           // and of wsgi.multiprocess
	TrustedProxies []netip.Prefix // peers whose X-Forwarded-Proto sets wsgi.url_scheme

	Debug    bool // show tracebacks to the peer
	Errors   io.Writer
	Log      *slog.Logger
	Access   func(*AccessEntry) // nil: no access log
	Observer Observer           // nil: nobody looks
}

// Server serves one application on any number of listeners.
type Server struct {
	Config
	connections atomic.Uint64 // accepted so far
	exchanges   atomic.Uint64 // begun so far
	turn        sync.Mutex    // held by the one connection that Iterative serves
	born        time.Time
	late        atomic.Pointer[Observer] // see SetObserver

	mu       sync.Mutex
	stopping atomic.Bool
	open     map[*connection]struct{}
	active   sync.WaitGroup // connections
}

// New makes a server. It takes no resources until Serve.
func New(config Config) *Server {
	return &Server{Config: config, born: time.Now(), open: map[*connection]struct{}{}}
}

// Serve accepts connections until the listener is closed or ctx ends, and returns nil then. Connections go on: see
// Shutdown.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	stop := context.AfterFunc(ctx, func() { listener.Close() })
	defer stop()
	return s.acceptLoop(ctx, listener)
}

// Shutdown lets the exchanges that have begun finish, closes idle connections at once, and returns when all are
// closed. When ctx ends first it closes those that are left and returns ctx's error. The listeners must be closed
// before.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.stopping.Store(true)
	for c := range s.open {
		c.wakeIfIdle()
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
		c.socket.Close()
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
