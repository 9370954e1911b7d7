package cpython

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// inMemory is an outbox on any system.
func inMemory() *outbox { return &outbox{memory: make([]byte, outboxSize)} }

// put is what the worker does.
func put(o *outbox, position uint64, b []byte) uint64 {
	for i, c := range b {
		o.memory[outboxHead+(position+uint64(i))%outboxRing] = c
	}
	position += uint64(len(b))
	binary.NativeEndian.PutUint64(o.memory, position)
	return position
}

// Frames come out as they were put in, round the end of the ring, each once, whoever asks first.
func TestOutboxRing(t *testing.T) {
	o := inMemory()
	o.taken = 3*outboxRing - 20
	var got []string
	deliver := func(f frame) error { got = append(got, string(f.payload)); return nil }
	position := put(o, o.taken, appendFrame(appendFrame(nil, 1, kindAnswer, []byte("one")), 2, kindAnswer, []byte("two")))
	for range 2 { // the first look remembers, the second takes
		if len(got) != 0 {
			t.Fatalf("got %q too early", got)
		}
		if err := o.look(deliver); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.take(position, deliver); err != nil || len(got) != 2 || got[0] != "one" || got[1] != "two" {
		t.Errorf("got %q, %v", got, err)
	}
}

// FuzzOutbox: whatever a worker writes there, nothing panics, and what is no ANSWER is an error.
func FuzzOutbox(f *testing.F) {
	f.Add(appendFrame(nil, 1, kindAnswer, []byte("abc")), uint64(0), uint64(12))
	f.Add(appendFrame(nil, 1, kindChunk, []byte("abc")), uint64(0), uint64(12))
	f.Add(appendHeader(nil, 1<<31, 1, kindAnswer), uint64(outboxRing-3), uint64(9))
	f.Add([]byte("x"), uint64(1<<63), uint64(outboxRing+1))
	o := inMemory()
	f.Fuzz(func(t *testing.T, wire []byte, taken, more uint64) {
		if len(wire) > outboxRing {
			return
		}
		put(o, taken, wire)
		o.taken = taken
		var again []byte
		err := o.take(taken+more, func(f frame) error {
			again = appendFrame(again, f.call, f.kind, f.payload)
			return nil
		})
		if err == nil && int64(more) > 0 && more <= uint64(len(wire)) && !bytes.Equal(again, wire[:more]) {
			t.Errorf("got %q of %q", again, wire[:more])
		}
	})
}
