package cpython

import (
	"log/slog"
	"net"
	"os"
	"testing"
	"time"
)

// Two calls whose frames arrive in one piece are both woken, whichever of them ends.
func TestFramesOfTwoCalls(t *testing.T) {
	read, end := []byte{1, 0, 0, 0}, []byte(nil)
	for name, wire := range map[string][]byte{
		"the other one ends": appendFrame(appendFrame(nil, 1, kindRead, read), 2, kindEnd, end),
		"it ends itself":     appendFrame(appendFrame(nil, 1, kindRead, read), 1, kindEnd, end),
		"both go on":         appendFrame(appendFrame(nil, 1, kindRead, read), 2, kindRead, read),
		"half a frame":       appendHeader(appendFrame(nil, 1, kindRead, read), 5, 2, kindChunk),
	} {
		ours, theirs := net.Pipe()
		p := &Pool{config: Config{Workers: 1, Threads: 2, Output: os.Stderr}, slots: make(chan *worker, 9)}
		w := &worker{pool: p, channel: ours, state: ready, calls: map[uint32]*call{}, idle: make(chan struct{}),
			process: &os.Process{Pid: -1}}
		calls := make([]*call, 2)
		for i := range calls {
			calls[i] = &call{pool: p, scratch: make([]byte, headerSize), mailbox: mailbox{signal: make(chan struct{}, 1)}}
			w.begin(calls[i])
		}
		w.state = dead // so that nobody tries to kill a process that there is not
		go w.readFrames()
		if _, err := theirs.Write(wire); err != nil {
			t.Fatal(err)
		}
		select {
		case <-calls[0].signal:
		case <-time.After(time.Minute):
			t.Errorf("%s: the first call was not woken", name)
		}
		theirs.Close()
		ours.Close()
	}
}

// Workers that are started together do not retire together.
func TestJitter(t *testing.T) {
	p := &Pool{config: Config{MaxRequests: 10, MaxRequestsJitter: 5}, log: slog.New(slog.DiscardHandler)}
	seen := map[int]bool{}
	for range 200 {
		limit := p.newWorker(1, &os.Process{Pid: -1}).limit
		if limit < 10 || limit > 15 {
			t.Fatalf("a limit of %d", limit)
		}
		seen[limit] = true
	}
	if len(seen) != 6 {
		t.Errorf("limits %v", seen)
	}
}
