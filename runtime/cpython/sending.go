package cpython

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"strings"
)

// largestKeptQueue is up to which size a buffer of what is to be written is used again.
const largestKeptQueue = 64 << 10

// worthNoCopy is the size from which a frame is written from where it is, if nothing is before it.
const worthNoCopy = 16 << 10

// sending is what goes to a worker. A goroutine that has something to send puts it into the queue; the first becomes the
// writer, and writes what the others put there meanwhile, many requests in one system call. Guarded by worker.mu.
type sending struct {
	queue, spare []byte
	isWriting    bool
	constants    []byte // the payload of the last CONSTANTS
	agains       int    // where the latest AGAIN begins in queue
	againsEnd    int    // and where it ends; 0: there is none
	next         uint32 // the call that it can take as well
}

// request queues the request of a call, and before it what it takes for constant, where that has changed.
func (s *sending) request(c *call) {
	if !bytes.Equal(c.constants, s.constants) {
		s.constants = append(s.constants[:0], c.constants...)
		s.queue = appendFrame(s.queue, 0, kindConstants, c.constants)
	}
	start := len(s.queue)
	s.queue = append(s.queue, c.scratch...)
	numberFrame(s.queue[start:], c.number)
}

// again queues AGAIN, or makes the one that is last in the queue longer.
func (s *sending) again(c *call) {
	if s.againsEnd == 0 || s.againsEnd != len(s.queue) || s.next != c.number {
		s.agains = len(s.queue)
		s.queue = appendHeader(s.queue, 0, c.number, kindAgain)
	}
	s.queue = binary.LittleEndian.AppendUint32(s.queue, uint32(c.kept))
	s.againsEnd, s.next = len(s.queue), c.number+1
	binary.LittleEndian.PutUint32(s.queue[s.agains:], uint32(len(s.queue)-s.agains-headerSize))
}

// target queues TARGET.
func (s *sending) target(c *call) {
	path, _, _ := strings.Cut(c.target, "?")
	s.queue = appendHeader(s.queue, 8+len(c.target), c.number, kindTarget)
	s.queue = binary.LittleEndian.AppendUint32(s.queue, uint32(c.kept))
	s.queue = binary.LittleEndian.AppendUint32(s.queue, uint32(len(path)))
	s.queue = append(s.queue, c.target...)
}

// send writes one frame, or leaves it to the one who is writing. An error is not returned: the worker is as good as
// dead then, and its reader will tell every call.
func (w *worker) send(frame []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := &w.sending
	if len(frame) < worthNoCopy || s.isWriting || len(s.queue) > 0 {
		s.queue = append(s.queue, frame...)
	} else {
		s.isWriting = true
		w.writeNow(frame)
		s.isWriting = false
	}
	w.writeQueue()
}

// write writes what is queued, unless another goroutine does.
func (w *worker) write() {
	s := &w.sending
	w.mu.Lock()
	defer w.mu.Unlock()
	if !s.isWriting { // others that are ready to run may have more for it: one write, and the worker wakes up once
		s.isWriting = true
		w.mu.Unlock()
		runtime.Gosched()
		w.mu.Lock()
		s.isWriting = false
	}
	w.writeQueue()
}

// writeAtOnce writes what is queued as far as the system takes it, and leaves the rest to a goroutine.
func (w *worker) writeAtOnce() {
	w.mu.Lock()
	s := &w.sending
	if s.isWriting || len(s.queue) == 0 {
		w.mu.Unlock()
		return
	}
	s.againsEnd = 0
	n := writeNoWait(w.channel, s.queue)
	s.queue = append(s.queue[:0], s.queue[n:]...)
	rest := len(s.queue) > 0
	w.mu.Unlock()
	if rest {
		go w.write()
	}
}

// writeQueue becomes the writer, unless there is one. The caller holds mu.
func (w *worker) writeQueue() {
	s := &w.sending
	if s.isWriting {
		return
	}
	s.isWriting = true
	for len(s.queue) > 0 {
		frames := s.queue
		s.againsEnd = 0
		s.queue, s.spare = s.spare[:0], nil
		w.writeNow(frames)
		if cap(frames) <= largestKeptQueue {
			s.spare = frames
		}
	}
	s.isWriting = false
}

// writeNow writes, and lets others at the queue meanwhile. The caller is the writer, and holds mu.
func (w *worker) writeNow(frames []byte) {
	w.mu.Unlock()
	defer w.mu.Lock()
	if _, err := w.channel.Write(frames); err != nil {
		w.kill("")
	}
}
