package cpython_test

import (
	"testing"

	"glasswsgi/inspect/hub"
	"glasswsgi/runtime/cpython"
)

// BenchmarkDebugger is a call of the application without a debugger, with one that nobody uses, with one that looks on
// (in lock-step), and after it is gone.
func BenchmarkDebugger(b *testing.B) {
	for _, name := range []string{"none", "not attached", "attached", "detached"} {
		b.Run(name, func(b *testing.B) {
			h := hub.New(hub.Options{})
			defer h.Close()
			pool := start(b, "behave.py", func(c *cpython.Config) {
				if name != "none" {
					c.Debugger = h.Debugger()
				}
			})
			if name == "attached" || name == "detached" {
				s, err := h.Attach("benchmark")
				if err != nil {
					b.Fatal(err)
				}
				get(b, pool, "/hello")
				if name == "detached" {
					s.Close()
				}
			}
			for b.Loop() {
				get(b, pool, "/hello")
			}
		})
	}
}
