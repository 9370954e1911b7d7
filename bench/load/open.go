package load

import (
	"context"
	"sync/atomic"
	"time"
)

// openLoop asks at fixed times: request n is due n/rate seconds after the beginning. A connection that is free takes
// the next one that is due; its latency counts from when it was due, not from when a connection was free for it.
func openLoop(ctx context.Context, asks []ask, rate float64, duration time.Duration, requests int64) Result {
	begun := time.Now()
	last := int64(rate * duration.Seconds())
	if requests > 0 {
		last = min(last, requests)
	}
	var next atomic.Int64
	late := make(chan Latencies, len(asks))
	total := inParallel(asks, func(ask ask, r *Result) {
		lateness := NewLatencies()
		defer func() { late <- lateness }()
		for failures := 0; ctx.Err() == nil; {
			n := next.Add(1) - 1
			if n >= last || time.Since(begun) > duration+giveUpAfter {
				return
			}
			due := begun.Add(time.Duration(float64(n) / rate * float64(time.Second)))
			if wait := time.Until(due); wait > 0 {
				time.Sleep(wait)
				lateness.Add(time.Since(due))
			}
			content, err := ask()
			r.count(time.Since(due), content, err)
			failures = afterFailure(err, failures)
		}
	})
	all := NewLatencies()
	for range asks {
		all.Merge((<-late).Histogram)
	}
	total.Late = all.At(0.99)
	total.Elapsed = time.Since(begun)
	total.missing(last)
	return total
}

// giveUpAfter is how long an open loop goes on for a server that has fallen behind.
const giveUpAfter = 30 * time.Second

// missing counts the requests that were never made: an open loop that leaves them out would flatter the server.
func (r *Result) missing(planned int64) {
	made := r.Answers
	for _, count := range r.Errors {
		made += count
	}
	if made < planned {
		r.Errors["never asked: the server had fallen behind"] = planned - made
	}
}
