package hub

// EventKind says what an Event tells.
type EventKind string

const (
	ExchangeBegan     EventKind = "began"
	ExchangeChanged   EventKind = "changed" // it has more steps, or an edit
	ExchangeStopped   EventKind = "stopped" // Event.Stop says where
	ExchangeContinued EventKind = "continued"
	ExchangeEnded     EventKind = "ended"
	ExchangeForgotten EventKind = "forgotten"  // its place was needed: Hub.Exchange does not find it any more
	Output            EventKind = "output"     // a log point, an error in a condition: Event.Text
	BreakpointChanged EventKind = "breakpoint" // Event.Breakpoint is what it is now
	ControlChanged    EventKind = "control"    // Event.Text names the session that has control, or is empty
	WorkersChanged    EventKind = "workers"    // a worker came or went: Hub.Workers
	Resync            EventKind = "resync"     // events were lost, because they were not taken: ask for everything again
)

// Event is one thing that happened. What it is about is asked for by its ID: Hub.Exchange.
type Event struct {
	Kind       EventKind   `json:"kind"`
	Exchange   uint64      `json:"exchange,omitempty"` // ID
	Step       int         `json:"step"`               // with changed: the index of the latest step, or of one before
	Stop       *Stop       `json:"stop,omitempty"`
	Text       string      `json:"text,omitempty"`
	Breakpoint *Breakpoint `json:"breakpoint,omitempty"`
}

// eventsWaiting is how many events may wait for a session; when one more comes, only a Resync is left of them.
const eventsWaiting = 1024

// post hands an event to a session without waiting. While the latest one that waits says that an exchange has changed, it
// says so for what changes after it. The caller holds the hub's lock.
func (s *Session) post(e Event) {
	if s.closed {
		return
	}
	if e.Kind == ExchangeChanged && e.Exchange == s.changed && len(s.events) > 0 {
		return
	}
	s.changed = 0
	if e.Kind == ExchangeChanged {
		s.changed = e.Exchange
	}
	select {
	case s.events <- e:
	default:
		s.lose()
		s.events <- e // nobody else posts meanwhile
	}
}

// lose puts a Resync in the place of all that waits: it says so even where nothing else happens, such as after a stop.
func (s *Session) lose() {
	for {
		select {
		case <-s.events:
		default:
			s.events <- Event{Kind: Resync}
			return
		}
	}
}

// Present is what a session has to be told that has lost events, and nobody else tells it again: who has control, and what is stopped.
func (h *Hub) Present() []Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := []Event{{Kind: ControlChanged}}
	if h.controller != nil {
		now[0].Text = h.controller.name
	}
	for _, r := range h.order {
		if r.State == Stopped {
			now = append(now, Event{Kind: ExchangeStopped, Exchange: r.ID, Step: r.Stop.Step, Stop: r.Stop})
		}
	}
	return now
}

// tell hands an event to all sessions. The caller holds the lock.
func (h *Hub) tell(e Event) {
	for s := range h.sessions {
		s.post(e)
	}
}
