package load

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// stalling is a server that answers one request after the other, each in a millisecond, and the n-th in a second.
func stalling(n int) ask {
	one := make(chan struct{}, 1) // synctest's clock stands still while somebody waits for a Mutex
	asked := 0
	return func() (int64, error) {
		one <- struct{}{}
		defer func() { <-one }()
		if asked++; asked == n {
			time.Sleep(time.Second)
		}
		time.Sleep(time.Millisecond)
		return 13, nil
	}
}

func atPace(t *testing.T, p *pace, asks ...ask) Result {
	return (&goroutines{asks: asks}).run(t.Context(), p)
}

// TestOpenLoopHidesNoStall: a server that stalls for a second while 100 requests a second are due keeps a hundred of
// them waiting, although only two connections wait for it. The closed loop sees two slow answers and asks no more.
func TestOpenLoopHidesNoStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := stalling(100)
		r := atPace(t, newPace(100, 10*time.Second, 0), server, server)
		if r.Answers != 1000 || len(r.Errors) != 0 {
			t.Fatalf("%d answers, errors %v", r.Answers, r.Errors)
		}
		if median := r.Latencies.At(0.5); median > 2*time.Millisecond {
			t.Errorf("the median is %v, of answers that take a millisecond", median)
		}
		// The stall lasts a second: of 1000 requests, about 90 were due more than 100 ms before it ended.
		if got := r.Latencies.At(0.92); got < 50*time.Millisecond {
			t.Errorf("92 of 100 answers took %v or less: the stall is hidden", got)
		}
		if got := r.Latencies.At(0.95); got < 400*time.Millisecond || got > 700*time.Millisecond {
			t.Errorf("95 of 100 answers took %v or less; half of the stall was to be seen", got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		server := stalling(100)
		r := atPace(t, newPace(0, 10*time.Second, 0), server, server)
		if got := r.Latencies.At(0.99); got > 3*time.Millisecond {
			t.Errorf("a closed loop that sees the stall (%v): then this test shows nothing", got)
		}
		if got := r.Latencies.At(1); got < time.Second {
			t.Errorf("the longest took %v", got)
		}
	})
}

// TestOpenLoopCountsWhatItNeverAsked: a server that answers nothing in time is not asked less in the report.
func TestOpenLoopCountsWhatItNeverAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func() (int64, error) { time.Sleep(10 * time.Second); return 0, nil }
		r := atPace(t, newPace(100, time.Second, 0), slow)
		never := r.Errors["never asked: the server had fallen behind"]
		if r.Answers+never != 100 || never < 90 {
			t.Errorf("%d answers, errors %v", r.Answers, r.Errors)
		}
	})
}

// TestClosedLoopIsBounded by time and by requests, and waits for what it has begun.
func TestClosedLoopIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		steady := func() (int64, error) { time.Sleep(300 * time.Millisecond); return 5, nil }
		r := atPace(t, newPace(0, time.Second, 0), steady, steady)
		if r.Answers != 8 || r.Bytes != 40 || r.Elapsed != 1200*time.Millisecond {
			t.Errorf("%d answers, %d bytes in %v", r.Answers, r.Bytes, r.Elapsed)
		}
		if r := atPace(t, newPace(0, time.Hour, 7), steady, steady); r.Answers != 7 {
			t.Errorf("%d of 7 requests", r.Answers)
		}
	})
}

// TestFailuresPause: a server that refuses everything is asked some tens of times a second, and every kind is counted.
func TestFailuresPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refusing := func() (int64, error) { return 0, errors.New("gone") }
		r := atPace(t, newPace(0, 10*time.Second, 0), refusing)
		if n := r.Errors["not understood: gone"]; r.Answers != 0 || n < 90 || n > 120 {
			t.Errorf("%d answers, errors %v", r.Answers, r.Errors)
		}
	})
}
