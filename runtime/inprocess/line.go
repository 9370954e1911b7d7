//go:build linux && (amd64 || arm64) && !static

package inprocess

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// line is the channel between the server and a worker that is a thread of this process: bytes in memory. The server's end
// is a net.Conn; the worker's are the methods send, receive, passFile and hangUp, the inbox and the doorbell.
type line struct {
	mu       sync.Mutex
	inbox    inbox
	toWorker []byte // what did not fit into it
	toServer []byte
	files    []*os.File // that belong to what is in toServer
	isClosed bool       // the server has given the worker up
	hasEnded bool       // the worker has ended

	doorbell int                            // an eventfd at which the worker sleeps: Python waits there without Go's scheduler
	bell     *os.File                       // another one, which wakes the event loop
	loop     func(hasCome func() bool) bool // cpython.Guest.Rest
	server   chan struct{}                  // capacity 1: something has come from the worker; a token may be stale
	givenUp  chan struct{}                  // closed with isClosed
}

func newLine() (*line, error) {
	doorbell, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("eventfd", err)
	}
	inbox, err := newInbox()
	if err != nil {
		unix.Close(doorbell)
		return nil, os.NewSyscallError("mmap", err)
	}
	return &line{inbox: inbox, doorbell: doorbell, server: make(chan struct{}, 1), givenUp: make(chan struct{})}, nil
}

// wakeWorker is for callers that hold mu.
func (l *line) wakeWorker() {
	if l.hasEnded || l.inbox.sleeps.Load() == 0 {
		return
	}
	switch l.inbox.sleeps.Swap(0) {
	case atDoorbell:
		unix.Write(l.doorbell, one)
	case inLoop:
		l.bell.Write(one)
	}
}

var one = binary.NativeEndian.AppendUint64(nil, 1) // what an eventfd counts

func (l *line) wakeServer() {
	select {
	case l.server <- struct{}{}:
	default:
	}
}

// largestKept is up to which size a buffer is used again.
const largestKept = 256 << 10

// without is a queue without its first bytes.
func without(queue []byte, n int) []byte {
	if n == len(queue) && cap(queue) > largestKept {
		return nil
	}
	return append(queue[:0], queue[n:]...)
}

// ---- the server's end

// Read implements net.Conn. There is one reader.
func (l *line) Read(b []byte) (n int, err error) {
	for {
		l.mu.Lock()
		n = copy(b, l.toServer)
		l.toServer = without(l.toServer, n)
		over := l.isClosed || l.hasEnded
		l.mu.Unlock()
		switch {
		case n > 0:
			return n, nil
		case over:
			return 0, io.EOF
		}
		<-l.server
	}
}

// Write implements net.Conn. It does not wait: how much may be under way is bounded by the protocol.
func (l *line) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.put(b); err != nil {
		return 0, err
	}
	l.wakeWorker()
	return len(b), nil
}

// Put implements cpython.NearChannel: where the worker's thread runs the loop, or waits for it, it will look.
func (l *line) Put(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.put(b); err != nil {
		return 0, err
	}
	if l.inbox.sleeps.Load() == atDoorbell {
		l.wakeWorker()
	}
	return len(b), nil
}

func (l *line) put(b []byte) error {
	if l.isClosed || l.hasEnded {
		return net.ErrClosed
	}
	if len(l.toWorker) > 0 || !l.inbox.add(b) {
		l.toWorker = append(l.toWorker, b...)
		l.inbox.more.Store(1)
	}
	return nil
}

// Close implements net.Conn.
func (l *line) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.isClosed {
		l.isClosed = true
		close(l.givenUp)
		l.inbox.more.Store(1)
	}
	for _, file := range l.files {
		file.Close()
	}
	l.files = nil
	l.wakeWorker()
	l.wakeServer()
	return nil
}

// File implements cpython.FileChannel.
func (l *line) File() *os.File {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.files) == 0 {
		return nil
	}
	file := l.files[0]
	l.files = l.files[1:]
	return file
}

// ---- the worker's end

// send hands bytes to the server. Nobody reads them when the worker was given up.
func (l *line) send(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isClosed {
		return
	}
	l.toServer = append(l.toServer, b...)
	l.wakeServer()
}

// passFile hands over a file, before the bytes that tell of it.
func (l *line) passFile(file *os.File) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isClosed {
		file.Close()
		return
	}
	l.files = append(l.files, file)
}

// receive takes at most so many bytes that did not fit into the inbox. At the end it takes none. False: there are none.
func (l *line) receive(most int, take func([]byte)) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(most, len(l.toWorker))
	switch {
	case l.isClosed:
		n = 0
	case n == 0:
		return false
	}
	take(l.toWorker[:n])
	if l.toWorker = without(l.toWorker, n); len(l.toWorker) == 0 && !l.isClosed {
		l.inbox.more.Store(0)
	}
	return true
}

// rest waits until there is something for the worker, on its thread, without Python's lock. With an event loop it runs that
// meanwhile, at least until what is done already has been looked at.
func (l *line) rest() {
	var count [8]byte
	for {
		l.inbox.sleeps.Store(inLoop)
		if !l.loop(l.inbox.hasMore) && !l.inbox.hasMore() {
			l.inbox.sleeps.Store(atDoorbell)
			if !l.inbox.hasMore() {
				unix.Read(l.doorbell, count[:])
			}
		}
		l.inbox.sleeps.Store(0)
		if l.inbox.hasMore() {
			return
		}
	}
}

// hangUp is the worker's end.
func (l *line) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hasEnded = true
	unix.Close(l.doorbell)
	l.wakeServer()
}

// ---- what is left of a net.Conn

type memory struct{}

func (memory) Network() string { return "memory" }
func (memory) String() string  { return "this process" }

// Both ends have one address, and nothing waits for long enough to have a deadline.
func (l *line) LocalAddr() net.Addr              { return memory{} }
func (l *line) RemoteAddr() net.Addr             { return memory{} }
func (l *line) SetDeadline(time.Time) error      { return nil }
func (l *line) SetReadDeadline(time.Time) error  { return nil }
func (l *line) SetWriteDeadline(time.Time) error { return nil }
