package cpython

import (
	"bytes"
	"runtime"
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

// writeQueue becomes the writer, unless there is one. The caller holds mu.
func (w *worker) writeQueue() {
	s := &w.sending
	if s.isWriting {
		return
	}
	s.isWriting = true
	for len(s.queue) > 0 {
		frames := s.queue
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
