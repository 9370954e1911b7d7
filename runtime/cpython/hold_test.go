package cpython

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestTimeStandsStill: the watchdog's clock stands still while a call is stopped, at a line or at a step of the server.
func TestTimeStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mailbox{signal: make(chan struct{}, 1)}
		silent := func(want bool, when string) {
			t.Helper()
			time.Sleep(time.Hour)
			if got := m.silence() >= time.Hour; got != want {
				t.Errorf("%s: silent for %v", when, m.silence())
			}
		}
		m.workersTurn()
		silent(true, "the application runs")
		m.hold(true)
		silent(false, "stopped at a line")
		m.hold(false)
		if m.silence() >= time.Hour {
			t.Error("the time of the stop counts")
		}
		silent(true, "it goes on")
		m.waits = true
		if err := m.put(frame{kind: kindStartResponse, call: 1}); err != nil {
			t.Fatal(err)
		}
		silent(false, "the server is at the event")
		m.workersTurn()
		silent(true, "it was let go on")
	})
}
