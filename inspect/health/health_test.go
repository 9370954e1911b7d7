package health

import (
	"context"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestReadiness: a node is ready from when it serves until it stops, while a worker takes calls.
func TestReadiness(t *testing.T) {
	n, load, broken := New("0"), Load{Workers: 1, Idle: 1}, ""
	say := func(status int, text string) {
		t.Helper()
		w := httptest.NewRecorder()
		n.Server(true).Handler.ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/readyz", nil))
		if w.Code != status || w.Body.String() != text+"\n" {
			t.Errorf("%d %q, not %d %q", w.Code, w.Body, status, text)
		}
	}
	say(503, loading)
	n.Serving(Source{Load: func() (Load, bool) { return load, true }, Unready: func() string { return broken }})
	say(200, "ready")
	load.Workers = 0
	say(503, noWorker)
	load.Workers, broken = 1, "syntax"
	say(503, "syntax")
	broken = ""
	n.Stopping()
	say(503, leaving)
	n.Serving(Source{})
	say(503, leaving)
}

// TestUtilisation: it is the mean of ten seconds, and beyond 1 where calls wait.
func TestUtilisation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New("0")
		ctx, stop := context.WithCancel(t.Context())
		go n.Watch(ctx)
		at := func(after time.Duration, utilisation, busySeconds float64) {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			if got := n.usage.mean(); got < utilisation-.001 || got > utilisation+.001 {
				t.Errorf("the utilisation is %v, not %v", got, utilisation)
			}
			if got := n.usage.busySeconds(); got < busySeconds-.001 || got > busySeconds+.001 {
				t.Errorf("threads were busy for %v s, not %v", got, busySeconds)
			}
		}
		at(time.Second, 0, 0) // nothing is known yet
		var load atomic.Value
		load.Store(Load{Workers: 2, Busy: 3, Idle: 1})
		n.Serving(Source{Load: func() (Load, bool) { return load.Load().(Load), true }})
		at(time.Second, .75, 3)
		load.Store(Load{Workers: 2, Busy: 4, Queued: 8})
		at(9*time.Second, .1*.75+.9*3, 3+9*4)
		at(9*time.Second, 3, 3+18*4)
		load.Store(Load{Workers: 2, Idle: 4})
		at(10*time.Second, 0, 3+18*4)
		stop()
		synctest.Wait()
	})
}

// TestWithoutThreads: a runtime that has none says nothing of them.
func TestWithoutThreads(t *testing.T) {
	n := New("0")
	n.Serving(Source{Load: func() (Load, bool) { return Load{}, false }})
	if why := n.unready(); why != "" {
		t.Error(why)
	}
}
