package live

import (
	"testing"

	"glasswsgi/inspect/hub"
)

// TestRelayKeepsABoundedPart: of an endless body no more is kept than a recording holds, in bytes and in pieces.
func TestRelayKeepsABoundedPart(t *testing.T) {
	for _, size := range []int{1, relayBuffer} {
		s := &seen{}
		for range 3 * hub.MaxStream / relayBuffer * max(1, relayBuffer/size/16) {
			s.saw(make([]byte, size), true)
			s.saw(make([]byte, size), false) // last: the server is at work, so nothing is shown
		}
		toPeer := 0
		for _, m := range s.moved {
			if m.ToPeer {
				toPeer += len(m.Bytes)
			}
		}
		if len(s.moved) > hub.MaxSteps || s.toPeer > hub.MaxStream || s.toThere > hub.MaxStream || toPeer != s.toPeer {
			t.Errorf("%d pieces, %d and %d bytes of pieces of %d are kept", len(s.moved), s.toPeer, s.toThere, size)
		}
		if size == relayBuffer && toPeer != hub.MaxStream {
			t.Errorf("only %d bytes are kept", toPeer)
		}
		s.quiet.Stop()
	}
}
