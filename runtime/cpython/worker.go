package cpython

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// state is where a worker stands in its life.
type state uint8

const (
	starting state = iota // the application is being loaded; -> ready, dead
	ready                 // it takes calls; -> retiring, dead
	retiring              // it ends the calls that it has and takes no more; -> dead
	dead                  // the process is gone
)

// worker is one Python process. Its reader goroutine is the only one that reads from the channel; writers take turns.
type worker struct {
	pool       *Pool
	number     int // which of the pool's workers it is, from 1
	process    *os.Process
	wait       func() (ended string) // reaps the process
	isHosted   bool                  // it has no process of its own: see Host
	loader     *loader               // whose child it is; nil: it is ours
	channel    net.Conn
	lifeline   net.Conn      // the worker ends when it is closed
	outbox     *outbox       // nil: the worker holds no answers
	readySince time.Time     // when it was admitted
	loaded     chan error    // one value: nil, or why the application is not loaded
	gone       chan struct{} // closed when the process is reaped and its calls have failed

	mu      sync.Mutex
	state   state
	calls   map[uint32]*call // those that the process has in hand
	latest  uint32           // the number of the latest call
	sending sending
	pace    pace
	served  int
	limit   int    // after so many calls it retires; 0: never
	heir    bool   // its replacement is under way
	told    int    // how many of its calls hang, and have failed
	reason  string // why we killed it

	sparing atomic.Bool  // what the application started goes on when the worker ends
	log     *slog.Logger // names the worker
	debug   *DebugLink   // nil: it cannot be debugged
	orders  sync.Mutex   // held while something is written to the lifeline

	idle chan struct{} // closed when a retiring worker has no call left, but those that hang
	once sync.Once     // for closing it

	answers chan loaderAnswer // of a process that makes workers; nil: it makes none
}

// begin takes the call on and queues its request, unless the worker takes no calls any more.
func (w *worker) begin(c *call) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.state != ready || w.refuses() {
		return false
	}
	w.latest = numberAfter(w.latest)
	w.served++
	c.worker, c.number = w, w.latest
	c.holders.Store(2)
	if len(w.calls) == 0 {
		w.pace.since = now()
	}
	if len(w.calls) == 0 || !w.pool.runsOne() {
		c.workersTurn()
	}
	w.calls[c.number] = c
	switch {
	case c.again && c.target != "":
		w.sending.target(c)
	case c.again:
		w.sending.again(c)
	default:
		w.sending.request(c)
	}
	if w.outbox != nil && len(w.calls) >= 2 && c.receiver == nil { // for those of a lane, the loop looks itself
		select {
		case w.outbox.ask <- struct{}{}:
		default: // it is asked already
		}
	}
	return true
}

// finish takes a call off the worker, whose slot is free again.
func (w *worker) finish(c *call) {
	w.mu.Lock()
	delete(w.calls, c.number)
	if c.told {
		w.told--
	}
	w.tellIdle()
	w.startNext(c)
	w.pace.completed++
	free, slots := w.state == ready, 0
	if free {
		slots = w.freeSlots()
	}
	cause := ""
	if free && !w.heir {
		cause = w.due()
		w.heir = cause != ""
	}
	w.mu.Unlock()
	c.over.Store(true)
	c.wake()
	c.release()
	if cause != "" {
		w.pool.succeed(w, cause)
	}
	for range slots {
		w.pool.offer(w)
	}
}

// due says why the worker should be replaced now that a call has ended; "" where it should not. The caller holds mu.
func (w *worker) due() string {
	most := w.pool.config.MaxMemory
	switch {
	case w.limit > 0 && w.served >= w.limit:
		return CauseMaxRequests
	case most > 0 && resident(w.process.Pid) > most:
		return CauseMaxMemory
	}
	return ""
}

// tellIdle lets those go on who wait for a retiring worker's last call. The caller holds mu.
func (w *worker) tellIdle() {
	if w.state == retiring && w.onlyHangs() {
		w.once.Do(func() { close(w.idle) })
	}
}

// read runs in the worker's reader goroutine until the process ends, and cleans up after it.
func (w *worker) read() {
	err := w.readFrames()
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || isReset(err) {
		err = nil
	}
	w.bury(err)
}

// readFrames hands every frame to its call. A call is woken when no more frames are at hand, so that a small response,
// which arrives in one piece, wakes it once.
func (w *worker) readFrames() error {
	files := &fileReader{channel: w.channel}
	defer files.close()
	in := newFrameReader(files)
	var toWake *call
	for {
		if in.mayWait() {
			if toWake != nil {
				toWake.wake()
				toWake = nil
			}
			w.measure()
		}
		f, err := in.next()
		if err != nil {
			return err
		}
		if f.call == 0 {
			if err := w.takeOwn(f); err != nil {
				return err
			}
			continue
		}
		if f.isLast() {
			if toWake != nil && toWake.number == f.call {
				toWake = nil // the end wakes it
			}
			if err := w.deliver(f); err != nil {
				return err
			}
			continue
		}
		c := w.find(f.call)
		if c == nil {
			return w.unknown(f)
		}
		if f.kind == kindFile {
			file := files.first()
			if file == nil {
				go w.refuseFile(c)
				continue
			}
			if err := c.putFile(file); err != nil {
				return err
			}
		}
		if toWake != nil && toWake != c {
			toWake.wake()
		}
		toWake = c
		if err := c.put(f); err != nil {
			return err
		}
	}
}

// deliver hands over the last frame of a call, which it ends.
func (w *worker) deliver(f frame) error {
	c := w.find(f.call)
	if c == nil {
		return w.unknown(f)
	}
	if err := c.put(f); err != nil {
		return err
	}
	w.logLate(c, f)
	w.finish(c)
	return nil
}

// deliverHeld hands over a frame that was in the outbox.
func (w *worker) deliverHeld(f frame) error {
	if f.isLast() {
		return w.deliver(f)
	}
	c := w.find(f.call)
	if c == nil {
		return w.unknown(f)
	}
	err := c.put(f)
	c.wake()
	return err
}

func (w *worker) unknown(f frame) error {
	return fmt.Errorf("%v for call %d, which it does not have", f.kind, f.call)
}

func (w *worker) find(number uint32) *call {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls[number]
}

// takeOwn takes a frame that belongs to no call.
func (w *worker) takeOwn(f frame) error {
	switch f.kind {
	case kindLint:
		return w.pool.takeFinding(f.payload)
	case kindHeld:
		return w.takeHeld(f.payload)
	case kindWhere:
		return w.takeWhere(f.payload)
	case kindForked, kindExited:
		return w.takeLoaderAnswer(f)
	}
	return w.loadAnswer(f)
}

// loadAnswer takes READY or LOAD_ERROR.
func (w *worker) loadAnswer(f frame) error {
	d := decode(f.payload)
	var answer error
	version := ""
	switch f.kind {
	case kindReady:
		d.tuple(1)
		version = d.text()
	case kindLoadError:
		d.tuple(4)
		answer = &LoadError{Kind: LoadKind(d.text()), Detail: d.text(), Hint: d.text(), Traceback: d.text()}
	default:
		return fmt.Errorf("%v without a call", f.kind)
	}
	if err := d.end(); err != nil {
		return err
	}
	if f.kind == kindReady {
		w.joined(version)
	}
	select {
	case w.loaded <- answer:
	default: // it has answered already: a hanging import that ended after all
	}
	return nil
}

// logLate tells what became of a call whose client has left; nothing else does.
func (w *worker) logLate(c *call, f frame) {
	if !c.isAbandoned() || f.kind == kindContract || f.kind == kindAnswer || len(f.payload) == 0 {
		return
	}
	d := decode(f.payload)
	if f.kind == kindError {
		d.tuple(3)
	} else {
		d.tuple(2)
	}
	exception, traceback := d.text(), d.text()
	w.pool.log.Warn("the application raised after its response was given up",
		slog.String("exception", exception), slog.String("traceback", traceback))
}

// breach ends a worker that broke the protocol, and returns the error for the call that noticed.
func (w *worker) breach(err error) error {
	w.kill("broke the frame protocol: " + err.Error())
	return &WorkerError{Reason: "broke the frame protocol: " + err.Error(), Worker: w.number, PID: w.process.Pid}
}
