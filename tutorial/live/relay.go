package live

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"glasswsgi/check/client"
	"glasswsgi/check/peer"
	"glasswsgi/inspect/hub"
	"glasswsgi/inspect/retell"
	"glasswsgi/server/front"
	"glasswsgi/tutorial"
)

// Times of a relay.
const (
	relayStart  = 8 * time.Second        // for the learner's server to accept connections
	relayQuiet  = 300 * time.Millisecond // nothing moves: what has come is shown
	relayBuffer = 64 << 10

	relayTime  = 10 * time.Minute // for a connection: a learner may stop the server in a debugger
	relayBytes = 64 << 20         // from the server, of a connection
)

// relay stands between the learner's own requests and the learner's server, which it starts for the first of them, and
// again when the files have changed. It passes bytes on as they come, and changes none.
type relay struct {
	inspector *Inspector
	exercise  *tutorial.Exercise
	listener  net.Listener

	mu     sync.Mutex
	server *peer.Process // nil: it does not run
	stop   func()
}

func (i *Inspector) newRelay(e *tutorial.Exercise) (*relay, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	return &relay{inspector: i, exercise: e, listener: listener}, err
}

func (r *relay) serve() {
	for {
		learner, err := r.listener.Accept()
		if err != nil {
			return
		}
		go r.pass(learner.(*net.TCPConn))
	}
}

// connect finds the learner's server, or starts it.
func (r *relay) connect() (net.Conn, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.server != nil && r.server.Gone() {
		r.end()
	}
	if r.server == nil {
		var err error
		if r.server, r.stop, err = r.inspector.course.Judge.Serve(r.inspector.ctx, r.inspector.course.Work(r.exercise)); err != nil {
			return nil, err
		}
	}
	return r.server.Connect(relayStart, relayStart)
}

// forget ends the learner's server: the next request starts it anew.
func (r *relay) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end()
}

// end is for callers that hold the lock.
func (r *relay) end() {
	if r.server != nil {
		r.stop()
	}
	r.server = nil
}

func (r *relay) close() {
	r.listener.Close()
	r.forget()
}

// pass passes on one connection, and records it.
func (r *relay) pass(learner *net.TCPConn) {
	defer learner.Close()
	there, err := r.connect()
	if err != nil {
		text := "glass learn: " + err.Error() + "\n"
		fmt.Fprintf(learner, "HTTP/1.1 502 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
			http.StatusText(http.StatusBadGateway), len(text), text)
		front.Linger(learner)
		return
	}
	defer there.Close()
	seen := &seen{relay: r}
	defer seen.show(true)
	server := there.(*net.TCPConn)
	var both sync.WaitGroup
	both.Go(func() { seen.copy(server, learner, bound(learner), false) })
	both.Go(func() { seen.copy(learner, server, bound(server), true) })
	both.Wait()
}

// bound gives each direction its limits: a server without an end costs no night.
func bound(c net.Conn) io.Reader {
	return client.Bound(c, client.Limits{Bytes: relayBytes, Time: relayTime})
}

// seen is what moved on one connection, and was not shown yet: of each direction as much as a recording holds.
type seen struct {
	relay *relay

	mu      sync.Mutex
	moved   []retell.Moved
	toPeer  int // bytes in moved
	toThere int
	quiet   *time.Timer
	limit   *client.LimitError // that ended the connection
}

// copy passes on one direction, to its end.
func (s *seen) copy(to, from *net.TCPConn, bounded io.Reader, toPeer bool) {
	buffer := make([]byte, relayBuffer)
	for {
		n, err := bounded.Read(buffer)
		if n > 0 {
			s.saw(buffer[:n], toPeer)
			if _, err := to.Write(buffer[:n]); err != nil {
				from.Close()
				return
			}
		}
		switch {
		case err == io.EOF:
			to.CloseWrite()
			return
		case err != nil: // a reset is passed on as one, and a limit of ours ends in one
			s.reached(err)
			front.ResetOnClose(to)
			to.Close()
			from.Close()
			return
		}
	}
}

// saw keeps bytes. Those of the next request come after the exchange before is shown. What comes after a recording's
// limit is passed on, and not kept.
func (s *seen) saw(data []byte, toPeer bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := &s.toThere
	if toPeer {
		kept = &s.toPeer
	}
	if n := min(len(data), hub.MaxStream-*kept); n > 0 && len(s.moved) < hub.MaxSteps {
		*kept += n
		s.moved = append(s.moved, retell.Moved{At: time.Now(), ToPeer: toPeer, Bytes: bytes.Clone(data[:n])})
	}
	if s.quiet == nil {
		s.quiet = time.AfterFunc(relayQuiet, func() { s.show(false) })
	}
	s.quiet.Reset(relayQuiet)
}

// reached keeps the limit that ended a connection, to be told with what was recorded.
func (s *seen) reached(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	errors.As(err, &s.limit)
}

// show records what has moved, where it is a whole exchange, or all there will be.
func (s *seen) show(ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.moved); n == 0 || !ended && !s.moved[n-1].ToPeer { // the server is still at work
		return
	}
	about := hub.Outside{Server: s.relay.exercise.Name()}
	if s.limit != nil {
		about.About, about.Wrong = s.limit.Error(), true
	}
	s.relay.inspector.hub.Retell(about, facts(s.relay.exercise), s.moved)
	s.moved, s.toPeer, s.toThere = nil, 0, 0
}
