package remote

import (
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	claimTime = 250 * time.Millisecond // for a node to claim an offer; then another one gets it
	lookAgain = 50 * time.Millisecond  // for a free thread, where no node has said that it has one
)

// placed is a thread of a node that waits for a call.
type placed struct {
	session  *session
	to, node string // control subject, name
}

// place finds a free thread. While all are busy a call waits, first come first served; while there is no node it waits for as
// long as patience.
func (f *Front) place() (*placed, error) {
	if f.waiting.Load() == 0 {
		if s := f.session.Load(); s != nil {
			if p := s.offer(); p != nil {
				return p, nil
			}
		}
	}
	f.waiting.Add(1)
	defer f.waiting.Add(-1)
	select {
	case f.line <- struct{}{}:
	case <-f.closed.Done():
		return nil, errClosed
	}
	defer func() { <-f.line }()
	for since := time.Now(); ; {
		s, why := f.session.Load(), fmt.Sprintf("NATS is not reached at %s", f.broker)
		if s != nil {
			if p := s.offer(); p != nil {
				return p, nil
			}
			why = fmt.Sprintf("no node takes requests at %s: start one with glass node", f.broker)
			if nodes, _ := s.nodes.count(); nodes > 0 {
				since = time.Now() // they are busy, and this call is in a queue
			}
		}
		if time.Since(since) > patience {
			return nil, &Failure{Status: 503, Text: why}
		}
		if !f.waitForThread(s) {
			return nil, errClosed
		}
	}
}

var errClosed = &Failure{Status: 503, Text: "the front is closed"}

// waitForThread returns when it is worth to look again, or false when the front is closed.
func (f *Front) waitForThread(s *session) bool {
	var freed chan struct{}
	if s != nil {
		freed = s.freed
	}
	again := time.NewTimer(lookAgain)
	defer again.Stop()
	select {
	case <-freed:
	case <-again.C:
	case <-f.closed.Done():
		return false
	}
	return true
}

// offer asks for a free thread, and returns nil where there is none. An offer that is not claimed in time is made again: it
// went to a node that hangs, and which has one thread less to hang with.
func (s *session) offer() *placed {
	for {
		name, answer := offerPrefix+s.number(), make(chan *nats.Msg, 1)
		s.mu.Lock()
		s.offers[name] = answer
		s.mu.Unlock()
		if s.nc.PublishRequest(s.broker.Subject+".offer", s.inbox+"."+name, nil) != nil {
			s.withdraw(name, answer)
			return nil
		}
		late := time.NewTimer(claimTime)
		select {
		case m := <-answer:
			late.Stop()
			k, d := decode(m.Data)
			p := &placed{session: s, to: d.text(), node: d.text()}
			if k != claim || d.err != nil { // NATS's own answer: no thread is free
				return nil
			}
			return p
		case <-s.gone:
			late.Stop()
			return nil
		case <-late.C:
			if m := s.withdraw(name, answer); m != nil {
				s.refuse(m)
			}
		}
	}
}

// withdraw gives an offer up. The answer may have come at the same moment.
func (s *session) withdraw(name string, answer chan *nats.Msg) *nats.Msg {
	s.mu.Lock()
	_, waits := s.offers[name]
	delete(s.offers, name)
	s.mu.Unlock()
	if !waits {
		return <-answer
	}
	return nil
}
