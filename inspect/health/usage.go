package health

import (
	"context"
	"sync"
	"time"
)

// How often the load is looked at, and how many looks are the utilisation: those of ten seconds. A scraper that comes every
// fifteen seconds would see one moment of them.
const (
	lookInterval = 100 * time.Millisecond
	looks        = 100
)

// usage is how busy the threads were of late.
type usage struct {
	mu   sync.Mutex
	last [looks]float64
	next int // where the next look goes
	held int // looks there are
	busy float64
}

// Watch looks at the load until ctx ends.
func (n *Node) Watch(ctx context.Context) {
	ticker := time.NewTicker(lookInterval)
	defer ticker.Stop()
	before := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := time.Now()
		if load, known := n.load(); known {
			n.usage.take(load, now.Sub(before))
		}
		before = now
	}
}

// take takes one look, that many seconds after the one before.
func (u *usage) take(l Load, since time.Duration) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.last[u.next] = utilisation(l)
	u.next = (u.next + 1) % looks
	u.held = min(u.held+1, looks)
	u.busy += float64(l.Busy) * since.Seconds()
}

// utilisation is the calls in hand for each thread: 1 where all are busy, and more where calls wait, so that a scaler sees
// how many threads are missing. Without a thread it is the number of calls.
func utilisation(l Load) float64 {
	return float64(l.Busy+l.Queued) / float64(max(1, l.Busy+l.Idle))
}

// mean is the utilisation of late.
func (u *usage) mean() float64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	sum := 0.0
	for _, one := range u.last[:u.held] {
		sum += one
	}
	return sum / float64(max(1, u.held))
}

func (u *usage) busySeconds() float64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.busy
}
