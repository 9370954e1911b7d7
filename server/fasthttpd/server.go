package fasthttpd

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"glasswsgi/server/front"
)

// headBuffer is the least size of the buffer of a connection, which has to hold the head of a request: fasthttp refuses
// what is larger.
const headBuffer = 16 << 10

const lookForOpen = 10 * time.Millisecond // while connections are open at the last call

// Server serves one application on any number of listeners, as server.Server does.
type Server struct {
	front.Config
	engine *fasthttp.Server

	mu       sync.Mutex
	stopping atomic.Bool
	draining atomic.Bool
	open     map[*socket]struct{}

	coroutines chan *coroutine // those that are free
}

// New makes a server. It takes no resources until Serve. The Observer of the Config must be nil.
func New(config front.Config) *Server {
	config = config.WithDefaults()
	s := &Server{Config: config, open: map[*socket]struct{}{}, coroutines: make(chan *coroutine, keptCoroutines)}
	s.engine = &fasthttp.Server{
		Handler:      s.serve,
		ErrorHandler: s.refuse,

		HeaderReceived: settleExpectation,

		Name:   config.Software,
		Logger: engineLog{config.Log},

		Concurrency:      max(config.MaxConnections, 0),
		ReadBufferSize:   max(headBuffer, 2*config.Limits.RequestLine, 2*config.Limits.FieldSize),
		ReadTimeout:      config.ReadTimeout,
		WriteTimeout:     config.WriteTimeout,
		IdleTimeout:      max(config.KeepAlive, 0),
		DisableKeepalive: config.KeepAlive < 0,

		StreamRequestBody:            true,
		MaxRequestBodySize:           math.MaxInt, // body counts: a limit here would only begin to stream sooner
		DisablePreParseMultipartForm: true,

		DisableHeaderNamesNormalizing: true,
		NoDefaultContentType:          true,
		NoDefaultDate:                 true, // until setHead has seen that the application has none
		SecureErrorLogMessage:         true, // errors then have types, and do not quote what the peer sent
	}
	if config.MaxConnections < 0 {
		s.engine.Concurrency = math.MaxInt32
	}
	return s
}

// Serve accepts connections until the listener is closed or ctx ends, and returns nil then. Connections go on: see
// Shutdown.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	return s.engine.Serve(&listener{Listener: l, server: s})
}

// Shutdown lets the exchanges that have begun finish, closes idle connections after a last call, and returns when all are
// closed. When ctx ends first it closes those that are left and returns ctx's error. The listeners must be closed before.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stopping.Store(true)
	s.lastCall(ctx)
	s.closeOpen(func(c *socket) bool { return !c.spoke.Load() }) // fasthttp would give them 5 seconds
	err := s.engine.ShutdownWithContext(ctx)
	s.stopCoroutines()
	if ctx.Err() != nil {
		s.closeOpen(func(*socket) bool { return true })
	}
	return err
}

// lastCall leaves connections open for a while: a request may be on its way, and its response says that it is the last.
func (s *Server) lastCall(ctx context.Context) {
	over := time.NewTimer(front.LastCall)
	defer over.Stop()
	look := time.NewTicker(lookForOpen)
	defer look.Stop()
	for s.Open() > 0 {
		select {
		case <-ctx.Done():
			return
		case <-over.C:
			return
		case <-look.C:
		}
	}
}

// Drain has responses say that they are the last ones on their connection. Everything is served, until Shutdown.
func (s *Server) Drain() { s.draining.Store(true) }

// Open is how many connections there are.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

func (s *Server) closeOpen(which func(*socket) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		if which(c) {
			c.Conn.Close()
		}
	}
}

// engineLog takes what fasthttp has to say. It repeats failures that were logged where they happened.
type engineLog struct{ *slog.Logger }

func (l engineLog) Printf(format string, args ...any) {
	l.Debug("fasthttp: " + fmt.Sprintf(format, args...))
}
