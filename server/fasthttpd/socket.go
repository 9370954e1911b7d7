package fasthttpd

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// listener hands out connections to fasthttp. Errors that may pass, such as too many open files, do not end it.
type listener struct {
	net.Listener
	server *Server
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for wait := front.AcceptBackoffMin; ; wait = min(2*wait, front.AcceptBackoffMax) {
		conn, err := l.Listener.Accept()
		switch {
		case err == nil:
			return l.server.begin(conn), nil
		case errors.Is(err, net.ErrClosed):
			return nil, err
		}
		l.server.Log.Warn("cannot accept a connection; waiting before the next try", "error", err, "wait", wait)
		time.Sleep(wait)
	}
}

// Close implements net.Listener. fasthttp closes listeners that glass has closed.
func (l *listener) Close() error {
	if err := l.Listener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// socket is a connection with what the requests on it have in common.
type socket struct {
	net.Conn
	server  *Server
	facts   wsgi.Connection
	request parser.Request // its buffers serve one request after the other
	spoke   atomic.Bool    // the peer has sent something
	ended   bool           // and will send nothing more
	linger  atomic.Bool    // the peer may still be sending: our last words need time
	holding bool           // what fasthttp writes waits for the first block of the body
	held    []byte
}

func (s *Server) begin(conn net.Conn) *socket {
	c := &socket{Conn: conn, server: s, facts: s.Facts(conn)}
	s.mu.Lock()
	s.open[c] = struct{}{}
	s.mu.Unlock()
	if s.stopping.Load() { // asked after open has it, so that Shutdown cannot miss it
		conn.Close()
	}
	return c
}

func (c *socket) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.spoke.Load() {
		c.spoke.Store(true)
	}
	c.ended = c.ended || err == io.EOF
	return n, err
}

func (c *socket) Write(p []byte) (int, error) {
	if c.holding {
		c.held = append(c.held, p...)
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// blockWriter writes blocks of a body to the socket, the first one together with what the socket holds.
type blockWriter struct{ *socket }

func (w blockWriter) Write(block []byte) (n int, err error) {
	switch {
	case !w.holding && len(block) == 0: // the end
		return 0, nil
	case !w.holding:
		return w.Conn.Write(block)
	}
	head := len(w.held)
	both := net.Buffers{w.held, block}
	sent, err := both.WriteTo(w.Conn)
	w.holding, w.held = false, w.held[:0]
	return max(0, int(sent)-head), err
}

func (c *socket) Close() error {
	if c.linger.Swap(false) {
		front.Linger(c.Conn)
	}
	c.server.mu.Lock()
	delete(c.server.open, c)
	c.server.mu.Unlock()
	return c.Conn.Close()
}
