package cpython

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// The outbox is memory that the worker and we share. While further requests wait in the worker's buffer, it puts short
// answers here instead of sending each: one HELD frame tells of many. Nothing that is in it can be lost, or waits for
// long: we look for ourselves when a call takes its time, and when the worker has died.
//
//	| position: u64 | ... | frames, in a ring |
//	0               8     outboxHead                 outboxHead + outboxRing
//
// The position counts all bytes that were ever put in; the byte at position n is at n modulo outboxRing. A frame is
// overwritten after outboxRing more bytes, and a call has at most maxHeld bytes here: as there are never more than mostAhead
// calls, it has been taken by then.
type outbox struct {
	file *os.File
	rung atomic.Bool   // a HELD came since the last look
	ask  chan struct{} // capacity 1: look, from time to time

	mu     sync.Mutex
	near   []byte // the memory itself, where the worker is in this process and cannot cut it off; else nil, and the file is read
	taken  uint64 // up to this position
	seen   uint64 // the position at the last look
	buffer []byte
}

const (
	maxHeld      = 4 << 10             // bytes of an answer that is held, with its header
	outboxHead   = 64                  // bytes before the ring
	outboxRing   = mostAhead * maxHeld // bytes of all answers that may be held
	lookInterval = time.Millisecond    // between two looks while calls are sent ahead
)

// outboxDescriptor is where the worker finds it: behind its standard streams, the channel and the lifeline.
const outboxDescriptor = 5

// newOutbox makes an outbox for a process that is about to start, where calls are sent ahead and the system can do it;
// else nil.
func (p *Pool) newOutbox() *outbox {
	if !p.config.Language.SharesMemory() || !p.runsOne() && (p.config.Bell == nil || p.config.Threads > 1) {
		return nil
	}
	o, err := newOutbox()
	if err != nil {
		return nil // every answer is sent for itself: slower, and as good
	}
	return o
}

// files are what the process inherits besides its channels.
func (o *outbox) files(bell *os.File) []*os.File {
	switch {
	case o == nil:
		return nil
	case bell == nil:
		return []*os.File{o.file}
	}
	return []*os.File{o.file, bell}
}

func (o *outbox) close() {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.file.Close()
	if o.near != nil {
		o.leaveNear()
		o.near = nil
	}
}

// take hands on the frames up to a position, which the worker claims.
func (o *outbox) take(position uint64, deliver func(frame) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	size := position - o.taken
	switch {
	case int64(size) <= 0: // a HELD that came after our own look
		return nil
	case size > outboxRing:
		return fmt.Errorf("%d bytes in its outbox", size)
	}
	if err := o.read(size); err != nil {
		return err
	}
	o.taken = position
	for rest := o.buffer; len(rest) > 0; {
		if len(rest) < headerSize || uint64(binary.LittleEndian.Uint32(rest)) > uint64(len(rest)-headerSize) {
			return fmt.Errorf("half a frame in its outbox")
		}
		var f frame
		f, rest = cutFrame(rest)
		if !f.mayBeHeld() {
			return fmt.Errorf("%v in its outbox", f.kind)
		}
		if err := deliver(f); err != nil {
			return err
		}
	}
	return nil
}

// read copies the next bytes out of the ring.
func (o *outbox) read(size uint64) error {
	if o.buffer == nil {
		o.buffer = make([]byte, outboxRing)
	}
	o.buffer = o.buffer[:size]
	start := o.taken % outboxRing
	first := min(size, outboxRing-start)
	if o.near != nil {
		copy(o.buffer[:first], o.near[outboxHead+start:])
		copy(o.buffer[first:], o.near[outboxHead:])
		return nil
	}
	_, err := o.file.ReadAt(o.buffer[:first], int64(outboxHead+start))
	if err == nil && first < size {
		_, err = o.file.ReadAt(o.buffer[first:], outboxHead)
	}
	return err
}

// position is how far the worker says it is.
func (o *outbox) position() (uint64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.near != nil {
		return atomic.LoadUint64((*uint64)(unsafe.Pointer(&o.near[0]))), nil
	}
	var b [8]byte
	_, err := o.file.ReadAt(b[:], 0)
	return binary.NativeEndian.Uint64(b[:]), err
}

// look is for the case that no HELD comes. What it finds it takes the next time: by then the bytes before the position
// have arrived, in whatever order the processor writes.
func (o *outbox) look(deliver func(frame) error) error {
	if o.rung.Swap(false) {
		return nil
	}
	position, err := o.position()
	if err != nil {
		return err
	}
	if position == o.seen {
		return o.take(position, deliver)
	}
	o.seen = position
	return nil
}

// takeHeld takes HELD.
func (w *worker) takeHeld(payload []byte) error {
	if w.outbox == nil || len(payload) != 8 {
		return fmt.Errorf("%v without a position", kindHeld)
	}
	w.outbox.rung.Store(true)
	return w.outbox.take(binary.LittleEndian.Uint64(payload), w.deliverHeld)
}

// lookOut looks into the outbox while calls are sent ahead.
func (w *worker) lookOut() {
	for {
		select {
		case <-w.gone:
			return
		case <-w.outbox.ask:
		}
		ticker := time.NewTicker(lookInterval)
		for w.hasAhead() {
			<-ticker.C
			if err := w.outbox.look(w.deliverHeld); err != nil {
				w.kill("broke the frame protocol: " + err.Error())
				break
			}
			w.measure()
		}
		ticker.Stop()
	}
}

func (w *worker) hasAhead() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state != dead && len(w.calls) > 1
}

// takeLeft takes what a dead worker left.
func (w *worker) takeLeft() {
	if w.outbox == nil {
		return
	}
	if position, err := w.outbox.position(); err == nil {
		w.outbox.take(position, w.deliverHeld)
	}
}
