package inspect

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"glasswsgi/server"
)

// TestStopwatch: the time before a step is the step's, but what was sent meanwhile is "send", and waiting for the peer is
// nobody's.
func TestStopwatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewStopwatch()
		for _, s := range []struct {
			after   time.Duration
			stage   server.Stage
			name    string
			sending time.Duration
		}{
			{0, server.Accept, "accept", 0}, {3, server.Receive, "receive", 0}, {1, server.Parse, "request-line", 0}, {2, server.Parse, "message-end", 0},
			{5, server.Environ, "environ", 0}, {1, server.Call, "call", 0}, {30, server.Call, "start_response", 0}, {4, server.Call, "block", 0},
			{2, server.Respond, "head", 0}, {1, server.Send, "send", 0},
			{25, server.Call, "block", 5}, {1, server.Send, "send", 0}, // a block that took 5 to leave, and the next 20 to be made
			{13, server.Send, "send", 3}, // the application came to its end in 10, and nothing but the last chunk is left
			{7, server.Call, "close()", 6}, {2, server.Close, "keep-alive", 0},
			{1000, server.Receive, "receive", 0}, {1, server.Parse, "request-line", 0}, {4, server.Respond, "head", 0},
			{1, server.Send, "send", 0}, {9, server.Close, "close", 7},
		} {
			time.Sleep(s.after * time.Millisecond)
			w.Observe(server.Step{Connection: 1, Stage: s.stage, Name: s.name, Sending: s.sending * time.Millisecond})
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
