package front

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// LastCall is how long an idle connection stays open while the server stops. A client may be about to send its next
// request over it, and could not tell whether that was executed if the connection closed meanwhile. The answer to such a
// request says that it is the last.
const LastCall = time.Second

// Connections are those that a front has open, as many as may be. A front that is stopped waits for them to end; one that
// is full closes one that waits for its peer.
type Connections struct {
	config   *Config
	born     time.Time
	stopping atomic.Bool
	draining atomic.Bool

	mu     sync.Mutex
	open   map[*Presence]struct{}
	active sync.WaitGroup
}

// NewConnections is for a front with a Config, which must stay what it is.
func NewConnections(config *Config) *Connections {
	return &Connections{config: config, born: time.Now(), open: map[*Presence]struct{}{}}
}

// Stopping says that the front is being shut down or drained, so that no connection should be kept for another request.
func (s *Connections) Stopping() bool { return s.stopping.Load() || s.draining.Load() }

// Drain has each connection end with the response to its next request. New ones are taken.
func (s *Connections) Drain() { s.draining.Store(true) }

// Serve accepts connections until the listener is closed or ctx ends, and returns nil then. serve is given each of them,
// and has to see to it that the Presence Ends; the next one is accepted when it returns.
func (s *Connections) Serve(ctx context.Context, listener net.Listener, serve func(*Presence)) error {
	stop := context.AfterFunc(ctx, func() { listener.Close() })
	defer stop()
	admission := admission{connections: s}
	for {
		conn, err := listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			if !admission.awaitPeer(ctx, listener) {
				return nil
			}
			s.GiveWay()
			if !admission.pause(ctx, err) {
				return nil
			}
		case !admission.makeRoom(ctx):
			conn.Close()
			return nil
		default:
			admission.wait = 0
			if p := s.Take(conn); p != nil {
				serve(p)
			}
		}
	}
}

// Shutdown lets the connections end, and hurries those that are idle: see LastCall. It returns when all are closed. When
// ctx ends first it closes those that are left and returns ctx's error. The listeners must be closed before.
func (s *Connections) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.stopping.Store(true)
	for p := range s.open {
		p.hurry()
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
	for p := range s.open {
		p.handle.Close()
	}
	s.mu.Unlock()
	return ctx.Err()
}

// Take registers a connection. While the front is being shut down it closes it, and returns nil.
func (s *Connections) Take(conn net.Conn) *Presence {
	p := s.TakeHandle(conn)
	if p != nil {
		p.Conn = conn
	}
	return p
}

// TakeHandle is Take for a connection that is no net.Conn.
func (s *Connections) TakeHandle(handle Handle) *Presence {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping.Load() {
		handle.Close()
		return nil
	}
	p := &Presence{handle: handle, connections: s}
	s.open[p] = struct{}{}
	s.active.Add(1)
	return p
}

// Handle is what is done to a connection for the others' sake, by any goroutine.
type Handle interface {
	Close() error
	SetReadDeadline(time.Time) error
}

// Becomes is for a connection that was none of net's until now.
func (p *Presence) Becomes(conn net.Conn) {
	p.connections.mu.Lock()
	defer p.connections.mu.Unlock()
	p.Conn, p.handle = conn, conn
}

// Presence is one open connection, as far as the others are concerned: what it waits for.
type Presence struct {
	Conn        net.Conn // nil while an event loop has the connection
	handle      Handle
	connections *Connections
	idle        atomic.Bool  // it waits for the first byte of a request: a shutdown may hurry it
	since       atomic.Int64 // when it began to wait for its peer, and for nothing else, counted from the birth of the server; 0: it does not, gaveWay
}

// gaveWay is in the place of a time when a connection was closed for another.
const gaveWay = -1

// End is for a connection that is closed.
func (p *Presence) End() {
	s := p.connections
	s.mu.Lock()
	delete(s.open, p)
	s.mu.Unlock()
	s.active.Done()
}

// WaitsForPeer marks the time from which a connection may give way to another.
func (p *Presence) WaitsForPeer() { p.since.Store(max(1, int64(time.Since(p.connections.born)))) }

// WaitsNoMore says whether the connection is still there.
func (p *Presence) WaitsNoMore() bool { return p.since.Swap(0) != gaveWay }

// BeginIdle is for a connection that waits for the first byte of a request, and says how long of a time it may.
func (p *Presence) BeginIdle(wait time.Duration) time.Duration {
	p.idle.Store(true)
	if p.connections.stopping.Load() { // asked after idle was set, so that hurry cannot miss us
		return min(wait, LastCall)
	}
	return wait
}

// EndIdle is for when it has come, or not.
func (p *Presence) EndIdle() { p.idle.Store(false) }

// hurry gives an idle connection no longer than LastCall. Where a request comes at the same moment, that is its deadline
// until the next wait.
func (p *Presence) hurry() {
	if p.idle.Load() {
		p.handle.SetReadDeadline(time.Now().Add(LastCall))
	}
}
