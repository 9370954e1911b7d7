//go:build unix

package cpython_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"glasswsgi/check/suite"
	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/wsgi"
)

// endings leaves a mark when Python ends by itself.
const endings = `
import atexit, os, subprocess, sys, time
def at_exit():
    with open("ended", "a") as f: f.write("%d\n" % os.getpid())
atexit.register(at_exit)
def app(e, s):
    path = e["PATH_INFO"]
    if path == "/sleeps": time.sleep(600)
    if path == "/runs":
        while True: pass
    if path == "/ignores":
        while True:
            try:
                open("ignores", "w").close()
                time.sleep(600)
            except BaseException: pass
    s("200 OK", [])
    if path == "/yields": return ticks()
    if path == "/leaves": return [b"%d" % subprocess.Popen(["sleep", "600"]).pid]
    if path == "/forks":
        child = os.fork()
        if child == 0:
            time.sleep(600)
            os._exit(0)
        os.kill(child, 15)
        return [b"%d" % os.waitpid(child, 0)[1]]
    return [b"%d" % os.getpid()]
def ticks():
    while True:
        yield b"."
`

// ended are the workers that ended by themselves.
func ended(t *testing.T, dir string) []string {
	text, err := os.ReadFile(dir + "/ended")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Fields(string(text))
}

// A quick stop is no kill: atexit handlers run, whatever the application is doing, and the calls in hand fail.
func TestQuickStopRunsAtExit(t *testing.T) {
	for _, interpreter := range interpreters(t) {
		for _, threads := range []int{1, 2} {
			for _, path := range []string{"", "/sleeps", "/runs", "/yields"} {
				t.Run(fmt.Sprintf("%s, %d threads, %s", interpreter.Name, threads, path), func(t *testing.T) {
					t.Parallel()
					dir := folder(t, "app.py", endings)
					pool, err := tryStart(t, "app.py", func(c *cpython.Config) {
						c.Dir, c.Threads, c.Interpreter = dir, threads, interpreter
					})
					if err != nil {
						t.Fatal(err)
					}
					pid := get(t, pool, "/")
					failed := make(chan error, 1)
					if path == "" {
						failed <- &cpython.WorkerError{Reason: "stopped before the call was done"}
					} else {
						go func() {
							_, err := call(pool, request{target: path})
							failed <- err
						}()
						eventually(t, "the call is under way", func() bool { return pool.Busy() == 1 })
					}
					now, cancel := context.WithCancel(context.Background())
					cancel()
					pool.Close(now)
					if got := ended(t, dir); len(got) != 1 || got[0] != pid {
						t.Errorf("ended by themselves: %v, and not %s", got, pid)
					}
					if err := <-failed; !isWorkerError(err, "stopped before the call was done") {
						t.Errorf("the call: %v", err)
					}
				})
			}
		}
	}
}

// An application that cannot be interrupted is killed after a while.
func TestQuickStopIsBounded(t *testing.T) {
	t.Parallel()
	log, out := recorder()
	dir := folder(t, "app.py", endings)
	pool, err := tryStart(t, "app.py", func(c *cpython.Config) { c.Dir, c.Log = dir, log })
	if err != nil {
		t.Fatal(err)
	}
	go call(pool, request{target: "/ignores"})
	eventually(t, "the application ignores", func() bool { _, err := os.Stat(filepath.Join(dir, "ignores")); return err == nil })
	now, cancel := context.WithCancel(context.Background())
	cancel()
	within(t, "Close returns", func() { pool.Close(now) })
	if text := out(); !strings.Contains(text, "a worker is killed, because it did not end by itself") {
		t.Errorf("the log: %s", text)
	}
}

// Workers that are replaced run their atexit handlers, too. What the application has started goes on, and ends with the
// pool.
func TestReplacedWorkerEndsByItself(t *testing.T) {
	t.Parallel()
	dir := folder(t, "app.py", endings)
	log, out := recorder()
	pool := start(t, "app.py", func(c *cpython.Config) { c.Dir, c.MaxRequests, c.Log = dir, 2, log })
	first := get(t, pool, "/")
	child := number(t, get(t, pool, "/leaves"))
	eventually(t, "max-requests: the first worker has ended by itself", func() bool { return strings.Join(ended(t, dir), " ") == first })
	second := get(t, pool, "/")
	if err := pool.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "restart: the second worker has ended by itself", func() bool { return strings.Join(ended(t, dir), " ") == first+" "+second })
	eventually(t, "the log tells of the child", func() bool { return strings.Contains(out(), "processes go on after their worker") })
	if !running(child) {
		t.Error("the child of a replaced worker was ended")
	}
	closePool(t, pool)
	if running(child) {
		t.Error("the child lives longer than the pool")
	}
}

// SIGTERM from others does what it does to any Python, in a worker and in what it forked.
func TestSIGTERMFromOthers(t *testing.T) {
	dir := folder(t, "app.py", endings)
	pool := start(t, "app.py", func(c *cpython.Config) { c.Dir = dir })
	if got := get(t, pool, "/forks"); got != fmt.Sprint(int(syscall.SIGTERM)) {
		t.Errorf("a forked child ends with %s", got)
	}
	pid := number(t, get(t, pool, "/"))
	failed := make(chan error)
	go func() {
		_, err := call(pool, request{target: "/sleeps"})
		failed <- err
	}()
	eventually(t, "the call is under way", func() bool { return pool.Busy() == 1 })
	syscall.Kill(pid, syscall.SIGTERM)
	if err := <-failed; !isWorkerError(err, "killed by signal: terminated") {
		t.Errorf("got %v", err)
	}
}

// A worker that is stopped, and reads nothing, is replaced and killed like any that hangs.
func TestStoppedWorkerIsReplaced(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	for _, threads := range []int{1, 2} {
		dir := folder(t, "app.py", endings)
		pool := start(t, "app.py", func(c *cpython.Config) { c.Dir, c.Threads, c.Timeout = dir, threads, time.Second })
		pid := number(t, get(t, pool, "/"))
		syscall.Kill(pid, syscall.SIGSTOP)
		large := request{target: "/", variables: []wsgi.Variable{{Name: "HTTP_LARGE", Value: strings.Repeat("x", 900_000)}}}
		var late *cpython.TimeoutError
		if _, err := call(pool, large); !errors.As(err, &late) || late.Line != "" {
			t.Errorf("got %v", err)
		}
		if got := get(t, pool, "/"); got == fmt.Sprint(pid) {
			t.Error("it was not replaced")
		}
		eventually(t, "it is gone", func() bool { return !running(pid) })
	}
}

// Workers that die as soon as they are born are not born again at once.
func TestBackOffAfterEarlyDeath(t *testing.T) {
	t.Parallel()
	dir := folder(t, "app.py", `
import os, threading, time
def die():
    while not os.path.exists("now"): time.sleep(0.001)
    os._exit(4)
threading.Thread(target=die).start()
def app(e, s):
    s("200 OK", [])
    return []
`)
	log, out := recorder()
	pool := start(t, "app.py", func(c *cpython.Config) {
		c.Dir, c.Log = dir, log
		*c = c.Impatient(time.Second, time.Hour).Fragile()
	})
	os.WriteFile(dir+"/now", nil, 0o600)
	eventually(t, "the log says when it is tried again", func() bool { return strings.Contains(out(), "exit status 4") })
	if text := out(); !strings.Contains(text, `"again in"=30s`) {
		t.Errorf("the log: %s", text)
	}
	var unavailable *cpython.UnavailableError
	if _, err := call(pool, request{}); !errors.As(err, &unavailable) {
		t.Errorf("got %v", err)
	}
}

// A worker in which a call hangs ends by itself, too.
func TestHungWorkerRunsAtExit(t *testing.T) {
	t.Parallel()
	for _, threads := range []int{1, 2} {
		dir := folder(t, "app.py", endings)
		pool := start(t, "app.py", func(c *cpython.Config) { c.Dir, c.Threads, c.Timeout = dir, threads, time.Second })
		pid := get(t, pool, "/")
		call(pool, request{target: "/sleeps"})
		eventually(t, "it is gone", func() bool { return !running(number(t, pid)) })
		if got := ended(t, dir); len(got) != 1 || got[0] != pid {
			t.Errorf("%d threads: ended by themselves: %v, and not %s", threads, got, pid)
		}
	}
}

// A stop does not break off the atexit handlers of workers that end already.
func TestStopSparesAtExit(t *testing.T) {
	t.Parallel()
	dir := folder(t, "app.py", `
import atexit, os, time
def at_exit():
    open("began-%d" % os.getpid(), "w").close()
    time.sleep(1)
    open("ended-%d" % os.getpid(), "w").close()
atexit.register(at_exit)
def app(e, s):
    s("200 OK", [])
    return [b"x"]
`)
	pool, err := tryStart(t, "app.py", func(c *cpython.Config) { c.Dir, c.Workers = dir, 4 })
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "all are ready", func() bool { return pool.Ready() == 4 })
	old := pool.PIDs()
	if err := pool.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, pid := range old {
		eventually(t, "it is at its atexit handler", func() bool { _, err := os.Stat(fmt.Sprintf("%s/began-%d", dir, pid)); return err == nil })
	}
	now, cancel := context.WithCancel(context.Background())
	cancel()
	pool.Close(now)
	for _, pid := range old {
		if _, err := os.Stat(fmt.Sprintf("%s/ended-%d", dir, pid)); err != nil {
			t.Errorf("an atexit handler was broken off: %v", err)
		}
	}
}
