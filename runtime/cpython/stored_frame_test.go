package cpython

import (
	"encoding/binary"
	"testing"
)

// storedFrame is a STORED.
func storedFrame(place, size uint32, k kind) frame {
	payload := binary.LittleEndian.AppendUint32(nil, place)
	return frame{kind: kindStored, call: 1, payload: append(binary.LittleEndian.AppendUint32(payload, size), byte(k))}
}

// A worker that tells of what cannot be is refused.
func TestStoredThatCannotBe(t *testing.T) {
	o := inMemory()
	good := storedFrame(1, maxBlock, kindChunk)
	short := good
	short.payload = good.payload[:8]
	for name, f := range map[string]frame{
		"a place that is not there": storedFrame(mostStored, 1, kindChunk),
		"no bytes":                  storedFrame(0, 0, kindChunk),
		"too many":                  storedFrame(mostStored-1, maxBlock+1, kindChunk),
		"no block":                  storedFrame(0, 1, kindEnd),
		"a STORED":                  storedFrame(0, 1, kindStored),
		"no place":                  short,
	} {
		if err := new(stored).take(f, o); err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
	if err := new(stored).take(good, nil); err == nil {
		t.Error("it is taken without an outbox")
	}
	s := new(stored)
	if err := s.take(good, o); err != nil {
		t.Error(err)
	}
	if err := s.take(good, o); err == nil {
		t.Error("it is taken twice")
	}
	if block := s.block(good); block.kind != kindChunk || len(block.payload) != maxBlock || cap(block.payload) != maxBlock {
		t.Errorf("got %v of %d bytes", block.kind, len(block.payload))
	}
}
