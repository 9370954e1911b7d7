//go:build linux && (amd64 || arm64) && !static

package inprocess

import (
	"runtime"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// inbox is memory in which a worker finds what was sent to it, without calling Go: where another thread sends it, a call for
// each batch of requests would keep Go's scheduler looking after the thread of Python, every 20 us. glass_worker/inprocess.py has the other side.
//
//	| put: u64 | taken: u64 | sleeps: u64 | more: u64 | ... | bytes, in a ring |
//	0          8            16            24        32    inboxHead           inboxHead + inboxRing
//
// put and taken count all bytes that ever were; the byte at position n is at n modulo inboxRing. sleeps: where the worker waits, or
// is about to. more: what did not fit waits in the line, and the worker has to call receive.
//
// The worker stores sleeps and then looks at put, the server stores put and then looks at sleeps, and both have a fence
// between. Python's is a lock, which is one on amd64 only; elsewhere nothing goes by the inbox, and the worker calls receive before
// it sleeps.
type inbox struct {
	memory                   []byte
	put, taken, sleeps, more *atomic.Uint64
}

const (
	inboxHead = 64
	inboxRing = 512 << 10
)

// What sleeps can be; 0: the worker is awake.
const (
	atDoorbell = 1
	inLoop     = 2 // its thread runs the event loop, or is about to: the loop's bell wakes it
)

// hasMore says that there is something for the worker.
func (b *inbox) hasMore() bool { return b.put.Load() != b.taken.Load() || b.more.Load() != 0 }

func newInbox() (b inbox, err error) {
	b.memory, err = unix.Mmap(-1, 0, inboxHead+inboxRing, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return b, err
	}
	word := func(i int) *atomic.Uint64 { return (*atomic.Uint64)(unsafe.Pointer(&b.memory[8*i])) }
	b.put, b.taken, b.sleeps, b.more = word(0), word(1), word(2), word(3)
	return b, nil
}

// add puts bytes in. False: they do not fit.
func (b *inbox) add(data []byte) bool {
	put := b.put.Load()
	if runtime.GOARCH != "amd64" || len(data) > inboxRing-int(put-b.taken.Load()) {
		return false
	}
	ring := b.memory[inboxHead:]
	n := copy(ring[put%inboxRing:], data)
	copy(ring, data[n:])
	b.put.Store(put + uint64(len(data)))
	return true
}
