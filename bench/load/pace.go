package load

import (
	"math"
	"sync/atomic"
	"time"
)

// pace says when each request is due, to all connections together. Times count from the beginning.
//
// In a closed loop a request is due as soon as a connection is free for it. In an open loop request n is due n/rate
// seconds after the beginning, whatever the server does: a connection that is free takes the next one, and its latency
// counts from when it was due, not from when a connection was free for it.
type pace struct {
	rate  float64       // requests a second; 0 is a closed loop
	until time.Duration // no request begins after it; what has begun is still waited for, and counts
	last  int64         // requests, at most
	taken atomic.Int64
}

func newPace(rate float64, duration time.Duration, requests int64) *pace {
	p := &pace{rate: rate, until: duration, last: math.MaxInt64}
	if rate > 0 {
		p.last = int64(rate * duration.Seconds())
		p.until += giveUpAfter
	}
	if requests > 0 {
		p.last = min(p.last, requests)
	}
	return p
}

// giveUpAfter is how long an open loop goes on for a server that has fallen behind.
const giveUpAfter = 30 * time.Second

// next is when the connection that asks has to make a request; there is none where ok is false.
func (p *pace) next(now time.Duration) (due time.Duration, ok bool) {
	if now >= p.until {
		return 0, false
	}
	n := p.taken.Add(1) - 1
	if n >= p.last {
		return 0, false
	}
	if p.rate == 0 {
		return now, true
	}
	return time.Duration(float64(n) / p.rate * float64(time.Second)), true
}

// missing counts the requests that were never made: an open loop that leaves them out would flatter the server.
func (p *pace) missing(r *Result) {
	if p.rate == 0 {
		return
	}
	made := r.Answers
	for _, count := range r.Errors {
		made += count
	}
	if made < p.last {
		r.Errors["never asked: the server had fallen behind"] = p.last - made
	}
}

const (
	firstPause = time.Millisecond
	lastPause  = 100 * time.Millisecond
)

// pauseAfter so many failures of a connection, one after the other: a server that refuses everything should not be asked
// a million times.
func pauseAfter(failures int) time.Duration {
	return min(firstPause<<min(failures-1, 10), lastPause)
}
