package load

import (
	"context"
	"sync"
	"time"
)

// budget is how many requests may still be made, by all connections together.
type budget struct {
	mu     sync.Mutex
	left   int64
	bounds bool
}

func newBudget(requests int64) *budget { return &budget{left: requests, bounds: requests > 0} }

func (b *budget) take() bool {
	if !b.bounds {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left--
	return b.left >= 0
}

// closedLoop asks on each connection, again as soon as it is answered, until the time or the budget is over. What has
// begun then is still waited for, and counts.
func closedLoop(ctx context.Context, asks []ask, duration time.Duration, requests int64) Result {
	begun := time.Now()
	left := newBudget(requests)
	total := inParallel(asks, func(ask ask, r *Result) {
		for failures := 0; ctx.Err() == nil && time.Since(begun) < duration && left.take(); {
			sent := time.Now()
			content, err := ask()
			r.count(time.Since(sent), content, err)
			failures = afterFailure(err, failures)
		}
	})
	total.Elapsed = time.Since(begun)
	return total
}

// inParallel gives each connection a goroutine and a result of its own, and adds the results up.
func inParallel(asks []ask, work func(ask, *Result)) Result {
	results := make([]Result, len(asks))
	var running sync.WaitGroup
	for i, ask := range asks {
		results[i] = newResult()
		running.Go(func() { work(ask, &results[i]) })
	}
	running.Wait()
	total := newResult()
	for _, r := range results {
		total.add(r)
	}
	return total
}

const (
	firstPause = time.Millisecond
	lastPause  = 100 * time.Millisecond
)

// afterFailure pauses, longer each time: a server that refuses everything should not be asked a million times.
func afterFailure(err error, failures int) int {
	if err == nil {
		return 0
	}
	time.Sleep(min(firstPause<<min(failures, 10), lastPause))
	return failures + 1
}
