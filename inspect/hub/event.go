package hub

// EventKind says what an Event tells.
type EventKind string

const (
	ExchangeBegan     EventKind = "began"
	ExchangeChanged   EventKind = "changed" // it has another step, or an edit
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
	Step       int         `json:"step"`               // with changed: the index of the latest step
	Stop       *Stop       `json:"stop,omitempty"`
	Text       string      `json:"text,omitempty"`
	Breakpoint *Breakpoint `json:"breakpoint,omitempty"`
}

// eventsWaiting is how many events may wait for a session; of what comes then only a Resync is left.
const eventsWaiting = 1024

// post hands an event to a session without waiting. The caller holds the hub's lock.
func (s *Session) post(e Event) {
	if s.closed {
		return
	}
	if s.lost {
		select {
		case s.events <- Event{Kind: Resync}:
			s.lost = false
		default:
			return
		}
	}
	select {
	case s.events <- e:
	default:
		s.lost = true
	}
}

// tell hands an event to all sessions. The caller holds the lock.
func (h *Hub) tell(e Event) {
	for s := range h.sessions {
		s.post(e)
	}
}
