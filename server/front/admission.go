package front

import (
	"context"
	"errors"
	"net"
	"time"
)

const (
	AcceptWarnings = 10 * time.Second // between two warnings about it

	// Among so many connections, taken at random, the one that gives way to a new one is chosen. More would choose
	// better and cost more, when there is least time for it.
	giveWaySample = 32

	// A peer has this long to say something before its connection may give way: one that has just come, or has just
	// been answered, is about to.
	giveWayAfter = 100 * time.Millisecond
)

// ErrFull is why a connection is not accepted that could be.
var ErrFull = errors.New("the connection limit is reached, and every connection is being answered")

// admission is the accept loop's way through times in which there is no room for another connection.
type admission struct {
	connections *Connections
	wait        time.Duration
	warned      time.Time
}

// makeRoom lets an idle or slow connection give way to the one that was accepted, where the connection limit is
// reached. While all of them are being answered it waits. It says whether there is room.
func (a *admission) makeRoom(ctx context.Context) bool {
	for a.connections.Full() {
		if !a.pause(ctx, ErrFull) {
			return false
		}
	}
	return true
}

// pause waits before the next try, longer each time. It says whether there will be one.
func (a *admission) pause(ctx context.Context, err error) bool {
	a.wait = min(max(2*a.wait, AcceptBackoffMin), AcceptBackoffMax)
	if time.Since(a.warned) > AcceptWarnings {
		a.warned = time.Now()
		a.connections.config.Log.Warn("cannot accept a connection; waiting before the next try", "error", err, "open", a.connections.Open())
	}
	return sleep(ctx, a.wait)
}

// awaitPeer is for a listener that could not accept: no connection gives way, and nobody is warned, until a peer waits.
// It says whether there will be another try.
func (a *admission) awaitPeer(ctx context.Context, listener net.Listener) bool {
	for !peerWaits(listener) {
		if !sleep(ctx, AcceptBackoffMin) {
			return false
		}
	}
	return true
}

// Full makes room for one more connection where it can, and says whether there is none. It is for when a peer waits.
func (s *Connections) Full() bool { return s.AtLimit() && !s.GiveWay() }

// AtLimit says that there are as many connections as there may be.
func (s *Connections) AtLimit() bool {
	most := s.config.MaxConnections
	return most > 0 && s.Open() >= most
}

// Open is how many connections there are.
func (s *Connections) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// GiveWay closes a connection that waits for its peer: for a request, or for the rest of one. Of those that it looks at
// it takes the one that has waited longest, so that it is an idle or a slow peer, and not one that has just come. A
// connection whose application is at work is never taken. It says whether there was one.
func (s *Connections) GiveWay() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	var longest *Presence
	since, looked := int64(time.Since(s.born)-giveWayAfter), 0
	for p := range s.open { // begins somewhere, each time elsewhere
		waits := p.since.Load()
		if waits > 0 && waits < since {
			longest, since = p, waits
		}
		if looked++; looked == giveWaySample {
			break
		}
	}
	if longest == nil || !longest.since.CompareAndSwap(since, gaveWay) {
		return false
	}
	delete(s.open, longest)
	longest.handle.Close()
	return true
}

// MakeRoom has another connection give way to a file that this one needs for what it receives, and says whether this one is
// still there. There may be none yet that can give way.
func (p *Presence) MakeRoom() bool {
	if !p.WaitsNoMore() {
		return false
	}
	p.connections.GiveWay()
	p.WaitsForPeer()
	return true
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
