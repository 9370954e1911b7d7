package cpython

import (
	"io"
	"time"
)

// watch looks for calls in which the worker has been silent for too long while it was its turn (gunicorn's --timeout).
// It looks on while the pool closes, so that a call that hangs does not hold that up for longer than its time.
func (p *Pool) watch() {
	ticker := time.NewTicker(min(max(p.config.Timeout/8, 5*time.Millisecond), time.Second))
	defer ticker.Stop()
	for {
		select {
		case <-p.over:
			return
		case <-ticker.C:
		}
		for _, w := range p.all() {
			w.checkSilence(p.config.Timeout)
		}
	}
}

// checkSilence fails the calls that are stuck, and lets the worker take no other: a new one takes its place, and it ends
// when the calls of its other threads have.
func (w *worker) checkSilence(timeout time.Duration) {
	hung := w.findStuck(timeout)
	if len(hung) == 0 {
		return
	}
	w.askWhere()
	time.AfterFunc(whereGrace, func() { // so long it may take to say where
		for _, number := range hung {
			w.failStuck(number, w.late(timeout))
		}
	})
	w.giveUp()
}

// findStuck marks the calls that have been silent for too long, and returns the numbers of those that it has found now.
func (w *worker) findStuck(timeout time.Duration) (hung []uint32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for number, c := range w.calls {
		if !c.stuck && c.silence() > timeout {
			c.stuck = true
			hung = append(hung, number)
		}
	}
	return hung
}

// giveUp replaces a worker in which a call hangs.
func (w *worker) giveUp() {
	if w.dismiss() {
		w.pool.mu.Lock()
		w.pool.count(CauseTimeout)
		w.pool.mu.Unlock()
	}
	w.pool.replace(nil, 0)
	w.pool.retireLater(w, func() { w.retire(w.pool.graceful()) })
}

// hangs says that a call of the worker has been silent for too long.
func (w *worker) hangs() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.told > 0
}

// onlyHangs says that nothing will come of any call that is left. The caller holds mu.
func (w *worker) onlyHangs() bool {
	return len(w.calls) == w.told || w.told > 0 && w.pool.runsOne() // the others wait behind it
}

// takeWhere takes WHERE: the worker says where a call hangs.
func (w *worker) takeWhere(payload []byte) error {
	d := decode(payload)
	d.tuple(3)
	number, late := d.integer(), w.late(w.pool.config.Timeout)
	late.Line, late.Stack = d.text(), d.text()
	if err := d.end(); err != nil {
		return err
	}
	w.failStuck(uint32(number), late)
	return nil
}

// late is that a call of the worker was silent for too long.
func (w *worker) late(after time.Duration) *TimeoutError {
	late := &TimeoutError{After: after, Mute: w.pool.config.Language.Mute()}
	if !w.isHosted {
		late.Worker, late.PID = w.number, w.process.Pid
	}
	return late
}

// failStuck ends a call that hangs, unless it has ended, or failed, meanwhile.
func (w *worker) failStuck(number uint32, late *TimeoutError) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.calls[number]
	if c == nil || !c.stuck || c.told {
		return
	}
	c.told = true
	w.told++
	c.fail(late)
	w.tellIdle()
	if c.isAbandoned() { // there is no caller to tell
		w.log.Error(late.Error() + "; its client had left")
		io.WriteString(w.pool.config.Output, late.hangsHere())
	}
}

// tellStack writes where the call hangs to wsgi.errors. The error's own text has only the line.
func (c *call) tellStack(late *TimeoutError) {
	if late.Stack != "" {
		io.WriteString(c.errors(), late.hangsHere())
	}
}
