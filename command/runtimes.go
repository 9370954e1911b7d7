package command

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/relatives"
	"glasswsgi/runtime/remote"
	"glasswsgi/runtime/wsgi"
)

// runtime is what glass needs of whatever runs the application.
type runtime interface {
	wsgi.Application
	fmt.Stringer
	Concurrency() (multithread, multiprocess bool)
}

// What only some runtimes can do.
type (
	closer interface {
		Close(ctx context.Context) error
	} // calls in hand may end until ctx is done
	killer    interface{ Kill() } // calls in hand fail
	restarter interface {
		Restart(ctx context.Context) error
	} // load the application anew; the old one stays if that fails
	linter interface{ Broken() []string } // of --lint: the rule that was broken, for each finding
	nudger interface{ Nudge() }           // see cpython.Pool
)

// runtimeKind is a runtime as the application's name asks for it.
type runtimeKind struct {
	name     string // of --runtime
	language string // that applications are written in
	runs     func(app string) bool
	// start loads the application. Where that failed and Restart may try again, it returns both.
	start   func(ctx context.Context, a *application, o options) (runtime, error)
	sources []string // how the names of source files end, for --reload; none: the application is a part of glass
}

// runtimes are all there are; the first that runs an application is taken. Another one is a package, and a line here.
var runtimes = []runtimeKind{
	{name: "nats", language: "whatever the nodes run", runs: remote.IsAddress, start: startRemote},
	{name: "go", language: "Go", runs: begins("go:"), start: startNative},
	relativeKind("rack", relatives.Rack),
	relativeKind("psgi", relatives.PSGI),
	relativeKind("jsgi", relatives.JSGI),
	{name: "python", language: "Python", runs: begins(""), start: startPython, sources: []string{".py"}},
}

func begins(prefix string) func(app string) bool {
	return func(app string) bool { return strings.HasPrefix(app, prefix) }
}

// runtimeNames are the values of --runtime.
func runtimeNames() string {
	var names []string
	for _, k := range runtimes {
		names = append(names, k.name)
	}
	return strings.Join(names, ",")
}

// kind is the runtime that an application is written for.
func (a *application) kind() runtimeKind {
	for _, k := range runtimes {
		if a.Runtime != "" && k.name == a.Runtime || a.Runtime == "" && k.runs(a.App) {
			return k
		}
	}
	panic("no runtime runs " + a.App) // the last one takes any name
}

// start loads the application.
func (a *application) start(ctx context.Context, o options) (runtime, error) {
	r, err := a.kind().start(ctx, a, o)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// kill ends a runtime that has something to end.
func kill(r runtime) {
	if k, ok := r.(killer); ok {
		k.Kill()
	}
}

// end lets the calls in hand end until ctx is done, and then ends the runtime.
func end(ctx context.Context, r runtime) {
	if c, ok := r.(closer); ok {
		c.Close(ctx)
	}
}

// broken are the rules that --lint saw broken.
func broken(r runtime) []string {
	if l, ok := r.(linter); ok {
		return l.Broken()
	}
	return nil
}

// options are what a command adds to an application.
type options struct {
	timeout, graceful      time.Duration
	start                  time.Duration // for the import of the application
	maxRequests, maxJitter int
	maxMemory              int64 // bytes of a worker
	preload, inProcess     bool
	lint                   bool
	output                 *os.File
	log                    *slog.Logger
	bell                   *os.File         // wakes an event loop; nil: there is none
	debugger               cpython.Debugger // nil: the application cannot be debugged
	noDescriptor           func() bool      // see cpython.Config
}

func startNative(_ context.Context, a *application, _ options) (runtime, error) {
	callable, err := native.Find(strings.TrimPrefix(a.App, "go:"))
	if err != nil {
		return nil, err
	}
	return callable, nil
}
