package inspect

import (
	"sync"
	"time"

	"glasswsgi/server/front"
)

// Phases are the parts of a request's time, in its order. What a server waits for its peer is in none of them.
var Phases = []string{"accept", "parse", "environ", "call", "assemble", "send", "close"}

// Times is how long requests spent in each phase.
type Times struct {
	Exchanges uint64             `json:"exchanges"`
	Seconds   map[string]float64 `json:"seconds"` // of a request on average, by phase
}

// Stopwatch is an observer that adds up the time between the Steps. The time before a step belongs to the step, since
// nearly every step is told when it is done. "send" is told before, and the step after it tells how long that took: what
// is left of the time between the two is the application's, which makes the next block or comes to its end.
type Stopwatch struct {
	connections sync.Map // number of a connection: *lap
	mu          sync.Mutex
	total       map[string]time.Duration
	exchanges   uint64
}

// lap is where a connection is. Only the goroutine of the connection touches it.
type lap struct {
	last  time.Time
	step  string
	spent map[string]time.Duration
}

// NewStopwatch has seen nothing yet.
func NewStopwatch() *Stopwatch { return &Stopwatch{total: map[string]time.Duration{}} }

// Observe is the observer.
func (w *Stopwatch) Observe(s front.Step) {
	now := time.Now()
	value, known := w.connections.Load(s.Connection)
	if !known {
		value = &lap{spent: map[string]time.Duration{}}
		w.connections.Store(s.Connection, value)
	}
	l := value.(*lap)
	l.spent["send"] += s.Sending
	if phase := phaseOf(l.step, s); phase != "" {
		l.spent[phase] += now.Sub(l.last) - s.Sending
	}
	l.step = s.Name
	if s.Stage == front.Close {
		w.finish(s, l)
	}
	l.last = time.Now() // what the stopwatch itself takes belongs to no stage
}

// phaseOf says what the time before a step was spent on, beside sending; nothing, where it was spent waiting for the
// peer.
func phaseOf(before string, s front.Step) string {
	if before == "send" && (s.Stage == front.Send || s.Name == "close()") {
		return "call"
	}
	switch s.Stage {
	case front.Receive:
		if before == "accept" {
			return "accept" // with what the peer took for its first byte
		}
		return ""
	case front.Parse:
		return "parse"
	case front.Environ:
		return "environ"
	case front.Call:
		switch s.Name {
		case "call":
			return "environ"
		case "close()":
			return "close"
		}
		return "call"
	case front.Respond, front.Send:
		return "assemble"
	case front.Close:
		return "close"
	}
	return ""
}

// finish adds a request to the total.
func (w *Stopwatch) finish(s front.Step, l *lap) {
	w.mu.Lock()
	for phase, spent := range l.spent {
		w.total[phase] += spent
	}
	w.exchanges++
	w.mu.Unlock()
	clear(l.spent)
	if s.Name == "close" {
		w.connections.Delete(s.Connection)
	}
}

// Times are those so far.
func (w *Stopwatch) Times() Times {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := Times{Exchanges: w.exchanges, Seconds: map[string]float64{}}
	for phase, spent := range w.total {
		t.Seconds[phase] = spent.Seconds() / float64(max(w.exchanges, 1))
	}
	return t
}
