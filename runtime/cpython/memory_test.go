package cpython_test

import (
	"fmt"
	"testing"

	"glasswsgi/runtime/cpython"
)

// What a request's frames held is free when the request is over, however it ended: not when the collector comes by, for
// an application may have turned that off.
func TestFailuresKeepNothing(t *testing.T) {
	dir := folder(t, "app.py", `
import gc, sys, weakref
gc.disable()
alive = weakref.WeakSet()
class Large: pass
def app(e, start):
    path = e["PATH_INFO"]
    if path == "/count":
        start("200 OK", [])
        return [b"%d" % len(alive)]
    large = Large()
    alive.add(large)
    if path == "/raises": raise ValueError
    if path == "/exits": sys.exit(1)
    if path == "/none": return None
    if path == "/status": start("abc", [])
    start("200 OK", [])
    if path == "/twice": start("200 OK", [])
    if path == "/midway": return midway(large)
    if path == "/close": return Closing(large)
    if path == "/replaced":
        try:
            raise ValueError
        except ValueError:
            start("500 Oops", [], sys.exc_info())
        return [b"x"]
    if path == "/block": return ["text"]
    if path == "/long": return long(start, large)
    return [b"x", b"y"]
def midway(large):
    yield b"x"
    raise KeyError
def long(start, large):
    yield b"x"
    try:
        raise ValueError
    except ValueError:
        start("500 Oops", [], sys.exc_info())
class Closing:
    def __init__(self, large): self.large = large
    def __iter__(self): return iter([b"x", b"y"])
    def close(self): raise OSError
`)
	for _, interpreter := range interpreters(t) {
		for _, threads := range []int{1, 2} {
			for _, lint := range []bool{false, true} {
				pool := start(t, "app.py", func(c *cpython.Config) {
					c.Dir, c.Threads, c.Lint, c.Interpreter = dir, threads, lint, interpreter
				})
				for _, path := range []string{"/", "/raises", "/exits", "/none", "/status", "/twice", "/midway", "/close", "/replaced", "/block", "/long"} {
					call(pool, request{target: path})
					what := fmt.Sprintf("%s, %d threads, lint %v, after %s", interpreter.Name, threads, lint, path)
					eventually(t, what, func() bool { return get(t, pool, "/count") == "0" }) // another thread may be at the end of the call
				}
			}
		}
	}
}
