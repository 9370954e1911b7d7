package cpython

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"sync/atomic"
	"unsafe"
)

// storedSize is the payload of STORED.
const storedSize = 9

// stored is what a call knows of its blocks that lie in its worker's outbox, which is unmapped only when no call knows of any.
// Guarded by mailbox.mu.
type stored struct {
	outbox *outbox
	memory []byte // the outbox's
	places uint32 // a bit for each place that holds a block of this call
	inUse  int    // the place of the frame that next returned last, plus 1; 0: it was in none
}

// take notes the block that a STORED tells of.
func (s *stored) take(f frame, o *outbox) error {
	if o == nil || len(f.payload) != storedSize {
		return fmt.Errorf("%v without a place", f.kind)
	}
	place, size := f.place()
	if k := f.storedKind(); place >= mostStored || size == 0 || size > maxBlock || k != kindChunk && k != kindWrite {
		return fmt.Errorf("%v of %d bytes of %v at place %d", f.kind, size, k, place)
	}
	if s.places&(1<<place) != 0 {
		return fmt.Errorf("%v at a place that is taken", f.kind)
	}
	if s.outbox == nil {
		o.users.Add(1)
		s.outbox, s.memory = o, o.memory
	}
	s.places |= 1 << place
	return nil
}

// block is the frame that a STORED stands for.
func (s *stored) block(f frame) frame {
	place, size := f.place()
	s.inUse = place + 1
	first := outboxBlocks + place*maxBlock
	return frame{kind: f.storedKind(), call: f.call, payload: s.memory[first : first+size : first+size]}
}

// free gives a place back to the worker.
func (s *stored) free(place int) {
	s.places &^= 1 << place
	atomic.StoreUint32((*uint32)(unsafe.Pointer(&s.memory[outboxTaken+4*place])), 0)
}

// freeUsed gives back the place of the frame that was returned last.
func (s *stored) freeUsed() {
	if s.inUse > 0 {
		s.free(s.inUse - 1)
		s.inUse = 0
	}
}

// leave gives all places back. The outbox may be unmapped then.
func (s *stored) leave() {
	if s.outbox == nil {
		return
	}
	for s.places != 0 {
		s.free(bits.TrailingZeros32(s.places))
	}
	s.outbox.leave()
	*s = stored{}
}

// place is where the block of a STORED is, and how long it is.
func (f frame) place() (place, size int) {
	return int(binary.LittleEndian.Uint32(f.payload)), int(binary.LittleEndian.Uint32(f.payload[4:]))
}

// storedKind is what a STORED stands for.
func (f frame) storedKind() kind { return kind(f.payload[8]) }
