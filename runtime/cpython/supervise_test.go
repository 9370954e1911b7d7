package cpython_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"glasswsgi/runtime/cpython"
)

// within fails the test when f does not return: what it waits for is held by somebody else.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { f(); close(done) }()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("not within %v: %s", patience, what)
	}
}

// While a process is being started, which takes seconds on some systems, the pool's other workers serve and end.
func TestSpawnHoldsNothing(t *testing.T) {
	pool := start(t, "behave.py", func(c *cpython.Config) { c.Workers = 2 })
	eventually(t, "both are ready", func() bool { return pool.Ready() == 2 })
	release := pool.HoldSpawns()
	if _, err := call(pool, request{target: "/hard_exit"}); !isWorkerError(err, "exit status 3") {
		t.Errorf("got %v", err)
	}
	within(t, "the pool tells its workers, and serves, while one is being started", func() {
		for range 20 { // the replacement has begun by then, or begins between two of them
			pool.Ready()
			get(t, pool, "/hello")
		}
	})
	killed := make(chan struct{})
	go func() { pool.Kill(); close(killed) }()
	within(t, "the other worker is killed while one is being started", func() {
		for len(pool.PIDs()) > 0 {
			time.Sleep(time.Millisecond)
		}
	})
	release()
	within(t, "Kill returns", func() { <-killed })
	if left := pool.PIDs(); len(left) > 0 {
		t.Errorf("Kill left %v", left)
	}
}

// A worker that has loaded the application when the pool closes is not waited for.
func TestAdmittedTooLate(t *testing.T) {
	pool := start(t, "behave.py", nil)
	admitted, gone, err := pool.HireThenClose(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if !errors.Is(admitted, cpython.ErrClosed) {
		t.Errorf("it was let in: %v", admitted)
	}
	within(t, "it is gone", func() { <-gone })
}
