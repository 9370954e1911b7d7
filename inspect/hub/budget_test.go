package hub

import (
	"testing"
	"testing/synctest"
	"time"

	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// TestBudget: as many at once as in a second, then as they come back with time, and never more than these.
func TestBudget(t *testing.T) {
	b, now := budget{most: 100}, time.Unix(1, 0)
	taken := func() (n int) {
		for b.take(now) {
			n++
		}
		return n
	}
	for _, row := range []struct {
		later time.Duration
		want  int
	}{{0, 100}, {0, 0}, {9 * time.Millisecond, 0}, {time.Millisecond, 1}, {500 * time.Millisecond, 50}, {time.Hour, 100}} {
		now = now.Add(row.later)
		if got := taken(); got != row.want {
			t.Errorf("%v later: %d, not %d", row.later, got, row.want)
		}
	}
}

// TestLockStep: with nobody in control as many calls as the budget has are in lock-step, and the others are marked; as soon
// as somebody has control all are, and none of them is taken from the budget.
func TestLockStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Options{LockSteps: 3, Record: true})
		defer h.Close()
		s, err := h.Attach("test")
		if err != nil {
			t.Fatal(err)
		}
		calls := uint64(0)
		lockStep := func() bool {
			calls++
			environ := &wsgi.Environ{}
			h.Observe(front.Step{Stage: front.Receive, Connection: calls})
			h.Observe(front.Step{Stage: front.Environ, Connection: calls, Value: environ})
			got := h.Debugger().LockStep(environ)
			if x, _ := h.Exchange(calls); x.WithoutLines == got || got != (x.MostCalls == 0) {
				t.Errorf("call %d: in lock-step %t, marked %t, %d", calls, got, x.WithoutLines, x.MostCalls)
			}
			return got
		}
		expect := func(when string, want ...bool) {
			t.Helper()
			for i, want := range want {
				if got := lockStep(); got != want {
					t.Errorf("%s, call %d of these: in lock-step %t", when, i+1, got)
				}
			}
		}
		expect("nobody has control", true, true, true, false, false)
		s.TakeControl()
		expect("somebody has control", true, true, true, true, true)
		s.ReleaseControl()
		expect("nobody has control any more", false)
		time.Sleep(time.Second) // of the bubble's clock
		s.TakeControl()
		expect("somebody has control again", true, true)
		s.ReleaseControl()
		expect("what control has used is no part of it", true, true, true, false)
	})
}
