package check_test

import (
	"context"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"glasswsgi/check"
	"glasswsgi/check/suite"
	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/relatives"
	"glasswsgi/server"
)

// TestRelatives: the probes of the wire pass with the runtimes of WSGI's relatives, too: their rules are HTTP's.
func TestRelatives(t *testing.T) {
	all, err := check.Load()
	if err != nil {
		t.Fatal(err)
	}
	probes := slices.DeleteFunc(all, func(p *check.Probe) bool { return !onNative(p) || p.Alone || p.Concurrent })
	for app, r := range map[string]*relatives.Relative{"app.ru": relatives.Rack, "app.psgi": relatives.PSGI, "app.js": relatives.JSGI} {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			address := serveOn(t, listener, server.New, startRelative(t, r, app).Call)
			target := check.Target{Address: address, Application: true, Timeout: 5 * time.Second, Jobs: 8}
			for _, result := range target.Run(t.Context(), probes, func(check.Result) {}) {
				if result = target.Again(t.Context(), result, check.Passed); result.Outcome != check.Passed {
					var report strings.Builder
					check.Report(&report, []check.Result{result})
					t.Error(report.String())
				}
			}
		})
	}
}

// startRelative starts the application of the relatives' own tests, which has the routes of the probe application.
func startRelative(t *testing.T, r *relatives.Relative, app string) *cpython.Pool {
	t.Helper()
	suite.NeedsMore(t)
	interpreter, err := r.Find()
	if err != nil {
		t.Fatal(err)
	}
	calls, _ := r.Calls(1)
	pool, err := cpython.Start(t.Context(), cpython.Config{
		Language: r, Interpreter: interpreter, App: app, Dir: "../runtime/relatives/testdata", Workers: 2, Threads: calls,
		Env: []string{"RECORDS=" + t.TempDir()}, Output: os.Stderr,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close(context.Background()) })
	return pool
}
