package command

import (
	"context"

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
	front, err := remote.Open(broker, o.log)
	if err != nil {
		return nil, err
	}
	return remoteRuntime{front}, nil
}

// Load counts nodes as workers.
func (r remoteRuntime) Load() cpython.Load { return cpython.Load(r.Front.Load()) }
