package tutorial

import (
	"context"
	"errors"
	"os"

	"glasswsgi/check/peer"
)

// Serve starts the learner's server and leaves it running, for requests of the learner's own. stop ends it. The error is
// for the learner: what the compiler says, a command that cannot be started.
func (j *Judge) Serve(ctx context.Context, w Work) (p *peer.Process, stop func(), err error) {
	if !w.Exercise.served() {
		return nil, nil, errors.New(w.Exercise.Name() + " is no server")
	}
	scratch, err := os.MkdirTemp("", "glass-learn-")
	if err != nil {
		return nil, nil, err
	}
	r := &run{Judge: j, Work: w, scratch: scratch}
	program, err := r.serverProgram(ctx)
	if err == nil {
		r.server, err = program.Serve()
	}
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(scratch))
	}
	return r.server, func() { r.stop(); os.RemoveAll(scratch) }, nil
}

// Server says whether the exercise is a server of the learner's own, which one can send requests to.
func (e *Exercise) Server() bool { return e.served() && e.Serve == "" }

// App is the application that glass itself runs, where the exercise has one: FILE.py:CALLABLE.
func (e *Exercise) App() string {
	if e.Serve != "" {
		return e.Serve
	}
	for _, c := range e.Checks {
		if c.Call != nil {
			return c.Call.App
		}
	}
	return e.Step
}
