package inspect

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"glasswsgi/server"
)

// TestStopwatch: the time before a step is the step's, and waiting for the peer is nobody's.
func TestStopwatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewStopwatch()
		for _, s := range []struct {
			after time.Duration
			stage server.Stage
			name  string
		}{
			{0, server.Accept, "accept"}, {3, server.Receive, "receive"}, {1, server.Parse, "request-line"}, {2, server.Parse, "message-end"},
			{5, server.Environ, "environ"}, {1, server.Call, "call"}, {30, server.Call, "start_response"}, {4, server.Call, "block"},
			{2, server.Respond, "head"}, {1, server.Send, "send"}, {7, server.Call, "close()"}, {2, server.Close, "keep-alive"},
			{1000, server.Receive, "receive"}, {1, server.Parse, "request-line"}, {9, server.Close, "close"},
		} {
			time.Sleep(s.after * time.Millisecond)
			w.Observe(server.Step{Connection: 1, Stage: s.stage, Name: s.name})
		}
		got := w.Times()
		want := map[string]float64{"accept": 3, "parse": 4, "environ": 6, "call": 34, "assemble": 3, "send": 7, "close": 11}
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
