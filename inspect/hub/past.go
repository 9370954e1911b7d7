package hub

import (
	"errors"
	"time"
)

// The past of an exchange is read-only: what it did is in the snapshot, step by step and line by line, and nothing is run
// again.

// ErrPast says that there is nothing further back, or forward.
var ErrPast = errors.New("nothing was recorded further that way")

// Limits of the lines that are recorded.
const (
	MaxLines     = 1000    // of one exchange
	MaxLineBytes = 1 << 20 // of the texts of their variables
)

// Line is a line of the application at which the exchange was stopped, as it was then: what a walk leaves behind.
type Line struct {
	At     time.Duration `json:"at_ns"`
	Step   int           `json:"step"` // the index of the latest step before it
	Place  Place         `json:"place"`
	Text   string        `json:"text,omitempty"` // the line of source
	Depth  int           `json:"depth"`          // how many frames of the application lie below it
	Values []Value       `json:"values"`         // its variables, shortened; Changed: since the frame was last seen
	Lost   bool          `json:"lost,omitempty"` // the variables were too many to be kept
}

// Moment is a point of an exchange's past: a step of the server or, after it, a line of the application.
type Moment struct {
	Step Step
	Line *Line // nil: the step itself
}

// Place is the line of source that the moment is about.
func (m Moment) Place() Place {
	if m.Line != nil {
		return m.Line.Place
	}
	return m.Step.Source
}

// Name is what a moment is called: the function, or the step.
func (m Moment) Name() string {
	if m.Line != nil {
		return m.Line.Place.Function
	}
	return m.Step.Name
}

// Moments are all points of the past, in their order.
func (x *Exchange) Moments() []Moment {
	all := make([]Moment, 0, len(x.Steps)+len(x.Lines))
	next := 0
	for _, step := range x.Steps {
		all = append(all, Moment{Step: step})
		for ; next < len(x.Lines) && x.Lines[next].Step <= step.Index; next++ {
			all = append(all, Moment{Step: step, Line: &x.Lines[next]})
		}
	}
	return all
}

// addLine records where the exchange is stopped in Python. The caller holds the lock.
func (h *Hub) addLine(r *record, m *told) {
	if len(m.Stack) == 0 || len(r.Lines) >= MaxLines || len(r.Steps) == 0 {
		return
	}
	f := m.Stack[0]
	line := Line{At: time.Since(r.Began), Step: len(r.Steps) - 1, Place: Place{File: f.File, Line: f.Line, Function: f.Name}, Text: f.Text, Values: m.Values}
	for _, below := range m.Stack[1:] {
		if !below.Library {
			line.Depth++
		}
	}
	size := 0
	for _, v := range line.Values {
		size += len(v.Name) + len(v.Text)
	}
	if r.lineBytes+size > MaxLineBytes {
		line.Values, line.Lost, size = nil, true, 0
	}
	r.lineBytes += size
	r.keeps(size, h)
	r.Lines = append(r.Lines, line)
}

// Back moves the session's view of a stopped or ended exchange to the moment before, and returns that.
func (s *Session) Back(id uint64) (Moment, error) { return s.move(id, -1) }

// Forward moves it to the moment after. At the latest one the view is the present again.
func (s *Session) Forward(id uint64) (Moment, error) { return s.move(id, +1) }

// Viewed is the moment that Back and Forward have led to; the latest one where no session went back.
func (s *Session) Viewed(id uint64) (moment Moment, past bool, err error) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	r, ok := s.hub.find(id)
	if !ok || len(r.Steps) == 0 {
		return Moment{}, false, ErrNoExchange
	}
	moments := r.Moments()
	at, past := s.view[id]
	if !past {
		at = len(moments) - 1
	}
	return moments[at], past, nil
}

func (s *Session) move(id uint64, by int) (Moment, error) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	r, ok := s.hub.find(id)
	if !ok || len(r.Steps) == 0 {
		return Moment{}, ErrNoExchange
	}
	if r.State == Running {
		return Moment{}, ErrNotStopped
	}
	moments := r.Moments()
	last := len(moments) - 1
	at, past := s.view[id]
	if !past {
		at = last
	}
	at += by
	if at < 0 || at > last {
		return Moment{}, ErrPast
	}
	if s.view == nil {
		s.view = map[uint64]int{}
	}
	if s.view[id] = at; at == last {
		delete(s.view, id)
	}
	return moments[at], nil
}
