package front_test

import (
	"testing"
	"testing/synctest"
	"time"

	"glasswsgi/parser"
	"glasswsgi/server/front"
)

// TestDate: a second later it is another.
func TestDate(t *testing.T) {
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for _, want := range []string{"Sat, 28 Nov 2026 12:00:00 GMT", "Sat, 28 Nov 2026 12:00:01 GMT", "Sat, 28 Nov 2026 12:00:02 GMT"} {
		if got := front.HTTPDate(at); got != want {
			t.Errorf("%v: %s", at, got)
		}
		at = at.Add(time.Second)
	}
}

// TestDefaults: a Config that names only its application means what the documents say.
func TestDefaults(t *testing.T) {
	c := front.Config{}.WithDefaults()
	if c.KeepAlive != 5*time.Second || c.ReadTimeout != 30*time.Second || c.WriteTimeout != 30*time.Second || c.MaxConnections != 10_000 ||
		c.Limits != parser.DefaultLimits || c.Software == "" || c.Errors == nil || c.Log == nil {
		t.Errorf("%+v", c)
	}
	if c := (front.Config{KeepAlive: -1, MaxConnections: -1}).WithDefaults(); c.KeepAlive >= 0 || c.MaxConnections >= 0 {
		t.Errorf("none became the default: %+v", c)
	}
}

// TestClock: it stands still while an observer looks.
func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var clock front.Clock
		watch := front.NewWatch(front.NewObservers(func(front.Step) { time.Sleep(time.Hour) }), &clock, 1)
		begun := clock.Now()
		time.Sleep(time.Second)
		watch.Called()
		time.Sleep(time.Second)
		if took := clock.Since(begun); took != 2*time.Second {
			t.Errorf("%v went by", took)
		}
	})
}
