package tutorial

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"glasswsgi/check"
	"glasswsgi/check/peer"
)

// Judge holds what somebody wrote to the checks of an exercise.
type Judge struct {
	Python  func() (path string, env []string, err error) // the interpreter that glass brings along
	Glass   []string                                      // how to start glass itself
	Timeout time.Duration                                 // for each wait of a check
	Start   time.Duration                                 // for a server to accept connections
	Moment  time.Duration                                 // for a server to end that dies over a request
	Limit   time.Duration                                 // for a program that runs to its end
	All     bool                                          // run all checks, and not only up to the first that fails
}

// Limits on a learner's program that runs to its end, on one that fails, and on a compiler.
const (
	printing     = time.Second      // for an exception to be printed after the connection was closed, and startups more,
	startups     = 5                // so many times as long as the server took to start: a busy machine is slow at both
	mostPrinting = 20 * time.Second // where it can be seen that the server is still at it
	mostOutput   = 1 << 20
	compileTime  = 2 * time.Minute
)

// Work is what is to be judged.
type Work struct {
	Exercise *Exercise
	Dir      string   // the folder with the learner's files
	Language string   // go, python; "" with a command
	Command  []string // in place of them: {port} and {dir} are filled in
}

// Outcome is what became of one check.
type Outcome struct {
	Check    *Check
	Passed   bool
	Problem  string // the program did not get as far as the check: one of problems
	Err      error
	Random   string        // what stood for {random}
	Asked    string        // what was done, where it was no conversation
	Called   string        // the call of a learner's function that a script made last
	Events   []check.Event // the conversation
	Moved    []check.Moved // its bytes, as they were sent and came
	Received []byte        // what came back
	Printed  string        // what the program printed meanwhile
	Raised   *raised       // the exception in it, or nil
	Mistake  *Mistake      // the name of what went wrong, if it is known
	Stepper  []string      // the command that opens the stage where it failed, and what to type there

	source string
}

// Problems.
const (
	problemNoGo    = "no-go"      // there is no Go toolchain
	problemCompile = "compile"    // the compiler refuses it
	problemCommand = "no-command" // the command cannot be started
	problemEnded   = "ended"      // a server ended before it accepted connections
	problemSilent  = "silent"     // it runs and accepts none
	problemDied    = "died"       // it ended while it was asked
	problemTime    = "time"       // a program that should end does not
	problemOutput  = "output"     // it prints without end
	problemCrashed = "crashed"    // the interpreter itself ended
)

var problems = []string{problemNoGo, problemCompile, problemCommand, problemEnded, problemSilent, problemDied, problemTime, problemOutput, problemCrashed}

// Attempt is a judgement.
type Attempt struct {
	Work
	Outcomes []*Outcome
	Own      []*Outcome // of the learner's own checks, which run when those of the course have passed
	OwnErr   error      // they cannot be read
	Duration time.Duration
}

// Passed says whether all is right.
func (a *Attempt) Passed() bool { return a.First() == nil }

// First is the first check of the course that failed, or nil.
func (a *Attempt) First() *Outcome {
	for _, o := range a.Outcomes {
		if !o.Passed {
			return o
		}
	}
	return nil
}

// firstOwn is the first of the learner's own checks that failed, or nil.
func (a *Attempt) firstOwn() *Outcome { return (&Attempt{Outcomes: a.Own}).First() }

// OwnPassed says whether the learner's own checks could be read, and none failed.
func (a *Attempt) OwnPassed() bool { return a.OwnErr == nil && a.firstOwn() == nil }

// failure is the text of what is wrong.
func (o *Outcome) failure() string {
	if o.Err == nil {
		return ""
	}
	return o.Err.Error()
}

// Judge runs the checks of an exercise, in their order. An error means that it could not be judged at all.
func (j *Judge) Judge(ctx context.Context, w Work) (*Attempt, error) {
	begun := time.Now()
	scratch, err := os.MkdirTemp("", "glass-learn-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	if w.Dir, err = filepath.Abs(w.Dir); err != nil {
		return nil, err
	}
	r := &run{Judge: j, Work: w, scratch: scratch}
	defer r.stop()
	a := &Attempt{Work: w}
	source := w.source()
	check := func(c *Check) (*Outcome, error) {
		o, err := r.check(ctx, c)
		return o, errors.Join(err, ctx.Err())
	}
	for _, c := range w.Exercise.Checks {
		o, err := check(c)
		if err != nil {
			return nil, err
		}
		if o.source = source; !o.Passed {
			o.Raised = findRaised(o.Printed, w.Dir)
			o.Mistake = w.Exercise.name(o)
			r.stop() // it may be caught in a loop: the next check gets another
		}
		if !o.Passed && a.First() == nil {
			o.Stepper = w.stepper(o)
		}
		a.Outcomes = append(a.Outcomes, o)
		if !o.Passed && !j.All && !w.Exercise.Score || o.Problem != "" && o.Problem != problemDied {
			break // one thing at a time; and after a problem, the other checks would say the same
		}
	}
	if a.Passed() && !w.Exercise.Probes() {
		if err := r.judgeOwn(a, check); err != nil {
			return nil, err
		}
	}
	a.Duration = time.Since(begun)
	return a, nil
}

// source is the text of the learner's files, for mistakes that leave no other trace.
func (w Work) source() string {
	var all strings.Builder
	entries, _ := os.ReadDir(w.Dir)
	for _, entry := range entries {
		if ext := filepath.Ext(entry.Name()); ext == ".go" || ext == ".py" || ext == ".checks" {
			text, _ := os.ReadFile(filepath.Join(w.Dir, entry.Name()))
			all.Write(text)
		}
	}
	return all.String()
}

// run is one attempt in progress.
type run struct {
	*Judge
	Work
	scratch string
	binary  string        // what the compiler made
	server  *peer.Process // the learner's, when it runs
	awake   bool          // it never sleeps
}

func (r *run) stop() {
	if r.server != nil {
		r.server.Stop()
	}
	r.server, r.awake = nil, false
}

func (r *run) check(ctx context.Context, c *Check) (*Outcome, error) {
	o := &Outcome{Check: c}
	var err error
	switch {
	case c.Steps != nil:
		err = r.talk(ctx, o)
	case c.Run != nil:
		err = r.toEnd(ctx, o)
	case c.Probe != nil:
		err = r.probe(ctx, o)
	default:
		err = r.python(ctx, o)
	}
	var p problem
	if errors.As(err, &p) {
		o.Problem, o.Err, o.Printed = p.name, p.err, p.printed
		return o, nil
	}
	o.Passed = err == nil && o.Err == nil
	return o, err
}

// problem is an error that is the learner's.
type problem struct {
	name    string
	err     error
	printed string
}

func (p problem) Error() string { return p.err.Error() }

// talk holds a conversation with the learner's server, which is started for the first and when it has ended.
func (r *run) talk(ctx context.Context, o *Outcome) error {
	r.settle()
	port := ""
	if r.server != nil && o.Check.Restart {
		_, port, _ = net.SplitHostPort(r.server.Address)
	}
	if r.server != nil && (port != "" || r.server.Gone()) {
		r.stop()
	}
	if r.server == nil {
		p, err := r.serverProgram(ctx)
		if err != nil {
			return err
		}
		p.Port = port
		if r.server, err = p.Serve(); err != nil {
			return problem{problemCommand, err, ""}
		}
	}
	before := r.server.Printed()
	talk := check.TalkTo(ctx, r.server, o.Check.Steps, max(r.Timeout, o.Check.waits()), r.Start)
	o.Events, o.Moved, o.Received, o.Random, o.Err = talk.Events, talk.Moved, talk.Received, talk.Random, talk.Err
	var failed *peer.LaunchError
	if errors.As(talk.Err, &failed) {
		defer r.stop()
		if failed.Ended {
			return problem{problemEnded, complain("the server ended: %s", failed.State), failed.Output}
		}
		return problem{problemSilent, complain("nothing accepts connections at %s", r.server.Address), failed.Output}
	}
	if o.Err != nil && r.lastWords(o.Err, before) {
		o.Problem = problemDied
	}
	o.Printed = r.server.OutputSince(before)
	return nil
}

// serverArgs are the arguments of a program that serves: the port, and where it has others, these.
func (r *run) serverArgs() []string {
	if len(r.Exercise.Args) > 0 {
		return r.Exercise.Args
	}
	return []string{"{port}"}
}

// toEnd runs the learner's program with standard input.
func (r *run) toEnd(ctx context.Context, o *Outcome) error {
	p, err := r.program(ctx, o.Check.Run.Args)
	if err != nil {
		return err
	}
	o.Random = check.Random()
	stdin, err := check.Expand(o.Check.Run.Stdin, o.Random)
	if err != nil {
		return err
	}
	o.Events = []check.Event{{Kind: check.Sent, Bytes: stdin}}
	ending, err := p.RunToEnd(ctx, stdin, max(r.Limit, o.Check.waits()), mostOutput)
	if err != nil {
		return problem{problemCommand, err, ""}
	}
	o.Received, o.Printed = ending.Output, ending.Printed
	o.Events = append(o.Events, check.Event{Kind: check.Received, Bytes: ending.Output})
	if ending.Limited != "" {
		return problem{ending.Limited, complain("the program was ended: it exceeded its limit of %s", phrase(ending.Limited)), ending.Printed}
	}
	o.Err = o.Check.expect.Check(o.Received, o.Random)
	return nil
}
