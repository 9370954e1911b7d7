package cpython

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"glasswsgi/runtime/wsgi"
)

// A worker that can be debugged has a second conversation with us, over its lifeline: messages in JSON, which are no
// part of a call. The thread that waits for the lifeline's end reads them, so an idle debugger costs no thread. Each
// message is its length (4 bytes, little-endian) and its text; ours to the worker begin with a byte more, 'd', because
// '?' asks where the worker hangs. glass_worker/debug.py has the messages.
//
// While Debugger.Attached says so, the debugger is told of calls, and those of which Debugger.LockStep says so are in
// lock-step: after each event the worker waits for the server to be done with it, and it tells what the application does.
// A lock-step call must be the only one that a thread of its worker has in hand: a caller that queues calls in a worker
// asks Pool.watched first, and queues none. In a call that is not, the worker tells of a stop, and of what is written to
// wsgi.errors.

const (
	maxDebugMessage = 1 << 20          // bytes, in either direction
	debugBacklog    = 256              // messages that may wait for a worker
	debugWriteTime  = 10 * time.Second // for a worker to take one
)

// Debugger is who debugs the calls of a pool: see Config.Debugger. Its methods may be called from any goroutine.
type Debugger interface {
	// Attached says whether calls that begin now are watched. Of each of these LockStep says whether it is in lock-step.
	Attached() bool
	LockStep(environ *wsgi.Environ) bool
	// Joined and Gone tell of workers; Message is what one says.
	Joined(*DebugLink)
	Gone(*DebugLink)
	Message(*DebugLink, []byte)

	// The methods below are called on the goroutine of a watched call, which environ identifies; the last two only where
	// it is in lock-step.

	// Began is told which worker has the call, before the application is called.
	Began(environ *wsgi.Environ, l *DebugLink, call uint32)
	// Placed is told the line of the application that caused what the server sees next; an empty file says that it is
	// not known.
	Placed(environ *wsgi.Environ, p DebugPlace)
	// GoesOn is asked how the application goes on, after the server has seen what it did: a word for the worker.
	GoesOn(environ *wsgi.Environ) string
}

// DebugPlace is a line of the application. Left says that a step which was under way has led out of the application.
type DebugPlace struct {
	File     string
	Line     int
	Function string
	Left     bool
}

// DebugLink is the way to one worker.
type DebugLink struct {
	worker *worker
	out    chan []byte
	python string
}

// ErrDebugLink says that a worker does not take messages any more.
var ErrDebugLink = errors.New("the worker is gone, or takes no message of the debugger's")

func (l *DebugLink) PID() int { return l.worker.process.Pid }

// Python is the version of the worker's Python.
func (l *DebugLink) Python() string { return l.python }

// Slots is how many calls all workers of the pool take at a time.
func (l *DebugLink) Slots() int { return l.worker.pool.config.Workers * l.worker.pool.config.Threads }

// Send puts a message on its way, and does not wait.
func (l *DebugLink) Send(message any) error {
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	if len(text) > maxDebugMessage {
		return fmt.Errorf("a message of %d bytes to a worker, more than %d", len(text), maxDebugMessage)
	}
	frame := binary.LittleEndian.AppendUint32([]byte{'d'}, uint32(len(text)))
	select {
	case l.out <- append(frame, text...):
		return nil
	case <-l.worker.gone:
	default: // it has not taken the ones before
	}
	return ErrDebugLink
}

// Hold says that a call is stopped by the debugger: its worker is not to blame for being silent.
func (l *DebugLink) Hold(call uint32, held bool) {
	if c := l.worker.find(call); c != nil {
		c.hold(held)
	}
}

// watched says whether calls that begin now may have to be alone in their worker's thread.
func (p *Pool) watched() bool { return p.config.Debugger != nil && p.config.Debugger.Attached() }

// joined tells the debugger of a worker that has loaded the application.
func (w *worker) joined(version string) {
	if w.debug == nil {
		return
	}
	w.debug.python = version
	w.pool.ended.Go(w.debug.write)
	w.pool.config.Debugger.Joined(w.debug)
}

// write takes messages to the worker, one after the other.
func (l *DebugLink) write() {
	for {
		select {
		case frame := <-l.out:
			if err := l.worker.order(frame, debugWriteTime); err != nil {
				l.worker.kill("did not take a message of the debugger's: " + err.Error())
				return
			}
		case <-l.worker.gone:
			return
		}
	}
}

// order writes to the lifeline. No other bytes come in between.
func (w *worker) order(b []byte, within time.Duration) error {
	w.orders.Lock()
	defer w.orders.Unlock()
	w.lifeline.SetWriteDeadline(time.Now().Add(within))
	_, err := w.lifeline.Write(b)
	return err
}

// readDebug hands on what the worker says, until it is gone.
func (w *worker) readDebug() {
	defer w.pool.config.Debugger.Gone(w.debug)
	var size [4]byte
	for {
		if _, err := io.ReadFull(w.lifeline, size[:]); err != nil {
			return
		}
		n := binary.LittleEndian.Uint32(size[:])
		if n > maxDebugMessage {
			w.kill(fmt.Sprintf("sent a debug message of %d bytes, more than %d", n, maxDebugMessage))
			return
		}
		text := make([]byte, n)
		if _, err := io.ReadFull(w.lifeline, text); err != nil {
			return
		}
		w.pool.config.Debugger.Message(w.debug, text)
	}
}

// ---- lock-step

// chooseLockStep marks the request of a call that a worker is about to get, and not sooner: while it has waited for a
// worker, somebody may have come who wants to stop it.
func (c *call) chooseLockStep() {
	if c.lockStep { // it was marked for a worker that did not take it
		return
	}
	c.watched = c.pool.watched()
	if c.lockStep = c.watched && c.pool.config.Debugger.LockStep(c.environ); c.lockStep {
		c.scratch[headerSize] |= flagLockStep
	}
}

// beginWatched tells the debugger of a call whose request is queued. In lock-step the worker waits for goOn.
func (c *call) beginWatched() {
	c.mu.Lock()
	c.waits = c.lockStep
	c.mu.Unlock()
	c.pool.config.Debugger.Began(c.environ, c.worker.debug, c.number)
}

// debugGo is the message that lets a lock-step call go on.
type debugGo struct {
	Command string `json:"command"`
	Call    uint32 `json:"call"`
	How     string `json:"how"`
	First   bool   `json:"first,omitempty"`
	Free    bool   `json:"free,omitempty"` // the call is in lock-step no more
}

// goOn lets the worker go on after the server has seen an event.
func (c *call) goOn(first bool) {
	c.owes = false
	how := c.pool.config.Debugger.GoesOn(c.environ)
	c.workersTurn()
	c.worker.debug.Send(debugGo{"go", c.number, how, first, false})
}

// leaveLockStep is for a caller that takes no more events.
func (c *call) leaveLockStep() {
	c.mu.Lock()
	c.waits = false
	c.mu.Unlock()
	c.worker.debug.Send(debugGo{"go", c.number, "run", false, true})
}

// place reads PLACE.
func (c *call) place(payload []byte) error {
	d := decode(payload)
	d.tuple(4)
	p := DebugPlace{File: d.text(), Line: d.integer(), Function: d.text(), Left: d.boolean()}
	if err := d.end(); err != nil {
		return c.worker.breach(err)
	}
	if c.lockStep {
		c.pool.config.Debugger.Placed(c.environ, p)
	}
	return nil
}

// awaitsGo says that the worker waits after this frame.
func (f frame) awaitsGo() bool {
	switch f.kind {
	case kindStartResponse, kindReturned, kindChunk, kindWrite, kindStored:
		return true
	}
	return false
}

// hold stops the watchdog's clock for a call, or starts it anew.
func (m *mailbox) hold(held bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held = held
	if !held && m.silentSince != 0 {
		m.silentSince = now()
	}
}

// Nudge makes every worker run a few instructions of Python. One that waits for a request runs none, and somebody who
// wants to get in from outside, such as pdb, has to wait until it does.
func (p *Pool) Nudge() {
	for _, w := range p.all() {
		if w.takesCalls() {
			w.send(appendHeader(nil, 0, 0, kindNop))
		}
	}
}
