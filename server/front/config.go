package front

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// Front is a way into glass.
type Front interface {
	// Serve accepts connections until the listener is closed or ctx ends, and returns nil then. Connections go on.
	Serve(ctx context.Context, listener net.Listener) error
	// Shutdown lets the exchanges that have begun finish, and returns when all connections are closed. When ctx ends
	// first it closes those that are left and returns ctx's error. The listeners must be closed before.
	Shutdown(ctx context.Context) error
}

// What a Config means where it says nothing.
const (
	DefaultSoftware     = "glass"
	DefaultReadTimeout  = 30 * time.Second
	DefaultWriteTimeout = 30 * time.Second
	DefaultKeepAlive    = 5 * time.Second

	// DefaultMaxConnections is a bound on memory: an idle connection costs about 10 KB (docs/LIMITS.md).
	DefaultMaxConnections = 10_000

	// DefaultMaxSpool is a bound on disk space, for each request.
	DefaultMaxSpool = 1 << 30
)

// Config says what to serve and within which bounds. Only Application must be set.
type Config struct {
	Application wsgi.Application
	Software    string // SERVER_SOFTWARE, and the Server field; "" is DefaultSoftware

	Limits       parser.Limits // the zero value is parser.DefaultLimits
	ReadTimeout  time.Duration // for a whole head, and for each wait for body bytes; 0 is DefaultReadTimeout
	WriteTimeout time.Duration // for each write; 0 is DefaultWriteTimeout
	KeepAlive    time.Duration // for the next request on a connection; 0 is DefaultKeepAlive, less closes after each response

	MaxConnections int // open at a time; beyond, one that waits for its peer gives way to a new one. 0 is DefaultMaxConnections, less sets no limit

	// A chunked body is received to its end before the application is called, so that CONTENT_LENGTH can tell its length:
	// EarlyBody bytes in memory, up to MaxSpool on disk. StreamChunked calls the application at once, without a
	// CONTENT_LENGTH.
	StreamChunked bool
	MaxSpool      int64 // bytes; 413 beyond. 0 is DefaultMaxSpool, less sets no limit but that of Limits

	Multithread    bool           // what the application's runtime makes of wsgi.multithread
	Multiprocess   bool           // and of wsgi.multiprocess
	ProxyProtocol  bool           // each connection begins with a header of the PROXY protocol
	ProxyAllowFrom []netip.Prefix // peers that may send it; others are closed
	TrustedProxies []netip.Prefix // peers that say where a request came from: see Origin

	Bell *os.File // an eventfd by which an Application wakes an event loop; nil: there is no event loop

	Debug    bool               // show tracebacks to the peer
	Errors   io.Writer          // wsgi.errors; nil is standard error
	Log      *slog.Logger       // nil is slog.Default
	Access   func(*AccessEntry) // nil: no access log
	Observer Observer           // nil: no observer is attached from the beginning
}

// WithDefaults fills in what the Config leaves out. Each front calls it.
func (c Config) WithDefaults() Config {
	or(&c.Software, DefaultSoftware)
	or(&c.Limits, parser.DefaultLimits)
	or(&c.ReadTimeout, DefaultReadTimeout)
	or(&c.WriteTimeout, DefaultWriteTimeout)
	or(&c.KeepAlive, DefaultKeepAlive)
	or(&c.MaxConnections, DefaultMaxConnections)
	or(&c.MaxSpool, DefaultMaxSpool)
	if c.Errors == nil {
		c.Errors = os.Stderr
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

// or sets a value that is zero.
func or[T comparable](value *T, otherwise T) {
	var zero T
	if *value == zero {
		*value = otherwise
	}
}
