package cpython_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"glasswsgi/runtime/cpython"
)

// gated is an application that waits for a file: /exit ends the worker then, /pass answers.
const gated = `
import ctypes, os, time
def app(e, s):
    path = e["PATH_INFO"]
    if path != "/quick":
        open("began", "w").close()
        while not os.path.exists("gate"):
            time.sleep(0.002)
        os.remove("gate")
    if path == "/exit":
        os._exit(3)
    if path == "/crash":
        ctypes.string_at(0)
    s("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
`

// gatedPool has calls sent ahead however slow the machine is. began and open are the two ends of the gate.
func gatedPool(t *testing.T, change func(*cpython.Config)) (pool *cpython.Pool, began, open func()) {
	dir := folder(t, "gated.py", gated)
	pool = start(t, "gated.py", func(c *cpython.Config) {
		c.Dir = dir
		if change != nil {
			change(c)
		}
		*c = c.Generous()
	})
	for range 8 { // each that was answered allows one more
		get(t, pool, "/quick")
	}
	began = func() {
		t.Helper()
		eventually(t, "the call began", func() bool { return os.Remove(filepath.Join(dir, "began")) == nil })
	}
	open = func() {
		if err := os.WriteFile(filepath.Join(dir, "gate"), nil, 0o600); err != nil {
			t.Error(err)
		}
	}
	return pool, began, open
}

// outcome is what became of a call in the background.
type outcome struct {
	body string
	err  error
}

func inBackground(pool *cpython.Pool, target string) chan outcome {
	done := make(chan outcome, 1)
	go func() {
		answer, err := call(pool, request{target: target})
		done <- outcome{answer.body.String(), err}
	}()
	return done
}

// Calls that were sent ahead to a worker that dies before their turn are answered by another one; only the call that
// ran is lost.
func TestSentAheadSurvives(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"/exit", "/crash"} {
		pool, began, open := gatedPool(t, nil)
		before := pool.PIDs()[0]
		running := inBackground(pool, how)
		began()
		var ahead []chan outcome
		for range 5 {
			ahead = append(ahead, inBackground(pool, "/quick"))
		}
		eventually(t, "five calls were sent ahead", func() bool { return pool.Busy() == 6 })
		open()
		if got := <-running; !isWorkerError(got.err, "") {
			t.Errorf("%s: the call that ran: %v", how, got.err)
		}
		for _, done := range ahead {
			if got := <-done; got.err != nil || got.body == "" {
				t.Errorf("%s: %v", how, got.err)
			}
		}
		if after := pool.PIDs()[0]; after == before {
			t.Errorf("%s: the worker did not die", how)
		}
	}
}

// The clock of --timeout starts with the call's turn: what waits behind a call that hangs is not to blame.
func TestTimeoutCountsFromTheTurn(t *testing.T) {
	t.Parallel()
	pool, began, _ := gatedPool(t, func(c *cpython.Config) {
		c.Timeout, c.GracefulTimeout = time.Second, time.Hour // nothing comes of waiting for those behind
	})
	hangs := inBackground(pool, "/pass")
	began()
	behind := inBackground(pool, "/quick")
	eventually(t, "a call was sent ahead", func() bool { return pool.Busy() == 2 })
	if got := <-hangs; got.err == nil {
		t.Error("the call that hangs was answered")
	}
	within(t, "the call behind it is answered", func() {
		if got := <-behind; got.err != nil {
			t.Errorf("the call behind it: %v", got.err)
		}
	})
}

// Whatever is sent ahead, every call gets its own answer.
func TestManyAhead(t *testing.T) {
	pool, _, _ := gatedPool(t, func(c *cpython.Config) { c.MaxRequests = 300 })
	var callers sync.WaitGroup
	for range 32 {
		callers.Go(func() {
			for range 50 {
				if answer, err := call(pool, request{target: "/quick"}); err != nil || answer.body.Len() == 0 {
					t.Errorf("got %q, %v", answer.body.String(), err)
				}
			}
		})
	}
	callers.Wait()
}

// Answers that wait for others do not wait behind a slow call, and are not lost with a worker that dies: the calls
// before it in the same write are answered while it runs.
func TestHeldAnswers(t *testing.T) {
	for _, how := range []string{"/pass", "/exit", "/crash"} {
		pool, began, open := gatedPool(t, nil)
		first := inBackground(pool, "/pass") // meanwhile the others queue up, and arrive together
		began()
		var quick []chan outcome
		for range 3 {
			quick = append(quick, inBackground(pool, "/quick"))
		}
		eventually(t, "three calls wait", func() bool { return pool.Busy() == 4 })
		slow := inBackground(pool, how)
		eventually(t, "and the slow one", func() bool { return pool.Busy() == 5 })
		open()
		began()
		for i, done := range append(quick, first) {
			select {
			case got := <-done:
				if got.err != nil {
					t.Errorf("%s: call %d: %v", how, i, got.err)
				}
			case <-time.After(3 * patience):
				t.Fatalf("%s: call %d waits behind the slow one", how, i)
			}
		}
		open()
		if got := <-slow; (got.err == nil) != (how == "/pass") {
			t.Errorf("%s: %v", how, got.err)
		}
	}
}

// A worker that dies at once after answers that were held loses none of them.
func TestHeldAnswersSurvive(t *testing.T) {
	dir := folder(t, "dies.py", `
import os
from time import sleep
def app(e, s):
    path = e["PATH_INFO"]
    if path == "/wait":
        open("began", "w").close()
        while not os.path.exists("gate"):
            sleep(0.002)
        os.remove("gate")
    if path == "/dies":
        os.kill(os.getpid(), 9)
    if path == "/count":
        open("count", "a").write("x")
    s("200 OK", [])
    return [b"answer"]
`)
	pool := start(t, "dies.py", func(c *cpython.Config) { c.Dir = dir; *c = c.Generous() })
	for range 8 {
		get(t, pool, "/")
	}
	first := inBackground(pool, "/wait")
	eventually(t, "the call began", func() bool { return os.Remove(filepath.Join(dir, "began")) == nil })
	var counted []chan outcome
	for range 3 {
		counted = append(counted, inBackground(pool, "/count"))
	}
	eventually(t, "three calls wait", func() bool { return pool.Busy() == 4 })
	dies := inBackground(pool, "/dies")
	eventually(t, "and the last one", func() bool { return pool.Busy() == 5 })
	if err := os.WriteFile(filepath.Join(dir, "gate"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, done := range append(counted, first) {
		if got := <-done; got.body != "answer" {
			t.Errorf("got %q, %v", got.body, got.err)
		}
	}
	if got := <-dies; !isWorkerError(got.err, "") {
		t.Errorf("got %v", got.err)
	}
	if count, _ := os.ReadFile(filepath.Join(dir, "count")); len(count) != 3 {
		t.Errorf("three calls ran %d times", len(count))
	}
}

// The clock of a call that was sent ahead starts when the one before it ends: it may hang itself.
func TestTimeoutOfACallThatWasSentAhead(t *testing.T) {
	t.Parallel()
	pool, began, open := gatedPool(t, func(c *cpython.Config) { c.Timeout = 2 * time.Second })
	first := inBackground(pool, "/pass")
	began()
	hangs := inBackground(pool, "/pass")
	eventually(t, "a call was sent ahead", func() bool { return pool.Busy() == 2 })
	open()
	if got := <-first; got.err != nil {
		t.Errorf("the first: %v", got.err)
	}
	select {
	case got := <-hangs:
		var late *cpython.TimeoutError
		if !errors.As(got.err, &late) {
			t.Errorf("the one that hangs: %v", got.err)
		}
	case <-time.After(patience):
		t.Error("the call that was sent ahead never times out")
	}
}
