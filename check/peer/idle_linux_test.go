package peer

import (
	"testing"
	"time"
)

// TestIdle: a server sleeps when all that it started sleep, too, or have ended.
func TestIdle(t *testing.T) {
	for _, row := range []struct {
		what, script string
		idle         bool
	}{
		{"it waits", "exec sleep 100", true},
		{"a child has ended", "true & exec sleep 100", true},
		{"a child computes", "while :; do :; done & wait", false},
		{"a child of a child computes", "(while :; do :; done & wait) & wait", false},
	} {
		t.Run(row.what, func(t *testing.T) {
			p, err := Program{Words: []string{"sh", "-c", "echo started; " + row.script}}.Serve()
			if err != nil {
				t.Fatal(err)
			}
			defer p.Stop()
			for p.Printed() == 0 {
				time.Sleep(pollEvery)
			}
			for looks := 0; row.idle || looks < 20; looks++ {
				idle, known := p.Idle()
				if idle && row.idle {
					return
				}
				if idle || !known {
					t.Fatalf("it sleeps: %v, which is known: %v", idle, known)
				}
				time.Sleep(pollEvery)
			}
		})
	}
}
