package load

import (
	"context"
	"sync"
	"time"
)

// connections make the requests that a pace calls for, as often as they are told to, over the same sockets.
type connections interface {
	run(context.Context, *pace) Result
	close()
}

// ask makes one request, and returns how much content was transferred.
type ask func() (content int64, err error)

// goroutines are connections with a goroutine each: the way where there is no epoll.
type goroutines struct {
	asks []ask
	end  func()
}

func newGoroutines(p *Plan) *goroutines {
	g := &goroutines{}
	var all []*connection
	for range p.Connections {
		c := newConnection(p)
		all, g.asks = append(all, c), append(g.asks, c.ask)
	}
	g.end = func() {
		for _, c := range all {
			c.close()
		}
	}
	return g
}

func (g *goroutines) close() { g.end() }

// run gives each connection a result of its own, and adds the results up.
func (g *goroutines) run(ctx context.Context, p *pace) Result {
	begun := time.Now()
	results := make([]Result, len(g.asks))
	late := make([]Latencies, len(g.asks))
	var running sync.WaitGroup
	for i, ask := range g.asks {
		results[i], late[i] = newResult(), NewLatencies()
		running.Go(func() { askAtPace(ctx, ask, p, begun, &results[i], late[i]) })
	}
	running.Wait()
	total, lateness := newResult(), NewLatencies()
	for i, r := range results {
		total.add(r)
		lateness.Merge(late[i].Histogram)
	}
	total.Late = lateness.At(0.99)
	total.Elapsed = time.Since(begun)
	p.missing(&total)
	return total
}

func askAtPace(ctx context.Context, ask ask, p *pace, begun time.Time, r *Result, late Latencies) {
	for failures := 0; ctx.Err() == nil; {
		due, ok := p.next(time.Since(begun))
		if !ok {
			return
		}
		if wait := due - time.Since(begun); wait > 0 {
			time.Sleep(wait)
			late.Add(time.Since(begun) - due)
		}
		content, err := ask()
		r.count(time.Since(begun)-due, content, err)
		if failures++; err == nil {
			failures = 0
		} else {
			time.Sleep(pauseAfter(failures))
		}
	}
}
