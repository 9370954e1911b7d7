package cpython

import (
	"errors"
	"time"
)

// A worker that runs one call at a time is sent the next ones ahead when it has lately been quick: it finds them in its
// buffer, and neither side has to be woken for each. They wait for nobody who could not serve them sooner, as there is
// no other worker. As soon as calls take longer, it gets one at a time.
const (
	mostAhead   = 64                   // calls that a worker has at a time
	aheadBudget = 4 * time.Millisecond // for how long it may be busy with those that it has
	paceWeight  = 8                    // of what is known, against 1 of what is new
)

// errNotStarted is for a call that was sent ahead, and whose worker died before its turn: another worker gets it.
var errNotStarted = errors.New("the worker died before the call's turn")

// pace is how quick the application has lately been. Guarded by worker.mu.
type pace struct {
	slots     int   // how many calls the worker may have: entries in Pool.slots, and calls
	average   int64 // of the time that a call takes, in nanoseconds
	since     int64 // when the calls that are counted began
	completed int   // calls since then
}

// runsOne says that the pool has one worker that runs one call at a time, so that waiting in that worker's buffer is not
// worse than waiting here.
func (p *Pool) runsOne() bool { return p.config.Workers == 1 && p.config.Threads == 1 }

// measure notes how long the latest calls took. They are measured together, as their ends are seen together.
func (w *worker) measure() {
	w.mu.Lock()
	defer w.mu.Unlock()
	pc := &w.pace
	if pc.completed == 0 {
		return
	}
	at := now()
	each := (at - pc.since) / int64(pc.completed)
	if pc.average == 0 {
		pc.average = each
	}
	pc.average += (each - pc.average) / paceWeight
	pc.since, pc.completed = at, 0
}

// mayHave is how many calls the worker may have at a time. The caller holds mu.
func (w *worker) mayHave() int {
	if w.pace.average == 0 || w.pool.watched() { // what is stopped would keep others waiting
		return 1
	}
	return int(min(max(1, int64(w.pool.config.aheadBudget)/max(1, w.pace.average)), mostAhead))
}

// freeSlots are the entries for Pool.slots after a call has ended: its own, and one more while the worker may have more.
// The caller holds mu.
func (w *worker) freeSlots() int {
	if !w.pool.runsOne() {
		return 1
	}
	switch may := w.mayHave(); {
	case w.pace.slots > may:
		w.pace.slots--
		return 0
	case w.pace.slots < may:
		w.pace.slots++
		return 2
	}
	return 1
}

// refuses says that the worker has become slower since it offered the slot, which is lost then. The caller holds mu.
func (w *worker) refuses() bool {
	if !w.pool.runsOne() || len(w.calls) == 0 || w.pace.slots <= w.mayHave() {
		return false
	}
	w.pace.slots--
	return true
}

// startNext starts the clock of the call that was sent after this one. The caller holds mu.
func (w *worker) startNext(ended *call) {
	if next := w.calls[numberAfter(ended.number)]; next != nil && w.pool.runsOne() {
		next.workersTurn()
	}
}

// numberAfter: 0 is no call's, and a worker may well live for four billion of them.
func numberAfter(number uint32) uint32 { return max(number+1, 1) }

// notStarted says that a call of a dead worker was waiting for another one to end.
func notStarted(c *call, left map[uint32]*call) bool {
	return c.pool.runsOne() && left[c.number-1] != nil
}
