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
//	| position: u64 | ... | taken: u32, ... | frames, in a ring | blocks, of maxBlock bytes |
//	0               8     outboxTaken       outboxHead          outboxBlocks                outboxSize
//
// The position counts all bytes that were ever put in; the byte at position n is at n modulo outboxRing. A frame is
// overwritten after outboxRing more bytes, and a call has at most maxHeld bytes here: as there are never more than mostAhead
// calls, it has been taken by then.
//
// A large block of a body is put into a place of its own, STORED tells of it by the channel, and the server sends it to the peer
// from there. taken has a word for each place: the worker sets it to 1, and we back to 0 when we need the block no more. While no
// place is free the worker sends CHUNK.
type outbox struct {
	file  *os.File
	rung  atomic.Bool   // a HELD came since the last look
	ask   chan struct{} // capacity 1: look, from time to time
	unmap func()        // when nobody uses it any more
	users atomic.Int32  // who may still touch the memory: the worker, while it lives, and calls that had blocks here

	mu     sync.Mutex
	memory []byte // no worker can make it shorter; nil: closed
	taken  uint64 // up to this position
	seen   uint64 // the position at the last look
	buffer []byte
}

const (
	maxHeld      = 4 << 10             // bytes of an answer that is held, with its header
	outboxTaken  = 32                  // where the words of places begin
	outboxHead   = 64                  // bytes before the ring
	outboxRing   = mostAhead * maxHeld // bytes of all answers that may be held
	outboxBlocks = outboxHead + outboxRing
	mostStored   = 8 // blocks that a worker may store
	outboxSize   = outboxBlocks + mostStored*maxBlock
	lookInterval = time.Millisecond // between two looks while calls are sent ahead
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
	memory := o.memory
	o.memory = nil
	o.mu.Unlock()
	if memory != nil {
		o.file.Close()
		o.leave()
	}
}

// leave is for one of the users.
func (o *outbox) leave() {
	if o.users.Add(-1) == 0 {
		o.unmap()
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
	if o.memory == nil {
		return nil
	}
	o.read(size)
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

// read copies the next bytes out of the ring, which the worker may write to at any time.
func (o *outbox) read(size uint64) {
	if o.buffer == nil {
		o.buffer = make([]byte, outboxRing)
	}
	o.buffer = o.buffer[:size]
	ring := o.memory[outboxHead:outboxBlocks]
	n := copy(o.buffer, ring[o.taken%outboxRing:])
	copy(o.buffer[n:], ring)
}

// position is how far the worker says it is.
func (o *outbox) position() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.memory == nil {
		return o.taken
	}
	return atomic.LoadUint64((*uint64)(unsafe.Pointer(&o.memory[0])))
}

// look is for the case that no HELD comes. What it finds it takes the next time: by then the bytes before the position
// have arrived, in whatever order the processor writes.
func (o *outbox) look(deliver func(frame) error) error {
	if o.rung.Swap(false) {
		return nil
	}
	position := o.position()
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
	w.outbox.take(w.outbox.position(), w.deliverHeld)
}
