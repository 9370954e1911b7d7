//go:build linux

package loop

import (
	"sync"
	"sync/atomic"
	"time"
)

// visits let another thread run the loop. Where the application has a thread of this process, that visits the loop whenever the
// application has nothing to do, until it has something. So a request goes from the socket to the application, and its response
// back, without a thread that wakes another.
//
// An application that takes its time would keep all connections waiting. So the loop's own thread comes back when the visitor
// stays away for longer than mostAway, and goes when it returns.
type visits struct {
	turns  sync.Mutex    // held by who runs the loop
	count  atomic.Uint32 // of visits
	wanted atomic.Bool   // a visitor waits for turns
	dozes  atomic.Bool   // the loop's own thread waits at left
	left   chan struct{} // capacity 1: the visitor has left
}

// visit runs the loop until the visitor has something else to do. It returns false when the loop has ended.
func (l *Loop) visit(until func() bool) (goesOn bool) {
	v := &l.visits
	if !v.turns.TryLock() {
		v.wanted.Store(true)
		l.ring()
		v.turns.Lock()
		v.wanted.Store(false)
	}
	v.count.Add(1)
	goesOn = l.turnUntil(until)
	v.turns.Unlock()
	if v.dozes.Load() && v.dozes.Swap(false) {
		v.left <- struct{}{}
	}
	return goesOn
}

// turnUntil runs the loop for who holds turns. It begins with responses that have come since somebody else did.
func (l *Loop) turnUntil(until func() bool) (goesOn bool) {
	if !l.ends {
		l.takeUp()
	}
	for !l.ends && !until() {
		l.turn()
	}
	return !l.ends
}

// takeUp sends the responses that are there.
func (l *Loop) takeUp() {
	defer l.survive()
	l.now = time.Now()
	l.lane.Collect(true)
	l.sendAnswers()
}

// awaitAbsence waits until no visitor has been there for mostAway, or up to twice as long.
func (v *visits) awaitAbsence() {
	for {
		before := v.count.Load()
		time.Sleep(mostAway)
		switch {
		case v.count.Load() != before: // it comes and goes
		case v.turns.TryLock():
			v.turns.Unlock()
			return
		default: // it is there, and nothing happens
			v.doze()
		}
	}
}

// doze waits until the visitor has left.
func (v *visits) doze() {
	v.dozes.Store(true)
	if v.turns.TryLock() { // it has left just now
		v.turns.Unlock()
		if v.dozes.Swap(false) {
			return
		}
	}
	<-v.left
}
