package hub

import (
	"cmp"
	"io/fs"
	"slices"
	"sync"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// Limits of what is kept. What is beyond is cut off, and marked.
const (
	MaxExchanges = 500      // exchanges; the oldest that has ended is forgotten first
	MaxBytes     = 64 << 20 // bytes of all recorded streams and blocks
	MaxStream    = 1 << 20  // bytes of one stream; and of all blocks of one response
	MaxSteps     = 10_000   // steps of one exchange
	MaxBlocks    = 10_000   // blocks of one response
	MaxText      = 4 << 10  // bytes of Step.Text
	MaxErrors    = 64 << 10 // bytes of what one exchange writes to wsgi.errors
	MaxRepr      = 2 << 10  // characters of Value.Text
	MaxSource    = 1 << 20  // bytes of a source file that is read
)

// Options say what a hub keeps, and what it can show. The zero value is good.
type Options struct {
	Exchanges, Bytes int   // kept at most; 0 is MaxExchanges and MaxBytes
	Source           fs.FS // Go source of the server by the paths of Place.File; nil: there is none to show
	LockSteps        int   // calls in a second that are recorded with what the application does; 0 is MostLockSteps, less: none
	Record           bool  // record while no session is attached, too
}

// Observed is what a hub looks at: a *server.Server.
type Observed interface{ SetObserver(front.Observer) }

// Hub is where all that happens comes together, and from where it is commanded.
type Hub struct {
	options Options

	mu          sync.Mutex
	observed    []Observed
	python      python
	sessions    map[*Session]struct{}
	controller  *Session
	connections map[uint64]*connection
	records     map[uint64]*record
	order       []*record // the oldest first
	last        uint64    // ID given
	outside     uint64    // connections of other servers
	bytes       int       // kept
	kinds       map[stepName]*kindOfStep
	spare       unread
	breakpoints []*Breakpoint
	lastBP      int
	stopNext    bool // the next exchange stops at its first step
	looking     bool // the observer is in
	closed      bool
}

// New makes a hub, which looks at nothing yet.
func New(options Options) *Hub {
	options.Exchanges = cmp.Or(options.Exchanges, MaxExchanges)
	options.Bytes = cmp.Or(options.Bytes, MaxBytes)
	options.LockSteps = max(0, cmp.Or(options.LockSteps, MostLockSteps))
	h := &Hub{
		options:  options,
		sessions: map[*Session]struct{}{}, connections: map[uint64]*connection{}, records: map[uint64]*record{},
		kinds: map[stepName]*kindOfStep{},
	}
	h.python = python{
		hub: h, links: map[*cpython.DebugLink]struct{}{}, calls: map[callKey]*record{},
		environs: map[*wsgi.Environ]*record{}, answers: map[int]chan answer{}, budget: budget{most: float64(options.LockSteps)},
	}
	return h
}

// Watch looks at a server: from now on if Options.Record says so, else while a session is attached. In between the
// server pays for an atomic load at each step.
func (h *Hub) Watch(s Observed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.observed = append(h.observed, s)
	h.look()
}

// look lets the observer in or out, as a session is attached or not. The caller holds the lock.
func (h *Hub) look() {
	wanted := !h.closed && (h.options.Record || len(h.sessions) > 0)
	for _, s := range h.observed {
		if wanted {
			s.SetObserver(h.Observe)
		} else {
			s.SetObserver(nil)
		}
	}
	h.python.attach(!h.closed && len(h.sessions) > 0)
	if h.looking && !wanted {
		h.lookAway()
	}
	h.looking = wanted
}

// lookAway closes the records of exchanges whose end will not be seen. The caller holds the lock.
func (h *Hub) lookAway() {
	for _, r := range slices.Clone(h.order) {
		if r.State != Ended {
			r.Partial = true
			h.end(r, false)
		}
	}
	clear(h.connections)
}

// Close lets go of everything that is stopped, ends all sessions, and looks no more.
func (h *Hub) Close() {
	h.mu.Lock()
	sessions := make([]*Session, 0, len(h.sessions))
	for s := range h.sessions {
		sessions = append(sessions, s)
	}
	h.closed = true
	h.mu.Unlock()
	for _, s := range sessions {
		s.Close()
	}
	h.mu.Lock()
	h.look()
	h.mu.Unlock()
}

// Controller is the name of the session that has control, or "". A benchmark refuses to run while there is one.
func (h *Hub) Controller() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.controller == nil {
		return ""
	}
	return h.controller.name
}

// PausesNext says whether the next exchange that begins will stop at its first step.
func (h *Hub) PausesNext() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stopNext
}

// Exchanges are snapshots of all that is kept, the oldest first.
func (h *Hub) Exchanges() []*Exchange {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*Exchange, 0, len(h.order))
	for _, r := range h.order {
		h.writeOut(r)
		all = append(all, r.snapshot())
	}
	return all
}

// Exchange is a snapshot of one; false: there is none of this ID, or it is forgotten.
func (h *Hub) Exchange(id uint64) (*Exchange, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r, ok := h.find(id)
	if !ok {
		return nil, false
	}
	return r.snapshot(), true
}

// Breakpoints are those that are set.
func (h *Hub) Breakpoints() []Breakpoint {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]Breakpoint, 0, len(h.breakpoints))
	for _, b := range h.breakpoints {
		all = append(all, *b)
	}
	return all
}

// forget makes room. The caller holds the lock.
func (h *Hub) forget() {
	for i := 0; i < len(h.order) && (len(h.order) > h.options.Exchanges || h.bytes > h.options.Bytes); {
		r := h.order[i]
		if r.State != Ended {
			i++
			continue
		}
		h.order = slices.Delete(h.order, i, i+1)
		delete(h.records, r.ID)
		h.bytes -= r.bytes
		h.spare = unread{r.noted, r.notedBytes}
		h.tell(Event{Kind: ExchangeForgotten, Exchange: r.ID})
	}
}
