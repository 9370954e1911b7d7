package tutorial

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"glasswsgi/check"
	"glasswsgi/check/peer"
)

// Probe turns a check round: the learner's own checks are held to a server of the course. It is server.py in the stub, and
// its arguments are the port and Fault.
type Probe struct {
	Fault string `toml:"fault"` // what is wrong with the server, or how a right one differs from others
	Right bool   `toml:"right"` // no check may fail here; otherwise, one must
}

const (
	checksLanguage = "checks" // what an exercise with probes is written in
	probedServer   = "server.py"
)

// Probes says that a learner writes checks in this exercise.
func (e *Exercise) Probes() bool { return len(e.Checks) > 0 && e.Checks[0].Probe != nil }

// probe runs the learner's checks at one server.
func (r *run) probe(ctx context.Context, o *Outcome) error {
	checks, err := r.own()
	switch {
	case err != nil:
		o.Err = err
		return nil
	case len(checks) == 0:
		o.Err = complain("there is no check in %s yet", OwnFile)
		return nil
	}
	defer r.stop()
	for _, c := range checks {
		talk, err := r.askProbed(ctx, o.Check.Probe, c)
		if err != nil {
			return err
		}
		o.Events, o.Received = append(o.Events, talk.Events...), append(o.Received, talk.Received...)
		switch {
		case talk.Err == nil:
		case o.Check.Probe.Right:
			o.Events = talk.Events
			o.Err = complain("your check %s accuses a server that is right: %s", c.ID, talk.Err)
			return nil
		default:
			return nil // it is caught
		}
	}
	if !o.Check.Probe.Right {
		o.Err = complain("all of your checks pass, and this server is broken")
	}
	return nil
}

// askProbed runs one check at the server, which is started for the first, and when it has ended.
func (r *run) askProbed(ctx context.Context, p *Probe, c *Check) (talk check.Talk, err error) {
	if r.server != nil && r.server.Gone() {
		r.stop()
	}
	if r.server == nil {
		if r.server, err = r.startProbed(p); err != nil {
			return talk, err
		}
	}
	talk = check.TalkTo(ctx, r.server, c.Steps, max(r.Timeout, c.waits()), r.Start)
	var failed *peer.LaunchError
	if errors.As(talk.Err, &failed) {
		return talk, failed
	}
	return talk, nil
}

// startProbed runs the server as it is in the course, whatever became of the learner's copy.
func (r *run) startProbed(p *Probe) (*peer.Process, error) {
	stub, err := r.Exercise.Stub(checksLanguage)
	if err != nil {
		return nil, err
	}
	python, env, err := r.Python()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(r.scratch, probedServer), stub[probedServer], 0o600); err != nil {
		return nil, err
	}
	words := []string{python, "-u", "-X", "utf8", probedServer, "{port}", p.Fault}
	return peer.Program{Words: words, Dir: r.scratch, Env: append(env, "PYTHONDONTWRITEBYTECODE=1")}.Serve()
}
