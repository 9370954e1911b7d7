package remote

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"glasswsgi/runtime/wsgi"
)

// session is the front's connection with the broker, and all that ends with it.
type session struct {
	broker *Broker
	nc     *nats.Conn
	inbox  string        // subject that calls, offers and their numbers stand behind
	gone   chan struct{} // closed with the connection
	nodes  roster
	slow   atomic.Bool   // NATS has not answered the latest look yet
	freed  chan struct{} // one entry for each thread that a node says is free, as far as there is room

	numbers atomic.Uint64
	mu      sync.Mutex
	calls   map[string]*call
	offers  map[string]chan *nats.Msg
}

// Prefixes of the numbers behind the inbox.
const (
	callPrefix  = "c"
	offerPrefix = "o"
	askSuffix   = ".p" // NATS's own answer to an ask is told from that to a request
)

// connect begins a session.
func (f *Front) connect() (*session, error) {
	s := &session{broker: f.broker, inbox: nats.NewInbox(), gone: make(chan struct{}), freed: make(chan struct{}, firstInLine),
		calls: map[string]*call{}, offers: map[string]chan *nats.Msg{}}
	var err error
	if s.nc, err = f.broker.dial("glass front", f.log, func() { close(s.gone) }); err != nil {
		return nil, err
	}
	for subject, take := range map[string]nats.MsgHandler{s.inbox + ".>": s.receive, f.broker.Subject + ".state": s.takeState} {
		if _, err = s.nc.Subscribe(subject, take); err != nil {
			s.nc.Close()
			return nil, err
		}
	}
	return s, s.nc.FlushTimeout(dialTime)
}

// serve watches the calls until the connection is lost or ctx ends, and fails those that are left.
func (s *session) serve(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for open := true; open; {
		select {
		case <-ctx.Done():
			s.nc.Close()
			open = false
		case <-s.gone:
			open = false
		case <-ticker.C:
			s.look()
		}
	}
	for _, c := range s.all() {
		c.fail(&lostError{node: c.node, reason: "is out of reach: the connection to NATS is lost"})
	}
}

// look counts the silence of nodes. While NATS itself does not answer, it or this machine is slow, and the silence proves
// nothing about a node.
func (s *session) look() {
	if s.slow.Swap(true) {
		return
	}
	go func() {
		s.nc.Flush() // waits for an answer
		s.slow.Store(false)
	}()
	s.nodes.tick()
	for _, c := range s.all() {
		c.watch()
	}
}

func (s *session) all() []*call {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*call, 0, len(s.calls))
	for _, c := range s.calls {
		all = append(all, c)
	}
	return all
}

func (s *session) number() string { return strconv.FormatUint(s.numbers.Add(1), 36) }

// receive takes what comes for a call or an offer.
func (s *session) receive(m *nats.Msg) {
	name := strings.TrimPrefix(m.Subject, s.inbox+".")
	name, asked := strings.CutSuffix(name, askSuffix)
	s.mu.Lock()
	c, answer := s.calls[name], s.offers[name]
	delete(s.offers, name) // one answer is enough
	s.mu.Unlock()
	switch {
	case c != nil:
		c.receive(m, asked)
	case answer != nil:
		answer <- m
	case strings.HasPrefix(name, offerPrefix):
		s.refuse(m)
	}
}

// refuse frees the thread of a node whose claim comes late.
func (s *session) refuse(m *nats.Msg) {
	if k, d := decode(m.Data); k == claim {
		if to := d.text(); d.err == nil && strings.HasPrefix(to, s.broker.Subject+".node.") {
			s.nc.Publish(to, message(abort))
		}
	}
}

// begin sends a request to the node that has claimed it.
func (s *session) begin(environ *wsgi.Environ, p *placed, left func()) (*call, error) {
	c := &call{session: s, name: callPrefix + s.number(), to: p.to, node: p.node, environ: environ, left: left}
	c.mailbox.signal = make(chan struct{}, 1)
	body, whole := []byte(nil), environ.Input == nil
	if !whole {
		if body, whole = environ.Input.Whole(); !whole || len(body) > earlyBody {
			body, whole = nil, false
		}
	}
	text := appendRequest(environ, body, whole)
	if limit := s.nc.MaxPayload(); int64(len(text)) > limit {
		s.nc.Publish(p.to, message(abort))
		return c, &Failure{Status: 502, Text: "the request is larger than a message of this NATS may be: see max_payload in its configuration"}
	}
	s.mu.Lock()
	s.calls[c.name] = c
	s.mu.Unlock()
	if err := s.nc.PublishRequest(p.to, s.inbox+"."+c.name, text); err != nil {
		return c, &lostError{node: p.node, reason: "is out of reach: " + err.Error()}
	}
	return c, nil
}
