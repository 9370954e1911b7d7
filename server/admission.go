package server

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"glasswsgi/server/front"
)

const (
	acceptWarnings = 10 * time.Second // between two warnings about it

	// Among so many connections, taken at random, the one that gives way to a new one is chosen. More would choose
	// better and cost more, when there is least time for it.
	giveWaySample = 32

	// A peer has this long to say something before its connection may give way: one that has just come, or has just
	// been answered, is about to.
	giveWayAfter = 100 * time.Millisecond
)

var errFull = errors.New("the connection limit is reached, and every connection is being answered")

// admission is the accept loop's way through times in which there is no room for another connection.
type admission struct {
	server *Server
	wait   time.Duration
	warned time.Time
}

// makeRoom lets an idle or slow connection give way to the one that was accepted, where the connection limit is
// reached. While all of them are being answered it waits. It says whether there is room.
func (a *admission) makeRoom(ctx context.Context) bool {
	most := a.server.MaxConnections
	for most > 0 && a.server.openNow() >= most && !a.server.giveWay() {
		if !a.pause(ctx, errFull) {
			return false
		}
	}
	return true
}

// pause waits before the next try, longer each time. It says whether there will be one.
func (a *admission) pause(ctx context.Context, err error) bool {
	a.wait = min(max(2*a.wait, front.AcceptBackoffMin), front.AcceptBackoffMax)
	if time.Since(a.warned) > acceptWarnings {
		a.warned = time.Now()
		a.server.Log.Warn("cannot accept a connection; waiting before the next try", "error", err, "open", a.server.openNow())
	}
	return sleep(ctx, a.wait)
}

func (s *Server) openNow() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// giveWay closes a connection that waits for its peer: for a request, or for the rest of one. Of those that it looks at
// it takes the one that has waited longest, so that it is an idle or a slow peer, and not one that has just come. A
// connection whose application is at work is never taken.
func (s *Server) giveWay() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	var longest *connection
	since, looked := int64(time.Since(s.born)-giveWayAfter), 0
	for c := range s.open { // begins somewhere, each time elsewhere
		waits := c.waits.since.Load()
		if waits > 0 && waits < since {
			longest, since = c, waits
		}
		if looked++; looked == giveWaySample {
			break
		}
	}
	if longest == nil || !longest.waits.since.CompareAndSwap(since, gaveWay) {
		return false
	}
	delete(s.open, longest)
	longest.socket.Conn.Close()
	return true
}

// waiting says since when a connection waits for its peer, and for nothing else, so that another may take its place.
type waiting struct {
	born  time.Time    // of the server: times are counted from there
	since atomic.Int64 // 0: it does not wait
}

// gaveWay is in the place of a time when a connection was closed for another.
const gaveWay = -1

// forPeer marks the time from which a connection may give way to another.
func (w *waiting) forPeer() { w.since.Store(max(1, int64(time.Since(w.born)))) }

// noMore says whether the connection is still there.
func (w *waiting) noMore() bool { return w.since.Swap(0) != gaveWay }

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
