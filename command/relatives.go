package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"glasswsgi/runtime/relatives"
)

// relativeKind is the runtime of one of WSGI's relatives.
func relativeKind(name string, r *relatives.Relative) runtimeKind {
	return runtimeKind{name: name, language: r.Language, sources: r.Sources,
		runs: func(app string) bool {
			return slices.ContainsFunc(r.Suffixes, func(end string) bool { return strings.HasSuffix(app, end) })
		},
		start: func(ctx context.Context, a *application, o options) (runtime, error) {
			return startRelative(ctx, r, a, o)
		},
	}
}

// startRelative finds the interpreter and starts the workers.
func startRelative(ctx context.Context, r *relatives.Relative, a *application, o options) (runtime, error) {
	for flag, set := range map[string]bool{
		"--lint": o.lint, "--preload": o.preload, "--pythonpath": len(a.Pythonpath) > 0, "--python": a.Python != "",
	} {
		if set {
			return nil, fmt.Errorf("%s is for Python, and %s is run by %s: leave it out", flag, a.App, r.Language)
		}
	}
	calls, err := r.Calls(a.Threads)
	if err != nil {
		return nil, err
	}
	interpreter, err := r.Find()
	if err != nil {
		return nil, err
	}
	p := newWorkers(a, o, interpreter)
	p.config.Language, p.config.Threads = r, calls
	return p.load(ctx)
}
