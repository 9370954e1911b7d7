package check

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Target is a server to check.
type Target struct {
	Address     string        // host:port, which is also the Host of the requests
	Application bool          // it serves the probe application
	Timeout     time.Duration // for each answer in a probe
	Jobs        int           // probes at the same time
	Single      bool          // it serves one connection at a time: see OneAtATime

	held *held // the premises that were tried
}

// Outcome is what became of a probe.
type Outcome string

const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped" // it needs the probe application

	// CannotTell is for an answer by which the flaw that the probe is about cannot be seen: another one hides it, or the
	// server lacks what the probe needs and may lack it.
	CannotTell Outcome = "cannot tell"
)

// Result is one probe, run.
type Result struct {
	Probe    *Probe
	Outcome  Outcome
	Err      error   // why it failed, or cannot tell
	Events   []Event // what was sent and received
	Duration time.Duration
}

// FindApplication asks the server whether it serves the probe application. An error means that it serves nothing.
func FindApplication(address string, timeout time.Duration) (bool, error) {
	v := newConversation(address, timeout)
	defer v.hangUp()
	c, err := v.connect("")
	if err != nil {
		return false, err
	}
	v.connections[""] = c
	c.send([]byte("GET /probe HTTP/1.1\r\nHost: " + address + "\r\nConnection: close\r\n\r\n"))
	r, err := c.readResponse(false)
	if err != nil {
		return false, (&answer{conversation: v, connection: c}).explain(err)
	}
	return r.status == 200 && string(r.body) == probeAnswer, nil
}

// OneAtATime says that the server serves nobody else as long as one connection is open and idle.
func OneAtATime(address string) bool {
	v := newConversation(address, oneAtATime)
	defer v.hangUp()
	for _, name := range []string{"idle", "other"} {
		c, err := v.connect(name)
		if err != nil {
			return true
		}
		v.connections[name] = c
	}
	c := v.connections["other"]
	c.send([]byte("GET / HTTP/1.1\r\nHost: " + address + "\r\nConnection: close\r\n\r\n"))
	_, err := c.readResponse(false)
	return err != nil
}

// oneAtATime is how long a server has for an answer while another connection is idle.
const oneAtATime = 2 * time.Second

// probeAnswer is what glass_probe.py says at /probe.
const probeAnswer = `{"probe": 1}`

// Run runs probes, those last and one at a time that must be alone, and returns their results in the order of the
// probes. done is told of each as it ends.
func (t Target) Run(ctx context.Context, probes []*Probe, done func(Result)) []Result {
	results := make([]Result, len(probes))
	t.held = &held{known: map[string]bool{}}
	var mu sync.Mutex
	runOne := func(i int) {
		result := t.run(ctx, probes[i])
		mu.Lock()
		defer mu.Unlock()
		results[i] = result
		done(result)
	}
	slots := make(chan struct{}, max(t.Jobs, 1))
	var together sync.WaitGroup
	for i, p := range probes {
		if !p.Alone {
			slots <- struct{}{}
			together.Go(func() { runOne(i); <-slots })
		}
	}
	together.Wait()
	for i, p := range probes {
		if p.Alone {
			runOne(i)
		}
	}
	return results
}

// Again runs a probe that came out otherwise than expected once more, alone and with patience, and once more after that:
// on a busy machine, a server's answer or a flaw of it may come too late to be seen. It returns the last result.
func (t Target) Again(ctx context.Context, r Result, expected Outcome) Result {
	t.Jobs, t.Timeout = 1, max(t.Timeout, 20*time.Second)
	for range 3 {
		if r.Outcome == expected {
			break
		}
		r = t.Run(ctx, []*Probe{r.Probe}, func(Result) {})[0]
	}
	return r
}

func (t Target) run(ctx context.Context, p *Probe) Result {
	if p.NeedsApplication() && !t.Application {
		return Result{Probe: p, Outcome: Skipped}
	}
	v := newConversation(t.Address, max(t.Timeout, time.Duration(p.Timeout)))
	if p.Most > mostBytes {
		v.limits.Bytes = p.Most
		large.Lock() // one at a time: together they would take much memory
		defer large.Unlock()
	}
	begun := time.Now()
	result := Result{Probe: p, Outcome: Passed}
	if err := v.run(ctx, p); err != nil {
		result.Outcome, result.Err = outcomeOf(err), clip(err)
	}
	if result.Outcome == Failed {
		t.doubt(ctx, v, &result)
	}
	result.Events, result.Duration = v.events, time.Since(begun)
	return result
}

var large sync.Mutex

// doubt looks for another reason why a probe failed than its flaw.
func (t Target) doubt(ctx context.Context, v *conversation, r *Result) {
	premise, err := r.Probe.premise()
	switch {
	case v.last != nil && v.last.bare() && !r.Probe.blamesBare():
		r.Outcome, r.Err = CannotTell, &Unclear{"the answer has no status-line, as in HTTP/0.9: it says neither that the request was taken nor that it was refused"}
	case r.Probe.Concurrent && t.Single:
		r.Outcome, r.Err = CannotTell, &Unclear{"it needs a server that serves two connections at a time"}
	case err == nil && !t.holds(ctx, premise):
		r.Outcome, r.Err = CannotTell, &Unclear{fmt.Sprintf("it needs a server that %s; whether this one must, says %s", premise.Does, premise.Probe)}
	}
}

func outcomeOf(err error) Outcome {
	var unclear *Unclear
	if errors.As(err, &unclear) {
		return CannotTell
	}
	return Failed
}

// Failing says whether a result breaks a rule that has the keyword MUST.
func (r Result) Failing() bool { return r.Outcome == Failed && r.Probe.Keyword == "MUST" }
