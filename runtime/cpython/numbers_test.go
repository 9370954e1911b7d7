//go:build unix

package cpython_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"glasswsgi/runtime/cpython"
)

// grows takes memory, and keeps it.
const grows = `
import os
kept = []
if os.path.exists("broken"): raise ValueError("broken now")
def app(e, s):
    s("200 OK", [])
    if e["PATH_INFO"] == "/grow": kept.append(b"x" * (64 << 20))
    if e["PATH_INFO"] == "/die": os._exit(3)
    if e["PATH_INFO"] == "/hangs":
        while True: pass
    return [b"%d" % os.getpid()]
`

// A worker whose memory has grown beyond the bound is replaced after the call, which is answered.
func TestMaxMemory(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the memory of a worker is known on Linux only")
	}
	dir := folder(t, "app.py", grows)
	pool := start(t, "app.py", func(c *cpython.Config) { c.Dir, c.MaxMemory = dir, 64<<20 })
	first := get(t, pool, "/")
	for range 5 {
		if got := get(t, pool, "/"); got != first {
			t.Error("it was replaced below the bound")
		}
	}
	if got := get(t, pool, "/grow"); got != first {
		t.Errorf("%s answered, and not %s", got, first)
	}
	eventually(t, "another worker answers", func() bool { return get(t, pool, "/") != first })
	if n := pool.Restarts()[cpython.CauseMaxMemory]; n != 1 {
		t.Errorf("replaced %d times", n)
	}
}

// Each way in which a worker comes to be replaced is counted under its own cause.
func TestRestartsByCause(t *testing.T) {
	t.Parallel()
	dir := folder(t, "app.py", grows)
	pool := start(t, "app.py", func(c *cpython.Config) {
		c.Dir, c.MaxRequests, c.Timeout = dir, 3, time.Second
		*c = c.Impatient(patience, 10*time.Millisecond)
	})
	want := map[string]uint64{}
	before := pool.PIDs()[0]
	expect := func(cause string) {
		t.Helper()
		want[cause]++
		eventually(t, cause, func() bool {
			pids := pool.PIDs()
			return maps.Equal(pool.Restarts(), want) && pool.Ready() == 1 && len(pids) == 1 && pids[0] != before
		})
		before = pool.PIDs()[0]
	}
	if got := pool.Restarts(); len(got) > 0 {
		t.Errorf("at the start: %v", got)
	}
	for range 3 {
		get(t, pool, "/")
	}
	expect(cpython.CauseMaxRequests)
	call(pool, request{target: "/hangs"})
	expect(cpython.CauseTimeout)
	if err := pool.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	expect(cpython.CauseReload)
	call(pool, request{target: "/die"})
	expect(cpython.CauseDied)
	os.WriteFile(dir+"/broken", nil, 0o600)
	call(pool, request{target: "/die"})
	eventually(t, "it does not come up", func() bool { return pool.Restarts()[cpython.CauseNotStarted] > 0 })
	os.Remove(dir + "/broken")
	eventually(t, "it comes up", func() bool { return pool.Ready() == 1 })
}

func TestLoad(t *testing.T) {
	t.Parallel()
	pool := start(t, "behave.py", func(c *cpython.Config) { c.Workers, c.Threads = 2, 2 })
	eventually(t, "both are ready", func() bool { return pool.Load() == cpython.Load{Workers: 2, Idle: 4} })
	done := make(chan error)
	for range 5 {
		go func() {
			_, err := call(pool, request{target: "/sleeps_a_little?1"})
			done <- err
		}()
	}
	eventually(t, "all are busy", func() bool { return pool.Load() == cpython.Load{Workers: 2, Busy: 4, Queued: 1} })
	for range 5 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	eventually(t, "all are idle", func() bool { return pool.Load() == cpython.Load{Workers: 2, Idle: 4} })
}

// What ps shows of a worker is short, and says which it is.
func TestTitle(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere it is the last argument")
	}
	for _, interpreter := range interpreters(t) {
		pool := start(t, "behave.py", func(c *cpython.Config) { c.Interpreter = interpreter })
		line, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(pool.PIDs()[0]), "cmdline"))
		if got := strings.TrimRight(string(line), "\x00"); err != nil || got != "glass: worker 1 (behave.py)" {
			t.Errorf("%s: got %q, %v", interpreter.Name, got, err)
		}
	}
}

// A death is told once: by the call that failed, or else by the pool.
func TestDeathIsToldOnce(t *testing.T) {
	log, out := recorder()
	pool := start(t, "behave.py", func(c *cpython.Config) { c.Log = log })
	pid := number(t, get(t, pool, "/pid"))
	want := fmt.Sprintf("worker 1 (pid %d) ended: exit status 3", pid)
	if _, err := call(pool, request{target: "/hard_exit"}); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	second := number(t, get(t, pool, "/pid")) // the first is buried
	if text := out(); strings.Contains(text, "died") {
		t.Errorf("the death is told twice: %s", text)
	}
	syscall.Kill(second, syscall.SIGKILL)
	eventually(t, "the pool tells", func() bool { return strings.Contains(out(), "died") })
	if text := out(); !strings.Contains(text, fmt.Sprintf("worker.number=2 worker.pid=%d", second)) || strings.Count(text, "died") != 1 {
		t.Errorf("the log: %s", text)
	}
}
