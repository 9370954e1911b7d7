package cpython_test

import (
	"context"
	"errors"
	"os"
	"strings"
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
	t.Parallel()
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

// The replacement of a worker that died, and which is slow to load, is not let in when Restart was quicker.
func TestReplacementIsNotNeededAnyMore(t *testing.T) {
	t.Parallel()
	dir := folder(t, "app.py", `
import os, time
with open("imports", "a") as f: f.write("x")
if os.path.getsize("imports") == 2:
    while not os.path.exists("go"): time.sleep(0.001)
def app(e, s):
    if e["PATH_INFO"] == "/die": os._exit(3)
    s("200 OK", [])
    return [b"%d" % os.path.getsize("imports")]
`)
	pool := start(t, "app.py", inFolder(dir))
	call(pool, request{target: "/die"})
	eventually(t, "the replacement is being loaded", func() bool { return imported(dir) == 2 })
	if err := pool.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	both := pool.PIDs()
	os.WriteFile(dir+"/go", nil, 0o600)
	eventually(t, "one worker is left", func() bool { return len(pool.PIDs()) == 1 && pool.Ready() == 1 })
	if len(both) != 2 {
		t.Errorf("there were %v", both)
	}
}

func imported(dir string) int64 {
	info, err := os.Stat(dir + "/imports")
	if err != nil {
		return 0
	}
	return info.Size()
}

// Each pause before another try is twice as long as the one before it.
func TestBackOffDoubles(t *testing.T) {
	t.Parallel()
	dir := folder(t, "app.py", `
import os
if os.path.exists("broken"): raise ValueError("broken now")
def app(e, s): os._exit(1)
`)
	log, out := recorder()
	pool := start(t, "app.py", func(c *cpython.Config) {
		c.Dir, c.Log = dir, log
		*c = c.Impatient(patience, time.Millisecond)
	})
	os.WriteFile(dir+"/broken", nil, 0o600)
	call(pool, request{})
	eventually(t, "it was tried three times", func() bool { return strings.Count(out(), "did not come up") >= 3 })
	for _, pause := range []string{"1ms", "2ms", "4ms"} {
		if !strings.Contains(out(), `"again in"=`+pause) {
			t.Errorf("no pause of %s: %s", pause, out())
		}
	}
}

// Why a worker did not come up once is not the reason why none is ready now.
func TestOldTroubleIsForgotten(t *testing.T) {
	t.Parallel()
	dir := folder(t, "app.py", `
import os
if os.path.exists("broken"): raise ValueError("broken now")
def app(e, s):
    os._exit(1)
`)
	pool := start(t, "app.py", func(c *cpython.Config) {
		c.Dir = dir
		*c = c.Impatient(100*time.Millisecond, time.Millisecond)
	})
	os.WriteFile(dir+"/broken", nil, 0o600)
	call(pool, request{})
	eventually(t, "it does not come up", func() bool { return pool.Restarts()[cpython.CauseNotStarted] > 0 })
	os.Remove(dir + "/broken")
	eventually(t, "it is back", func() bool { return pool.Ready() == 1 })
	release := pool.HoldSpawns()
	defer release()
	call(pool, request{})
	var unavailable *cpython.UnavailableError
	if _, err := call(pool, request{}); !errors.As(err, &unavailable) || unavailable.Cause != nil {
		t.Errorf("got %v", err)
	}
}
