//go:build linux && (amd64 || arm64) && !static

package inprocess

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// worker takes what comes over a line, as glass_worker/inprocess.py does, and sends it back.
func worker(l *line) {
	defer l.hangUp()
	for ring := l.inbox.memory[inboxHead:]; ; {
		put, taken := l.inbox.put.Load(), l.inbox.taken.Load()
		switch first := taken % inboxRing; {
		case put != taken:
			n := min(put-taken, inboxRing-first, 1+rand.Uint64N(5000))
			l.send(ring[first : first+n])
			l.inbox.taken.Add(n)
		case l.inbox.more.Load() != 0:
			var got []byte
			l.receive(1+rand.IntN(5000), func(b []byte) { got = bytes.Clone(b) })
			if len(got) == 0 {
				return
			}
			l.send(got)
		case l.loop != nil:
			l.rest()
		default:
			l.inbox.sleeps.Store(atDoorbell)
			if !l.inbox.hasMore() {
				unix.Read(l.doorbell, make([]byte, 8))
			}
			l.inbox.sleeps.Store(0)
		}
	}
}

// TestLine: what is sent comes whole, and in order, however much of it there is at a time: a message, or more than the inbox
// holds; and the end wakes both.
func TestLine(t *testing.T) {
	bell, err := unix.Eventfd(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(bell), "bell")
	defer file.Close()
	waits := func(hasCome func() bool) bool { // as an event loop does
		for !hasCome() {
			unix.Read(bell, make([]byte, 8))
		}
		return true
	}
	var calls int
	for name, loop := range map[string]func(func() bool) bool{
		"no loop":       nil,
		"a loop":        waits,
		"none just now": func(func() bool) bool { return false },
		"now and then":  func(hasCome func() bool) bool { calls++; return calls%2 == 0 && waits(hasCome) },
	} {
		t.Run(name, func(t *testing.T) { sendAll(t, loop, file) })
	}
}

func sendAll(t *testing.T, loop func(hasCome func() bool) bool, bell *os.File) {
	l, err := newLine()
	if err != nil {
		t.Fatal(err)
	}
	l.loop, l.bell = loop, bell
	ended := make(chan struct{})
	go func() {
		worker(l)
		close(ended)
	}()
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{1, 100, 5000, inboxRing, inboxRing + 1, 3 * inboxRing, 17, 200_000, 200_000, 200_000, 1} {
		sent := make([]byte, size)
		for i := range sent {
			sent[i] = byte(random.Uint32())
		}
		go func() { // in pieces, as they may be
			for rest := sent; len(rest) > 0; {
				n := min(len(rest), 1+random.IntN(300_000))
				l.Write(rest[:n])
				rest = rest[n:]
			}
		}()
		got := make([]byte, size)
		if _, err := io.ReadFull(l, got); err != nil || !bytes.Equal(got, sent) {
			t.Fatalf("%d bytes: %v, equal: %v", size, err, bytes.Equal(got, sent))
		}
	}
	l.Close()
	<-ended
	if n, err := l.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("after the end: %d, %v", n, err)
	}
}
