//go:build linux

package cpython_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"glasswsgi/check/suite"
	"glasswsgi/runtime/cpython"
)

var poisons = []string{"nonblocking", "default_timeout", "replaces", "alarm", "exits_later", "traces", "profiles",
	"traces_slowly", "profiles_slowly", "closes", "closes_and_reuses", "environment", "streams", "recursion", "collector"}

// What one request does to what the worker needs is not the next one's misfortune. The answers are small, and larger than
// the channel holds.
func TestNextRequestIsNotPoisoned(t *testing.T) {
	suite.Long(t)
	for _, interpreter := range interpreters(t) {
		for _, threads := range []int{1, 2} {
			for _, path := range poisons {
				t.Run(fmt.Sprintf("%s, %d threads, %s", interpreter.Name, threads, path), func(t *testing.T) {
					t.Parallel()
					log := logFile(t)
					pool := start(t, "poison.py:app", func(c *cpython.Config) {
						c.Interpreter, c.Threads, c.Output = interpreter, threads, log
					})
					if threads > 1 && (path == "alarm" || path == "exits_later") {
						t.Skip("a handler is set in the main thread only")
					}
					_, err := call(pool, request{target: "/" + path})
					for i, size := range []int{1, 3 << 20, 1} {
						if path == "alarm" || path == "exits_later" {
							time.Sleep(100 * time.Millisecond / time.Duration(1+i)) // what is tested goes off by time
						}
						answer, err := call(pool, request{target: fmt.Sprintf("/?%d", size)})
						if err != nil || answer.body.Len() != size {
							t.Errorf("request %d after it: %d bytes, %v", i+1, answer.body.Len(), err)
						}
					}
					t.Logf("the request itself: %v", err)
					if text := contents(t, log); t.Failed() && text != "" {
						t.Logf("the worker: %.2000s", text)
					}
				})
			}
		}
	}
}

// A trace or profile function that a request sets is not the next one's: it would see what it must not, and slow it down.
// One that is set at import is the application's choice, as coverage does it, and stays.
func TestTraceEndsWithItsRequest(t *testing.T) {
	t.Parallel()
	dir := folder(t, "app.py", "import sys, threading\nsys.settrace(lambda *a: None)\nthreading.settrace(lambda *a: None)\n"+
		"def app(e, s):\n s('200 OK', [])\n return [b'%d' % (sys.gettrace() is not None)]\n")
	for _, threads := range []int{1, 2} {
		pool := start(t, "poison.py:app", func(c *cpython.Config) { c.Threads = threads })
		for _, path := range []string{"/traces_slowly", "/profiles_slowly"} {
			for range 2 * threads { // each thread
				get(t, pool, path)
			}
			for range 2 * threads {
				if got := get(t, pool, "/?traced"); got != "(None, None)" {
					t.Errorf("%d threads, after %s: %s", threads, path, got)
				}
			}
		}
		early := start(t, "app.py", func(c *cpython.Config) { c.Dir, c.Threads = dir, threads })
		for range 2 {
			if got := get(t, early, "/"); got != "1" {
				t.Errorf("%d threads: the trace function of the import is gone", threads)
			}
		}
	}
}

// gevent and eventlet put their own threads and sockets in the place of Python's. An application that is loaded with them
// is served, by one thread and by several, also while requests wait for each other.
func TestGreenThreads(t *testing.T) {
	interpreter, _, err := cpython.Find(suite.Program(t, "/usr/bin/python3"), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, patch := range map[string]string{
		"gevent": "from gevent import monkey\nmonkey.patch_all()\n", "eventlet": "import eventlet\neventlet.monkey_patch()\n",
	} {
		for _, threads := range []int{1, 4} {
			t.Run(fmt.Sprintf("%s, %d threads", name, threads), func(t *testing.T) {
				t.Parallel()
				dir := folder(t, "app.py", patch+`
import queue, threading, time
lock, seen = threading.Lock(), queue.Queue()
def app(e, s):
    s("200 OK", [])
    with lock:
        time.sleep(0.01)
    seen.put(1)
    done = []
    helper = threading.Thread(target=lambda: done.append(seen.get()))
    helper.start()
    helper.join()
    return [b"%d" % len(done)]
`)
				log := logFile(t)
				pool, err := tryStart(t, "app.py", func(c *cpython.Config) {
					c.Dir, c.Interpreter, c.Threads, c.Output, c.Timeout = dir, interpreter, threads, log, 20*time.Second
					c.Env = []string{"EVENTLET_NO_GREENDNS=yes"} // its import looks for name servers otherwise
				})
				var load *cpython.LoadError
				if errors.As(err, &load) && load.Kind == cpython.LoadGreenThreads && name == "eventlet" && threads > 1 {
					return // refused, with a sentence
				}
				if err == nil && name == "eventlet" && threads > 1 {
					t.Error("it is served, and hangs when one request waits for another")
				}
				if err != nil {
					t.Fatal(err)
				}
				defer closePool(t, pool)
				failed := make(chan error)
				for range 8 {
					go func() {
						answer, err := call(pool, request{})
						if err == nil && answer.body.String() != "1" {
							err = fmt.Errorf("got %q", answer.body.String())
						}
						failed <- err
					}()
				}
				for range 8 {
					if err := <-failed; err != nil {
						t.Errorf("%v\n%.2000s", err, contents(t, log))
					}
				}
			})
		}
	}
}
