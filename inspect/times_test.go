package inspect

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"glasswsgi/server/front"
)

// TestStopwatch: the time before a step is the step's, but what was sent meanwhile is "send", and waiting for the peer is
// nobody's.
func TestStopwatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewStopwatch()
		for _, s := range []struct {
			after   time.Duration
			stage   front.Stage
			name    string
			sending time.Duration
		}{
			{0, front.Accept, "accept", 0}, {3, front.Receive, "receive", 0}, {1, front.Parse, "request-line", 0}, {2, front.Parse, "message-end", 0},
			{5, front.Environ, "environ", 0}, {1, front.Call, "call", 0}, {30, front.Call, "start_response", 0}, {4, front.Call, "block", 0},
			{2, front.Respond, "head", 0}, {1, front.Send, "send", 0},
			{25, front.Call, "block", 5}, {1, front.Send, "send", 0}, // a block that took 5 to leave, and the next 20 to be made
			{13, front.Send, "send", 3}, // the application came to its end in 10, and nothing but the last chunk is left
			{7, front.Call, "close()", 6}, {2, front.Close, "keep-alive", 0},
			{1000, front.Receive, "receive", 0}, {1, front.Parse, "request-line", 0}, {4, front.Respond, "head", 0},
			{1, front.Send, "send", 0}, {9, front.Close, "close", 7},
		} {
			time.Sleep(s.after * time.Millisecond)
			w.Observe(front.Step{Connection: 1, Stage: s.stage, Name: s.name, Sending: s.sending * time.Millisecond})
		}
		got := w.Times()
		want := map[string]float64{"accept": 3, "parse": 4, "environ": 6, "call": 65, "assemble": 9, "send": 21, "close": 4}
		if got.Exchanges != 2 || len(got.Seconds) != len(want) {
			t.Errorf("%+v", got)
		}
		for phase, milliseconds := range want {
			if math.Abs(got.Seconds[phase]-milliseconds/2/1000) > 1e-9 {
				t.Errorf("%s: %v", phase, got.Seconds[phase])
			}
		}
	})
}
