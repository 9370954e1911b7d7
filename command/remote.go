package command

import (
	"context"
	"strings"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/remote"
)

// remoteRuntime is nodes behind NATS.
type remoteRuntime struct{ *remote.Front }

func startRemote(_ context.Context, a *application, o options) (runtime, error) {
	broker, err := remote.ParseBroker(a.App)
	if err != nil {
		return nil, err
	}
	if flags := a.ofWorkers(o); len(flags) > 0 {
		o.log.Warn("the application runs on nodes, and this glass has no worker: give these flags to glass node", "flags", strings.Join(flags, " "))
	}
	front, err := remote.Open(broker, o.log)
	if err != nil {
		return nil, err
	}
	return remoteRuntime{front}, nil
}

// ofWorkers are the flags that say how workers are to run the application, as far as they are given.
func (a *application) ofWorkers(o options) (flags []string) {
	for _, f := range []struct {
		name  string
		given bool
	}{
		{"--python", a.Python != ""}, {"--pythonpath", len(a.Pythonpath) > 0}, {"--env", len(a.Env) > 0},
		{"--workers", a.Workers > 1}, {"--threads", a.Threads > 1}, {"--max-requests", o.maxRequests > 0},
		{"--max-worker-memory", o.maxMemory > 0}, {"--preload", o.preload}, {"--lint", o.lint},
	} {
		if f.given {
			flags = append(flags, f.name)
		}
	}
	return flags
}

// Load counts nodes as workers.
func (r remoteRuntime) Load() cpython.Load { return cpython.Load(r.Front.Load()) }
