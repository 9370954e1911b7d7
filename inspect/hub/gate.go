package hub

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"glasswsgi/server/front"
)

// gate is where an exchange waits, and what it was told to do.
type gate struct {
	mode   How  // "" is to go on until a breakpoint
	from   int  // the depth at which the mode was given
	entry  bool // the mode was given by PauseNext
	pause  bool // the mode was given by Pause
	resume chan struct{}
	by     *Session // who has to let it go
	python bool     // it is stopped in Python: the worker waits, and not the server
	since  time.Time
	toTell How // what Python is to do next; "" leaves it as it is
}

// Observe is a front.Observer: it records the step and, where the exchange is to stop, waits for a command.
func (h *Hub) Observe(s front.Step) {
	now := time.Now()
	h.mu.Lock()
	r := h.recordOf(s, now)
	if r == nil {
		h.mu.Unlock()
		return
	}
	resume := h.take(r, s, now)
	h.mu.Unlock()
	if resume != nil {
		<-resume
	}
	if s.Stage == front.Close {
		h.mu.Lock()
		h.end(r, s.Name == "keep-alive")
		h.mu.Unlock()
	}
}

// take records a step. Where the exchange is to stop, the channel tells when it goes on. The caller holds the lock.
func (h *Hub) take(r *record, s front.Step, now time.Time) (resume <-chan struct{}) {
	r.meets(s, h)
	if h.controller == nil {
		h.note(r, s, now)
		h.tell(Event{Kind: ExchangeChanged, Exchange: r.ID, Step: r.lastStep()})
		return nil
	}
	if s.Stage == front.Receive {
		r.connection.latest = bytes.Clone(s.Bytes)
	}
	h.add(r, s, now.Sub(r.Began), h.kindOf(r.connection, s).source)
	h.tell(Event{Kind: ExchangeChanged, Exchange: r.ID, Step: r.lastStep()})
	return h.gate(r, r.latest())
}

// latest is the step that was added last.
func (r *record) latest() *Step { return &r.Steps[len(r.Steps)-1] }

// gate stops an exchange, if it is to stop here. The caller holds the lock, and waits for the channel.
func (h *Hub) gate(r *record, step *Step) <-chan struct{} {
	if h.controller == nil {
		return nil
	}
	stop := h.reasonToStop(r, step)
	if stop == nil {
		return nil
	}
	stop.Step = step.Index
	stop.Frames = []Frame{h.stageFrame(step)}
	return h.halt(r, stop)
}

// reasonToStop asks what the user did last, then the breakpoints. nil: none.
func (h *Hub) reasonToStop(r *record, step *Step) *Stop {
	g := &r.gate
	stepped := g.mode == In || g.mode == IntoLibrary || g.mode == ToStage ||
		g.mode == Over && step.Depth <= g.from || g.mode == Out && step.Depth < g.from
	if hit := h.stageBreakpoint(r, step); hit != nil {
		return &Stop{Reason: AtBreakpoint, Breakpoint: hit.ID}
	}
	switch {
	case !stepped:
		return nil
	case g.entry:
		return &Stop{Reason: AtEntry}
	case g.pause:
		return &Stop{Reason: AtPause}
	}
	return &Stop{Reason: AtStep}
}

// halt makes the exchange wait for its controller. The caller holds the lock.
func (h *Hub) halt(r *record, stop *Stop) <-chan struct{} {
	r.gate = gate{toTell: r.gate.toTell, resume: make(chan struct{}), by: h.controller, since: time.Now(), python: stop.InPython()}
	r.State, r.Stop = Stopped, stop
	h.tell(Event{Kind: ExchangeStopped, Exchange: r.ID, Step: stop.Step, Stop: stop})
	return r.gate.resume
}

// release lets a stopped exchange go on. The caller holds the lock.
func (h *Hub) release(r *record, how How) {
	g := &r.gate
	held := time.Since(g.since)
	r.Held += held
	depth, at := pythonDepth, r.Stop.Step
	r.Steps = slices.Clone(r.Steps) // snapshots have the old ones
	r.Steps[at].Held += held
	if !g.python {
		depth = r.Steps[at].Depth
		r.liveValuesChanged()
	}
	r.State, r.Stop = Running, nil
	resume, inPython := g.resume, g.python
	*g = gate{mode: how, from: depth}
	if !inPython {
		g.toTell = pythonMode(how, depth)
	}
	h.tell(Event{Kind: ExchangeContinued, Exchange: r.ID})
	if inPython {
		h.resumePython(r, how)
		return
	}
	close(resume)
}

// pythonDepth is that of the application's lines: below the request's own way, above what they cause.
const pythonDepth = 1

// pythonMode is what the application is to do when it goes on after a step of the server.
func pythonMode(how How, depth int) How {
	switch {
	case how == In, how == IntoLibrary:
		return how
	case (how == Over || how == Out) && depth > pythonDepth: // it was the application that led here
		return In
	}
	return runOn
}

// runOn takes back a step that the application was told to take.
const runOn How = "run"

// stageBreakpoint counts hits, and returns the breakpoint to stop at. Log points tell their text.
func (h *Hub) stageBreakpoint(r *record, step *Step) *Breakpoint {
	for _, b := range h.breakpoints {
		if !b.isAt(step) || !b.matches(r) {
			continue
		}
		holds, err := b.holds(r)
		due := false
		if err == nil && holds {
			due, err = b.due()
		}
		switch {
		case err != nil:
			h.tell(Event{Kind: Output, Exchange: r.ID, Text: err.Error()})
		case due && b.Log != "":
			h.tell(Event{Kind: Output, Exchange: r.ID, Text: r.expand(b.Log)})
		case due:
			return b
		}
	}
	return nil
}

// isAt says whether a breakpoint waits for a step of the server.
func (b *Breakpoint) isAt(step *Step) bool {
	switch b.Kind {
	case AtStage:
		return b.Stage == "" || b.Stage == step.Name || b.Stage == step.Stage && groups[b.Stage]
	case AtLine:
		return strings.HasSuffix(b.File, ".go") && b.Line == step.Source.Line && strings.HasSuffix(b.File, step.Source.File)
	}
	return false
}

// groups are the stages that are not the name of one of their steps, too.
var groups = map[string]bool{string(front.Parse): true, string(front.Respond): true}

// expand fills in the text of a log point.
func (r *record) expand(text string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		out.WriteString(before)
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			out.WriteString(rest)
			return out.String()
		}
		out.WriteString(r.lookup(strings.TrimSpace(name)))
		text = after
	}
}

func (h *Hub) stageFrame(step *Step) Frame {
	return Frame{
		ID: stageFrameID, Place: step.Source, Text: h.sourceLine(step.Source),
		Name: fmt.Sprintf("[%s] %s", step.Name, step.Source.Function),
	}
}
