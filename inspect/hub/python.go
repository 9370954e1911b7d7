package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/wsgi"
)

// answerTime is how long a worker may take to answer. One that holds Python's lock in C code answers late.
const answerTime = 10 * time.Second

// Errors of questions that only Python can answer.
var (
	ErrNoPython = errors.New("that needs a Python application whose workers can be debugged: there is none")
	ErrNoAnswer = fmt.Errorf("the worker did not answer within %v: it may be busy outside of Python; an expression that has not ended is interrupted", answerTime)
)

// python is what the hub knows of the workers. The hub's lock guards all but attached.
type python struct {
	hub      *Hub
	attached atomic.Bool
	enabled  bool // the Debugger was asked for
	links    map[*cpython.DebugLink]struct{}
	calls    map[callKey]*record
	environs map[*wsgi.Environ]*record
	answers  map[int]chan answer
	asked    int
	budget   budget
}

type callKey struct {
	link *cpython.DebugLink
	call uint32
}

// answer is what a worker sends for a question.
type answer struct {
	Result json.RawMessage `json:"result"`
	Error  string          `json:"error"`
}

// Debugger is what workers are started with so that they can be debugged (cpython.Config.Debugger).
func (h *Hub) Debugger() cpython.Debugger {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.python.enabled = true
	return &h.python
}

// Workers are the processes that can be debugged now. Call is 0.
func (h *Hub) Workers() []Worker {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []Worker
	for l := range h.python.links {
		all = append(all, Worker{PID: l.PID(), Python: l.Python()})
	}
	return all
}

// Attached implements cpython.Debugger.
func (p *python) Attached() bool { return p.attached.Load() }

// attach tells the workers whether a session is attached. The caller holds the lock.
func (p *python) attach(on bool) {
	if p.attached.Swap(on) == on {
		return
	}
	for l := range p.links {
		p.greet(l)
	}
}

// greet tells a worker what holds now. The caller holds the lock.
func (p *python) greet(l *cpython.DebugLink) {
	if !p.attached.Load() {
		l.Send(message{"command": "detach"})
		return
	}
	l.Send(message{"command": "attach"})
	l.Send(p.hub.pythonBreakpoints(0))
}

type message map[string]any

// Joined implements cpython.Debugger.
func (p *python) Joined(l *cpython.DebugLink) {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	p.links[l] = struct{}{}
	p.greet(l)
	p.hub.tell(Event{Kind: WorkersChanged})
}

// Gone implements cpython.Debugger. Calls that were stopped in it have failed.
func (p *python) Gone(l *cpython.DebugLink) {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	delete(p.links, l)
	for key, r := range p.calls {
		if key.link == l {
			delete(p.calls, key)
			if r.State == Stopped && r.gate.python {
				p.hub.release(r, "")
			}
		}
	}
	p.hub.tell(Event{Kind: WorkersChanged})
}

// LockStep implements cpython.Debugger: always while a session has control, and so may stop the call; else as long as the
// budget lasts.
func (p *python) LockStep(environ *wsgi.Environ) bool {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	if p.hub.controller != nil || p.budget.take(time.Now()) {
		return true
	}
	if r := p.environs[environ]; r != nil {
		r.WithoutLines, r.MostCalls = true, p.hub.options.LockSteps
	}
	return false
}

// Began implements cpython.Debugger.
func (p *python) Began(environ *wsgi.Environ, l *cpython.DebugLink, call uint32) {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	r := p.environs[environ]
	if r == nil { // it began before anybody looked
		return
	}
	r.Worker = &Worker{PID: l.PID(), Call: call, Python: l.Python()}
	r.link = callKey{l, call}
	p.calls[r.link] = r
}

// Placed implements cpython.Debugger.
func (p *python) Placed(environ *wsgi.Environ, at cpython.DebugPlace) {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	r := p.environs[environ]
	if r == nil {
		return
	}
	r.place = nil
	if at.File != "" {
		r.place = &Place{File: at.File, Line: at.Line, Function: at.Function}
	}
	if at.Left && r.gate.mode != "" {
		r.gate.mode = In
	}
}

// GoesOn implements cpython.Debugger.
func (p *python) GoesOn(environ *wsgi.Environ) string {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	r := p.environs[environ]
	if r == nil {
		return ""
	}
	how := r.gate.toTell
	r.gate.toTell = ""
	return string(how)
}

// forget lets go of an exchange that has ended. The caller holds the lock.
func (p *python) forget(r *record) {
	delete(p.calls, r.link)
	if r.liveEnv != nil {
		delete(p.environs, r.liveEnv)
	}
}

// told is a message of a worker.
type told struct {
	Event  string `json:"event"`
	Answer int    `json:"answer"`
	answer

	Call       uint32      `json:"call"`
	Reason     Reason      `json:"reason"`
	Breakpoint int         `json:"breakpoint"`
	Text       string      `json:"text"`
	Section    string      `json:"section"`
	Stack      []frameTold `json:"stack"`
	Values     []Value     `json:"values"`
	saidTold
	followedTold
	File     string `json:"file"`
	Line     int    `json:"line"`
	Function string `json:"function"`
}

type frameTold struct {
	ID      int    `json:"id"`
	Name    string `json:"name"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Library bool   `json:"library"`
	Text    string `json:"text"`
}

// Message implements cpython.Debugger.
func (p *python) Message(l *cpython.DebugLink, text []byte) {
	var m told
	if json.Unmarshal(text, &m) != nil {
		return
	}
	h := p.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if m.Answer != 0 {
		if waiting := p.answers[m.Answer]; waiting != nil {
			waiting <- m.answer
			delete(p.answers, m.Answer)
		}
		return
	}
	key := callKey{l, m.Call}
	r := p.calls[key]
	switch m.Event {
	case "output":
		e := Event{Kind: Output, Text: m.Text}
		if r != nil {
			e.Exchange = r.ID
		}
		h.tell(e)
	case "said":
		if r == nil {
			r = h.latestOf(key)
		}
		h.wasSaid(r, &m)
	case "followed":
		if r == nil {
			r = h.latestOf(key)
		}
		h.wasFollowed(r, &m)
	case "errors":
		if r == nil {
			r = h.latestOf(key)
		}
		h.wroteErrors(r, &m)
	case "stopped":
		h.stoppedInPython(l, r, &m)
	}
}

// latestOf finds the exchange of a call that has ended: what it wrote last may come after its last frame. The caller holds
// the lock.
func (h *Hub) latestOf(key callKey) *record {
	for _, r := range slices.Backward(h.order) {
		if r.link == key {
			return r
		}
	}
	return nil
}

// wroteErrors records what a call wrote to wsgi.errors. The caller holds the lock.
func (h *Hub) wroteErrors(r *record, m *told) {
	if r == nil || r.errorBytes >= MaxErrors {
		return
	}
	text := cut(m.Text, MaxErrors-r.errorBytes)
	w := Written{At: time.Since(r.Began), After: m.After, Since: time.Duration(m.NS), Text: text}
	if m.File != "" {
		w.Python = &Place{File: m.File, Line: m.Line, Function: m.Function}
	}
	r.errorBytes += len(text)
	r.keeps(len(text), h)
	r.Errors = append(r.Errors, w)
	h.tell(Event{Kind: ExchangeChanged, Exchange: r.ID, Step: r.lastStep()})
}

// stoppedInPython takes note of a stop, or lets the call go on at once where no session has control. The caller holds the lock.
func (h *Hub) stoppedInPython(l *cpython.DebugLink, r *record, m *told) {
	if h.controller == nil || r == nil || r.State != Running {
		l.Send(message{"command": "resume", "call": m.Call, "how": ""})
		return
	}
	stop := &Stop{Reason: m.Reason, Breakpoint: m.Breakpoint, Text: m.Text, Step: len(r.Steps) - 1}
	switch m.Reason {
	case "uncaught":
		stop.Reason = AtException
	case AtRule:
		stop.Spec = fmt.Sprintf("PEP 3333 %q", m.Section)
	}
	if m.Reason == AtStep && r.gate.entry {
		stop.Reason = AtEntry
	}
	stop.Frames = append(frames(m.Stack), h.stageFrame(r.callStep()))
	stop.Note = h.othersWait(l)
	for _, b := range h.breakpoints {
		if b.ID == m.Breakpoint && m.Breakpoint != 0 {
			b.Count++
			if b.Kind == AtLine && !b.matches(r) {
				l.Send(message{"command": "resume", "call": m.Call, "how": ""})
				return
			}
		}
	}
	h.addLine(r, m)
	l.Hold(m.Call, true)
	h.halt(r, stop)
}

// callStep is the step below which the application runs.
func (r *record) callStep() *Step {
	for i := len(r.Steps) - 1; i > 0; i-- {
		if name := r.Steps[i].Name; name == "call" || name == "iterable" {
			return &r.Steps[i]
		}
	}
	return r.latest()
}

func frames(stack []frameTold) []Frame {
	all := make([]Frame, 0, len(stack)+1)
	for _, f := range stack {
		all = append(all, Frame{ID: f.ID, Name: f.Name, Python: true, Library: f.Library, Text: f.Text,
			Place: Place{File: f.File, Line: f.Line, Function: f.Name}})
	}
	return all
}

// othersWait says that other requests have to wait, where they do. The caller holds the lock.
func (h *Hub) othersWait(l *cpython.DebugLink) string {
	slots, held := l.Slots(), 1
	for _, r := range h.order {
		if r.State == Stopped && r.Worker != nil {
			held++
		}
	}
	switch {
	case held < slots:
		return ""
	case slots == 1:
		return "the only thread of the only worker is stopped here: other requests wait until it goes on (more of them: --workers, --threads)"
	}
	return fmt.Sprintf("all %d threads of the workers are stopped: other requests wait until one goes on", slots)
}

// resumePython lets a call go on that is stopped at a line. The caller holds the lock.
func (h *Hub) resumePython(r *record, how How) {
	if r.link.link == nil {
		return
	}
	r.link.link.Hold(r.link.call, false)
	r.link.link.Send(message{"command": "resume", "call": r.link.call, "how": how})
}

// pausePython asks for a stop at the next line. The caller holds the lock.
func (h *Hub) pausePython(r *record) {
	if r.link.link != nil {
		r.link.link.Send(message{"command": "pause", "call": r.link.call})
	}
}

// ---- questions

// ask sends a question, and returns what waits for its answer. The caller holds the lock, and waits without it.
func (p *python) ask(l *cpython.DebugLink, question message) func(result any) error {
	p.asked++
	id, waiting := p.asked, make(chan answer, 1)
	p.answers[id] = waiting
	question["id"] = id
	err := l.Send(question)
	return func(result any) error {
		if err != nil {
			return err
		}
		late := time.NewTimer(answerTime)
		defer late.Stop()
		select {
		case a := <-waiting:
			if a.Error != "" {
				return errors.New(a.Error)
			}
			return json.Unmarshal(a.Result, result)
		case <-late.C:
			p.hub.mu.Lock()
			delete(p.answers, id)
			p.hub.mu.Unlock()
			return ErrNoAnswer
		}
	}
}

// question asks the worker of an exchange. The result is of type T.
func question[T any](h *Hub, id uint64, mustStop bool, q message) (result T, err error) {
	h.mu.Lock()
	r, ok := h.find(id)
	switch {
	case !ok:
		err = ErrNoExchange
	case mustStop && r.State != Stopped:
		err = ErrNotStopped
	case r.link.link == nil || r.State == Ended:
		err = ErrNoPython
	}
	if err != nil {
		h.mu.Unlock()
		return result, err
	}
	q["call"] = r.link.call
	link, call, wait := r.link.link, r.link.call, h.python.ask(r.link.link, q)
	h.mu.Unlock()
	if err = wait(&result); errors.Is(err, ErrNoAnswer) {
		link.Send(message{"command": "interrupt", "call": call}) // an expression that does not end would hold its thread for ever
	}
	return result, err
}

// anyWorker asks any worker.
func anyWorker[T any](h *Hub, q message) (result T, err error) {
	h.mu.Lock()
	for l := range h.python.links {
		wait := h.python.ask(l, q)
		h.mu.Unlock()
		return result, wait(&result)
	}
	h.mu.Unlock()
	return result, ErrNoPython
}

// ---- breakpoints

// pythonBreakpoints is the message that replaces the breakpoints of a worker. The caller holds the lock.
func (h *Hub) pythonBreakpoints(id int) message {
	points, filters := []message{}, []string{}
	for _, b := range h.breakpoints {
		switch b.Kind {
		case AtLine:
			if !strings.HasSuffix(b.File, ".go") {
				points = append(points, message{"id": b.ID, "file": b.File, "line": b.Line, "condition": b.Condition, "hits": b.Hits, "log": b.Log})
			}
		case AtUncaught, AtRaised, AtBrokenRule:
			filters = append(filters, string(b.Kind))
		}
	}
	return message{"command": "breakpoints", "id": id, "points": points, "filters": filters}
}

// placed is where a breakpoint has come to lie, or why it has not.
type placed struct {
	ID      int    `json:"id"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}

// tellBreakpoints tells all workers, and returns what waits for one of them to say where they lie. The caller holds the
// lock, and waits without it.
func (h *Hub) tellBreakpoints() (wait func() []placed) {
	wait = func() []placed { return nil }
	asked := false
	for l := range h.python.links {
		if asked {
			l.Send(h.pythonBreakpoints(0))
			continue
		}
		asked = true
		answered := h.python.ask(l, h.pythonBreakpoints(0))
		wait = func() (all []placed) {
			answered(&all)
			return all
		}
	}
	return wait
}
