package cpython

import (
	"fmt"
	"sync"
	"time"
)

// mailbox hands the frames of one call from the goroutine that reads the worker's channel to the one that made the
// call. It holds whole frames in two buffers, which change places when the call has worked through its own: in steady
// state nothing is allocated. The window bounds both.
type mailbox struct {
	signal chan struct{} // capacity 1: something has changed; a token may be stale
	lane   *lane         // is told in place of a signal, as no goroutine waits; guarded by mu
	owner  *call         // whose mailbox this is

	reading []byte // frames that the call is working through
	unread  []byte // the rest of them
	taken   int    // charge of consumed frames, not yet given back as credit

	mu          sync.Mutex
	stored      stored
	arrived     []byte // frames that the call has not seen
	outstanding int    // charge of frames put in and not yet given back as credit
	failure     error  // no more frames come, because of this
	abandoned   bool   // no more frames are taken out
	held        bool   // stopped by a debugger: its silence is no fault
	waits       bool   // the worker waits for goOn after each event
	silentSince int64  // when the worker last said something, in nanoseconds; 0: it is not the worker's turn
}

// reset makes the mailbox ready for another call.
func (m *mailbox) reset() {
	m.reading, m.unread, m.arrived = m.reading[:0], nil, m.arrived[:0]
	m.taken, m.outstanding, m.failure, m.abandoned, m.silentSince = 0, 0, nil, false, 0
	m.held, m.waits, m.lane = false, false, nil
}

// put adds a frame. The error says that the worker overdraws its credit. The caller has to wake the call after it.
func (m *mailbox) put(f frame) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f.kind == kindStored {
		if err := m.stored.take(f, m.owner.worker.outbox); err != nil {
			return err
		}
	}
	if m.abandoned || m.failure != nil { // what comes after a time-out does not change what the caller is told
		if f.kind == kindStored {
			place, _ := f.place()
			m.stored.free(place)
		}
		m.silentSince = now()
		return nil
	}
	m.outstanding += f.charge()
	if m.outstanding > window+maxFrame+frameCharge || len(m.arrived) > 2*(window+maxFrame) {
		return fmt.Errorf("%v without credit", f.kind)
	}
	m.arrived = appendFrame(m.arrived, f.call, f.kind, f.payload)
	m.silentSince = now()
	if f.kind == kindRead || f.kind == kindFile || m.outstanding >= window || m.waits && f.awaitsGo() {
		m.silentSince = 0 // now it waits for us: for the client's bytes, or for the client to take bytes
	}
	return nil
}

// fail says that no more frames come.
func (m *mailbox) fail(err error) {
	m.mu.Lock()
	if m.failure == nil {
		m.failure = err
	}
	m.mu.Unlock()
	m.wake()
}

func (m *mailbox) wake() {
	m.mu.Lock()
	l := m.lane
	m.mu.Unlock()
	if l != nil {
		l.hasMail(m.owner)
		return
	}
	select {
	case m.signal <- struct{}{}:
	default:
	}
}

// next waits for a frame. Its payload is valid until next is called again. An error comes after the last frame.
func (m *mailbox) next() (frame, error) {
	if m.stored.inUse > 0 { // nobody else changes that
		m.mu.Lock()
		m.stored.freeUsed()
		m.mu.Unlock()
	}
	for len(m.unread) == 0 {
		m.mu.Lock()
		m.reading, m.arrived = m.arrived, m.reading[:0]
		failure := m.failure
		m.mu.Unlock()
		if m.unread = m.reading; len(m.unread) > 0 {
			break
		}
		if failure != nil {
			return frame{}, failure
		}
		<-m.signal
	}
	var f frame
	f, m.unread = cutFrame(m.unread)
	m.taken += f.charge()
	if f.kind == kindStored {
		m.mu.Lock()
		f = m.stored.block(f)
		m.mu.Unlock()
	}
	return f, nil
}

// mail is the kind of the first frame that has come, 0 where none has, and whether no more come.
func (m *mailbox) mail() (first kind, failed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.arrived) > 0 {
		f, _ := cutFrame(m.arrived)
		first = f.kind
	}
	return first, m.failure != nil
}

// setLane says who is told that something has come; nil: the goroutine that waits in next.
func (m *mailbox) setLane(l *lane) {
	m.mu.Lock()
	m.lane = l
	m.mu.Unlock()
}

// credit returns what may be given back to the worker: nothing, until it is worth a frame.
func (m *mailbox) credit() int {
	if m.taken < window/4 {
		return 0
	}
	credit := m.taken
	m.taken = 0
	m.mu.Lock()
	m.outstanding -= credit
	m.silentSince = now()
	m.mu.Unlock()
	return credit
}

// workersTurn starts the worker's time anew: it was given something to do.
func (m *mailbox) workersTurn() {
	m.mu.Lock()
	m.silentSince = now()
	m.mu.Unlock()
}

// silence is how long the worker has said nothing although it was its turn.
func (m *mailbox) silence() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.silentSince == 0 || m.held {
		return 0
	}
	return time.Duration(now() - m.silentSince)
}

// abandon drops what comes from now on.
func (m *mailbox) abandon() {
	m.mu.Lock()
	m.abandoned = true
	m.silentSince = now()
	m.mu.Unlock()
}

// isAbandoned says that no more frames are taken out.
func (m *mailbox) isAbandoned() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.abandoned
}

var processStart = time.Now()

// now is a monotonic clock in nanoseconds; it is never 0.
func now() int64 { return int64(time.Since(processStart)) + 1 }
