package cpython

import (
	"fmt"
	"time"
)

// watch looks for calls in which the worker has been silent for too long while it was its turn (gunicorn's --timeout).
func (p *Pool) watch() {
	interval := min(max(p.config.Timeout/8, 5*time.Millisecond), time.Second)
	for p.sleep(interval) {
		p.mu.Lock()
		workers := make([]*worker, 0, len(p.workers))
		for w := range p.workers {
			workers = append(workers, w)
		}
		p.mu.Unlock()
		for _, w := range workers {
			w.checkSilence(p.config.Timeout)
		}
	}
}

// checkSilence fails the calls that are stuck. The slot of such a call stays taken: its thread hangs. A worker that has
// no other slot left, or that does not even read its channel, is of no use, and dies.
func (w *worker) checkSilence(timeout time.Duration) {
	var found []*call
	w.mu.Lock()
	for _, c := range w.calls {
		if !c.stuck && c.silence() > timeout {
			c.stuck = true
			w.stuck++
			c.fail(&TimeoutError{After: timeout})
			found = append(found, c)
		}
	}
	allStuck := len(found) > 0 && w.stuck >= w.pool.config.Threads
	w.mu.Unlock()
	since := w.writingSince.Load()
	deaf := since != 0 && time.Duration(now()-since) > timeout
	if len(found) > 0 {
		w.askWhere() // the learner sees which line hangs
	}
	if allStuck || deaf {
		reason := fmt.Sprintf("killed: it was silent for %v", timeout)
		time.AfterFunc(whereGrace, func() { w.kill(reason) })
	}
}
