//go:build unix

package cpython_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/wsgi"
)

// What the application does to itself hurts its own request only.
func TestHarm(t *testing.T) {
	t.Parallel()
	for _, interpreter := range interpreters(t) {
		for _, threads := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s, %d threads", interpreter.Name, threads), func(t *testing.T) {
				pool := start(t, "behave.py", func(c *cpython.Config) { c.Interpreter, c.Threads = interpreter, threads })
				for target, want := range map[string]string{
					"/exits": "SystemExit: 7", "/interrupts": "KeyboardInterrupt",
				} {
					_, err := call(pool, request{target: target})
					var raised *wsgi.ApplicationError
					if !errors.As(err, &raised) || raised.Exception != want {
						t.Errorf("%s: got %v, want %s", target, err, want)
					}
				}
				for target, want := range map[string]string{
					"/forks": "parent, child ended with 0", "/fork_raises": "parent", "/closes_standard": "still here",
				} {
					if got := get(t, pool, target); got != want {
						t.Errorf("%s: got %q, want %q", target, got, want)
					}
				}
				for target, reason := range map[string]string{
					"/hard_exit": "exit status 3", "/segfault": "killed by signal: segmentation fault", "/closes_channel": "",
				} {
					if _, err := call(pool, request{target: target}); !isWorkerError(err, reason) {
						t.Errorf("%s: got %v, want %s", target, err, reason)
					}
					if got := get(t, pool, "/hello"); got != "hello\n" {
						t.Errorf("after %s: got %q", target, got)
					}
				}
			})
		}
	}
}

// One thread's death takes the calls of its fellows along, but not those of other workers.
func TestOtherWorkersLiveOn(t *testing.T) {
	t.Parallel()
	pool := start(t, "behave.py", func(c *cpython.Config) { c.Workers = 2 })
	eventually(t, "both are ready", func() bool { return pool.Ready() == 2 })
	slow := make(chan error)
	go func() {
		_, err := call(pool, request{target: "/sleeps_a_little?0.3"})
		slow <- err
	}()
	if _, err := call(pool, request{target: "/hard_exit"}); !isWorkerError(err, "exit status 3") {
		t.Errorf("got %v", err)
	}
	if err := <-slow; err != nil {
		t.Errorf("the other worker's call: %v", err)
	}
	eventually(t, "both are ready again", func() bool { return pool.Ready() == 2 })
}

func TestProcessesOfTheApplicationGo(t *testing.T) {
	t.Parallel()
	for _, end := range []func(*cpython.Pool){(*cpython.Pool).Kill, func(p *cpython.Pool) { p.Close(context.Background()) }} {
		pool, err := tryStart(t, "behave.py", nil)
		if err != nil {
			t.Fatal(err)
		}
		child, _ := strconv.Atoi(get(t, pool, "/leaves_child"))
		end(pool)
		eventually(t, "the child is gone", func() bool { return !running(child) })
	}
}

// running says that a process lives and is no zombie, which in a container may wait for ever to be reaped.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return runtime.GOOS != "linux" && alive(pid)
	}
	return !strings.Contains(string(stat), ") Z ")
}

func TestSIGTERMIsIgnored(t *testing.T) {
	pool, err := tryStart(t, "behave.py", nil)
	if err != nil {
		t.Fatal(err)
	}
	get(t, pool, "/ignores_sigterm")
	done := make(chan error)
	go func() {
		_, err := call(pool, request{target: "/sleeps"})
		done <- err
	}()
	eventually(t, "the call is under way", func() bool { return pool.Busy() == 1 })
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := pool.Close(ctx); err != context.Canceled {
		t.Errorf("Close: %v", err)
	}
	if err := <-done; !isWorkerError(err, "stopped before the call was done") {
		t.Errorf("got %v", err)
	}
}

func TestCloseLetsCallsFinish(t *testing.T) {
	t.Parallel()
	pool, err := tryStart(t, "behave.py", func(c *cpython.Config) { c.Threads = 2 })
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := call(pool, request{target: "/sleeps_a_little?0.3"})
		done <- err
	}()
	eventually(t, "the call is under way", func() bool { return pool.Busy() == 1 })
	closePool(t, pool)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A call that hangs is answered on time, and tells where, once. Its worker takes no other call, and ends when those of
// its other threads have ended, whether they hang or not.
func TestTimeout(t *testing.T) {
	t.Parallel()
	const timeout = time.Second
	for _, threads := range []int{1, 2} {
		log := logFile(t)
		pool := start(t, "behave.py", func(c *cpython.Config) { c.Threads, c.Timeout = threads, timeout })
		before := get(t, pool, "/pid")
		var all sync.WaitGroup
		for range threads {
			all.Go(func() {
				environ := request{target: "/sleeps"}.environ()
				environ.Errors = log
				var late *cpython.TimeoutError
				if err := exchange(pool, environ, &response{}); !errors.As(err, &late) || late.After != timeout || !strings.Contains(err.Error(), "time.sleep(600)") ||
					!strings.Contains(err.Error(), "worker 1 (pid "+before+") is replaced") {
					t.Errorf("got %v", err)
				}
			})
		}
		all.Wait()
		if after := get(t, pool, "/pid"); after == before {
			t.Error("the worker was not replaced")
		}
		if text := contents(t, log); strings.Count(text, "time.sleep(600)") != threads || strings.Count(text, "hangs here") != threads {
			t.Errorf("where it hangs is told otherwise than once: %s", text)
		}
		eventually(t, "the worker that hung is gone", func() bool { return len(pool.PIDs()) == 1 })
	}
}

// The sibling of a call that hangs ends in peace, in the old worker; new calls go to the new one.
func TestTimeoutSparesTheSibling(t *testing.T) {
	t.Parallel()
	dir := folder(t, "app.py", `
import os, time
def app(e, s):
    if e["PATH_INFO"] == "/hangs":
        while True: time.sleep(0.01)
    s("200 OK", [])
    return talks() if e["PATH_INFO"] == "/talks" else [b"%d" % os.getpid()]
def talks():
    yield b"%d" % os.getpid()
    while not os.path.exists("enough"):
        time.sleep(0.01)
        yield b"."
`)
	pool := start(t, "app.py", func(c *cpython.Config) { c.Dir, c.Threads, c.Timeout = dir, 2, time.Second })
	old := get(t, pool, "/")
	done := make(chan string)
	go func() {
		answer, err := call(pool, request{target: "/talks"})
		if err != nil {
			t.Errorf("the sibling: %v", err)
		}
		done <- answer.body.String()
	}()
	eventually(t, "the sibling is under way", func() bool { return pool.Busy() == 1 })
	var late *cpython.TimeoutError
	if _, err := call(pool, request{target: "/hangs"}); !errors.As(err, &late) {
		t.Errorf("got %v", err)
	}
	for range 4 {
		if get(t, pool, "/") == old {
			t.Error("the worker in which a call hangs was given another")
		}
	}
	if !slices.Contains(pool.PIDs(), number(t, old)) {
		t.Error("the old worker is gone before its other call has ended")
	}
	os.WriteFile(dir+"/enough", nil, 0o600)
	if got := <-done; !strings.HasPrefix(got, old+".") {
		t.Errorf("the sibling: %.20q", got)
	}
	eventually(t, "the old worker is gone", func() bool { return !slices.Contains(pool.PIDs(), number(t, old)) })
}

// What hangs does not hold a stop up for longer than --timeout.
func TestStopDoesNotWaitForWhatHangs(t *testing.T) {
	t.Parallel()
	pool, err := tryStart(t, "behave.py", func(c *cpython.Config) { c.Threads, c.Timeout = 2, time.Second })
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := call(pool, request{target: "/sleeps"})
		done <- err
	}()
	eventually(t, "the call is under way", func() bool { return pool.Busy() == 1 })
	closePool(t, pool) // as patient as the test; the time-out comes first
	var late *cpython.TimeoutError
	if err := <-done; !errors.As(err, &late) {
		t.Errorf("got %v", err)
	}
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The client's slowness is not the worker's.
func TestTimeoutSparesTheClient(t *testing.T) {
	t.Parallel()
	const timeout = time.Second
	pool := start(t, "behave.py", func(c *cpython.Config) { c.Timeout = timeout })
	slow := slowReader{2 * timeout}
	if _, err := call(pool, request{target: "/echo", body: stream{&slow}}); err != nil {
		t.Errorf("a slow body: %v", err)
	}
	iterable, err := pool.Call(request{target: "/endless"}.environ(), ignore)
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	for _, err := range iterable.Chunks() {
		if err != nil {
			t.Fatalf("a slow reader: %v", err)
		}
		if blocks++; blocks == 1 {
			<-time.After(3 * timeout) // what is tested is that this time does not count
		}
		if blocks == 1000 {
			break
		}
	}
	iterable.Close()
}

// slowReader is a client that takes its time for the only byte that it sends.
type slowReader struct{ pause time.Duration }

func (s *slowReader) Read(b []byte) (int, error) {
	if s.pause == 0 {
		return 0, io.EOF
	}
	<-time.After(s.pause)
	s.pause = 0
	return copy(b, "x"), nil
}

func TestMaxRequests(t *testing.T) {
	t.Parallel()
	pool := start(t, "behave.py", func(c *cpython.Config) {
		c.Workers, c.Threads, c.MaxRequests, c.MaxRequestsJitter = 2, 2, 20, 10
	})
	var all sync.WaitGroup
	var seen sync.Map
	var workers atomic.Int32
	deadline := time.Now().Add(patience)
	for range 4 {
		all.Go(func() {
			for workers.Load() < 8 && time.Now().Before(deadline) {
				answer, err := call(pool, request{target: "/pid"})
				if err != nil {
					t.Error(err)
					return
				}
				if _, known := seen.LoadOrStore(answer.body.String(), true); !known {
					workers.Add(1)
				}
			}
		})
	}
	all.Wait()
	if workers.Load() < 8 {
		t.Errorf("%d workers answered, the first two and their successors", workers.Load())
	}
}

func TestRestart(t *testing.T) {
	const app = "def app(e, s):\n s('200 OK', [])\n return [b'%s']\n"
	dir := folder(t, "app.py", fmt.Sprintf(app, "old"))
	pool := start(t, "app.py", func(c *cpython.Config) { c.Dir, c.Workers, c.Threads = dir, 2, 2 })
	write := func(text string) {
		if err := os.WriteFile(dir+"/app.py", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stop := make(chan bool)
	var load sync.WaitGroup
	for range 4 {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if _, err := call(pool, request{}); err != nil {
						t.Errorf("during Restart: %v", err)
						return
					}
				}
			}
		})
	}
	write("def app(e, s: broken") // the second worker may or may not be up yet, and may fail, too
	var bad *cpython.LoadError
	if err := pool.Restart(context.Background()); !errors.As(err, &bad) || bad.Kind != cpython.LoadSyntaxError {
		t.Errorf("got %v", err)
	}
	if got := get(t, pool, "/"); got != "old" {
		t.Errorf("after a failed restart: got %q", got)
	}
	write(fmt.Sprintf(app, "new and longer"))
	if err := pool.Restart(context.Background()); err != nil {
		t.Errorf("got %v", err)
	}
	for range 10 {
		if got := get(t, pool, "/"); got != "new and longer" {
			t.Errorf("after a restart: got %q", got)
		}
	}
	close(stop)
	load.Wait()
	eventually(t, "the old workers are gone", func() bool { return len(pool.PIDs()) == 2 && pool.Ready() == 2 })
}

// A worker that cannot come back is tried again ever more seldom; calls wait for a while, and then are told why.
func TestBackOff(t *testing.T) {
	t.Parallel()
	dir := folder(t, "app.py", `
import os
with open("starts", "a") as f: f.write("x")
if os.path.exists("broken"): raise ValueError("broken now")
def app(e, s):
    if e["PATH_INFO"] == "/die": os._exit(1)
    s("200 OK", [])
    return [b"ok"]
`)
	pool := start(t, "app.py", func(c *cpython.Config) {
		c.Dir = dir
		*c = c.Impatient(5*time.Second, time.Second) // starting takes its time on a busy machine
	})
	os.WriteFile(dir+"/broken", nil, 0o600)
	if _, err := call(pool, request{target: "/die"}); !isWorkerError(err, "exit status 1") {
		t.Errorf("got %v", err)
	}
	_, err := call(pool, request{})
	var unavailable *cpython.UnavailableError
	if !errors.As(err, &unavailable) || !strings.Contains(err.Error(), "broken now") {
		t.Errorf("got %v", err)
	}
	if starts, _ := os.ReadFile(dir + "/starts"); len(starts) < 2 || len(starts) > 6 {
		t.Errorf("it was started %d times", len(starts))
	}
	os.Remove(dir + "/broken")
	eventually(t, "it is back", func() bool { return pool.Ready() == 1 })
	if got := get(t, pool, "/"); got != "ok" {
		t.Errorf("got %q", got)
	}
}

// When we are killed, no worker stays. The test runs itself as the one who is killed.
func TestParentIsKilled(t *testing.T) {
	helper := exec.Command(os.Args[0], "-test.run=TestHelperWithWorkers", "-test.v")
	helper.Env = append(os.Environ(), "CPYTHON_TEST_HELPER=1")
	out, err := helper.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := helper.Start(); err != nil {
		t.Fatal(err)
	}
	var pids []int
	for lines := bufio.NewScanner(out); len(pids) == 0 && lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "workers "); ok {
			for _, word := range strings.Fields(text) {
				pid, _ := strconv.Atoi(word)
				pids = append(pids, pid)
			}
		}
	}
	helper.Process.Kill()
	helper.Wait()
	if len(pids) != 2 {
		t.Fatalf("the helper has workers %v", pids)
	}
	for _, pid := range pids {
		eventually(t, "the worker is gone", func() bool { return !running(pid) })
	}
}

func TestHelperWithWorkers(t *testing.T) {
	if os.Getenv("CPYTHON_TEST_HELPER") == "" {
		t.Skip("only for TestParentIsKilled")
	}
	pool := start(t, "behave.py", func(c *cpython.Config) { c.Workers = 2 })
	eventually(t, "both are ready", func() bool { return pool.Ready() == 2 })
	go call(pool, request{target: "/sleeps"}) // one of them is busy
	eventually(t, "one is busy", func() bool { return pool.Busy() == 1 })
	fmt.Println("workers", pool.PIDs()[0], pool.PIDs()[1])
	select {}
}

// The terminal's Ctrl-C is not for workers.
func TestProcessGroup(t *testing.T) {
	pool := start(t, "behave.py", nil)
	pid := pool.PIDs()[0]
	if group, err := syscall.Getpgid(pid); err != nil || group != pid {
		t.Errorf("worker %d is in group %d, %v", pid, group, err)
	}
}

// A worker does not end with the thread that asked for it, though Linux ends it with the thread that made it.
func TestWorkersOutliveThreads(t *testing.T) {
	t.Parallel()
	var pool *cpython.Pool
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		pool, err = tryStart(t, "behave.py", nil)
	}()
	<-done
	if pool == nil {
		t.Fatal(err)
	}
	defer closePool(t, pool)
	before := pool.PIDs()
	time.Sleep(100 * time.Millisecond) // a thread that has ended kills at once
	if after := pool.PIDs(); !slices.Equal(after, before) {
		t.Errorf("worker %v became %v", before, after)
	}
}

// The worker's descriptors and goroutines go with the pool.
func TestNothingIsLeft(t *testing.T) {
	count := func() int {
		entries, _ := os.ReadDir("/proc/self/fd")
		return len(entries)
	}
	pool, err := tryStart(t, "behave.py", nil) // whatever is made once is made now
	if err != nil {
		t.Fatal(err)
	}
	closePool(t, pool)
	files, goroutines := count(), runtime.NumGoroutine()
	log := discard(t)
	for range 3 {
		pool, err := tryStart(t, "behave.py", func(c *cpython.Config) {
			c.Workers, c.Threads, c.Timeout, c.Output = 2, 2, time.Minute, log
		})
		if err != nil {
			t.Fatal(err)
		}
		get(t, pool, "/hello")
		call(pool, request{target: "/hard_exit"})
		closePool(t, pool)
	}
	eventually(t, "the goroutines are gone", func() bool { return runtime.NumGoroutine() <= goroutines })
	if now := count(); now > files+4 { // tryStart opens /dev/null until the test ends
		t.Errorf("%d descriptors, then %d", files, now)
	}
}

// A busy worker sees the end of its lifeline, and goes with what the application started.
func TestLifeline(t *testing.T) {
	t.Parallel()
	for _, interpreter := range interpreters(t) {
		pool := start(t, "behave.py", func(c *cpython.Config) { c.Interpreter = interpreter })
		child, _ := strconv.Atoi(get(t, pool, "/leaves_child"))
		done := make(chan error)
		go func() {
			_, err := call(pool, request{target: "/sleeps"})
			done <- err
		}()
		eventually(t, "the call is under way", func() bool { return pool.Busy() == 1 })
		pool.CutLifelines()
		if err := <-done; !isWorkerError(err, "killed by signal: killed") {
			t.Errorf("got %v", err)
		}
		eventually(t, "the child is gone", func() bool { return !running(child) })
	}
}
