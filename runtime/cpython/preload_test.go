//go:build unix

package cpython_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"glasswsgi/runtime/cpython"
)

// preloaded counts how often it is imported, by a file.
const preloaded = `
import atexit, os, random, sys, threading, time
with open("imports", "a") as f: f.write("%d\n" % os.getpid())
loader = os.getpid()
VERSION = "one"
def app(e, s):
    path = e["PATH_INFO"]
    if path == "/die": os._exit(3)
    if path == "/crash":
        os.kill(os.getpid(), 11)
        time.sleep(600)
    if path == "/hangs": time.sleep(600)
    s("200 OK", [])
    if path == "/version": return [VERSION.encode()]
    if path == "/loader": return [b"%d" % loader]
    if path == "/random": return [b"%d" % random.getrandbits(60)]
    if path == "/parent": return [b"%d" % os.getppid()]
    if path == "/threads": return [",".join(t.name for t in threading.enumerate()).encode()]
    if path == "/echo": return [e["wsgi.input"].read()]
    return [b"%d" % os.getpid()]
`

func preloading(t *testing.T, dir string, change func(*cpython.Config)) func(*cpython.Config) {
	return func(c *cpython.Config) {
		c.Dir, c.Preload = dir, true
		if change != nil {
			change(c)
		}
	}
}

func imports(t *testing.T, dir string) int {
	text, err := os.ReadFile(dir + "/imports")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(text), "\n")
}

// The application is imported once, and each worker is a child of the process that has done it. A worker that dies is
// made anew from the same; Restart imports anew.
func TestPreload(t *testing.T) {
	for _, interpreter := range interpreters(t) {
		for _, threads := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s, %d threads", interpreter.Name, threads), func(t *testing.T) {
				t.Parallel()
				dir := folder(t, "app.py", preloaded)
				pool := start(t, "app.py", preloading(t, dir, func(c *cpython.Config) {
					c.Interpreter, c.Workers, c.Threads = interpreter, 2, threads
				}))
				eventually(t, "both are ready", func() bool { return pool.Ready() == 2 })
				loader := number(t, get(t, pool, "/loader"))
				var seen []string
				eventually(t, "both answer", func() bool {
					if got := get(t, pool, "/random"); !slices.Contains(seen, got) {
						seen = append(seen, got)
					} else {
						t.Errorf("the same random number twice: %s", got)
					}
					return len(seen) > 8
				})
				if got := get(t, pool, "/parent"); got != fmt.Sprint(loader) || imports(t, dir) != 1 {
					t.Errorf("parent %s, imported %d times by %d", got, imports(t, dir), loader)
				}
				if _, err := call(pool, request{target: "/die"}); !isWorkerError(err, "exit status 3") {
					t.Errorf("got %v", err)
				}
				if _, err := call(pool, request{target: "/crash"}); !isWorkerError(err, "killed by signal: segmentation fault") {
					t.Errorf("got %v", err)
				}
				eventually(t, "both are ready again", func() bool { return pool.Ready() == 2 && len(pool.PIDs()) == 2 })
				if imports(t, dir) != 1 {
					t.Errorf("imported %d times", imports(t, dir))
				}
				os.WriteFile(dir+"/app.py", []byte(strings.Replace(preloaded, `"one"`, `"two, longer"`, 1)), 0o600)
				if err := pool.Restart(context.Background()); err != nil {
					t.Fatal(err)
				}
				if got := get(t, pool, "/version"); got != "two, longer" || imports(t, dir) != 2 {
					t.Errorf("version %q, imported %d times", got, imports(t, dir))
				}
				eventually(t, "the old process is gone", func() bool { return !running(loader) })
				os.WriteFile(dir+"/app.py", []byte("broken("), 0o600)
				var bad *cpython.LoadError
				if err := pool.Restart(context.Background()); !errors.As(err, &bad) || bad.Kind != cpython.LoadSyntaxError {
					t.Errorf("got %v", err)
				}
				if got := get(t, pool, "/version"); got != "two, longer" {
					t.Errorf("after a restart that failed: %q", got)
				}
				now, cancel := context.WithCancel(context.Background())
				cancel()
				loader = number(t, get(t, pool, "/loader"))
				pool.Close(now)
				if running(loader) {
					t.Error("the process that loads lives longer than the pool")
				}
			})
		}
	}
}

// A worker that is just being forked does not lead its group by itself yet, and a pool that closes ends it all the same.
func TestPreloadEndsWorkerBeingForked(t *testing.T) {
	t.Parallel()
	dir := folder(t, "app.py", `
import os, time
def held():
    try: open("first", "x")
    except FileExistsError:
        open("held", "w")
        while not os.path.exists("go"): time.sleep(0.01)
os.register_at_fork(after_in_child=held)
def app(e, s):
    s("200 OK", [])
    return []
`)
	pool := start(t, "app.py", preloading(t, dir, func(c *cpython.Config) { c.Workers = 2 }))
	eventually(t, "the second is being forked", func() bool { _, err := os.Stat(dir + "/held"); return err == nil })
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	defer context.AfterFunc(ctx, func() { os.WriteFile(dir+"/go", nil, 0o600) })()
	if err := pool.Close(ctx); err != nil {
		t.Errorf("got %v", err)
	}
}

// What must hold of any worker holds of a forked one: bodies, hangs, ahead, many at a time, kill.
func TestPreloadedWorkers(t *testing.T) {
	t.Parallel()
	dir := folder(t, "app.py", preloaded)
	pool, err := tryStart(t, "app.py", preloading(t, dir, func(c *cpython.Config) { c.Timeout, c.MaxRequests = 5*time.Second, 40 }))
	if err != nil {
		t.Fatal(err)
	}
	loader := number(t, get(t, pool, "/loader"))
	var callers sync.WaitGroup
	for i := range 8 {
		callers.Go(func() {
			for j := range 20 {
				body := strings.Repeat(fmt.Sprint(i, j, " "), 1+j*500)
				answer, err := call(pool, request{target: "/echo", body: whole(body)})
				if err != nil || answer.body.String() != body {
					t.Errorf("%d bytes: got %d, %v", len(body), answer.body.Len(), err)
				}
			}
		})
	}
	callers.Wait()
	before := get(t, pool, "/")
	var late *cpython.TimeoutError
	if _, err := call(pool, request{target: "/hangs"}); !errors.As(err, &late) || !strings.Contains(late.Line, "time.sleep(600)") {
		t.Errorf("got %v", err)
	}
	if after := get(t, pool, "/"); after == before {
		t.Error("the worker in which a call hangs was not replaced")
	}
	call(pool, request{target: "/die"})
	if got := number(t, get(t, pool, "/loader")); got != loader || imports(t, dir) != 1 { // it had no worker left meanwhile
		t.Errorf("made by %d, imported %d times", got, imports(t, dir))
	}
	syscall.Kill(loader, syscall.SIGKILL)
	get(t, pool, "/") // the worker lives on
	call(pool, request{target: "/die"})
	if got := number(t, get(t, pool, "/loader")); got == loader || imports(t, dir) != 2 {
		t.Errorf("made by %d, imported %d times", got, imports(t, dir))
	}
	pids := pool.PIDs()
	within(t, "Kill returns", pool.Kill)
	for _, pid := range pids {
		eventually(t, "it is gone", func() bool { return !running(pid) })
	}
}

func TestPreloadFails(t *testing.T) {
	dir := folder(t, "app.py", "raise ValueError('no')")
	_, err := tryStart(t, "app.py", preloading(t, dir, nil))
	var bad *cpython.LoadError
	if !errors.As(err, &bad) || bad.Kind != cpython.LoadException {
		t.Errorf("got %v", err)
	}
}

// Threads that were started at import are in no worker, and that is said.
func TestPreloadTellsOfThreads(t *testing.T) {
	dir := folder(t, "app.py", preloaded+"\nthreading.Thread(target=time.sleep, args=(600,), daemon=True, name='early').start()\n")
	log := logFile(t)
	pool := start(t, "app.py", preloading(t, dir, func(c *cpython.Config) { c.Output = log }))
	if got := get(t, pool, "/threads"); strings.Contains(got, "early") {
		t.Errorf("threads in the worker: %s", got)
	}
	if text := contents(t, log); !strings.Contains(text, "--preload: the application started threads while it was imported") {
		t.Errorf("the log: %s", text)
	}
}
