package hub

import "errors"

// The past of an exchange is read-only: what it did is in the snapshot, step by step, and nothing is run again.

// ErrPast says that there is no step further back, or forward.
var ErrPast = errors.New("there is no step further that way")

// Back moves the session's view of a stopped or ended exchange to the step before, and returns that step.
func (s *Session) Back(id uint64) (Step, error) { return s.move(id, -1) }

// Forward moves it to the step after. At the latest one the view is the present again.
func (s *Session) Forward(id uint64) (Step, error) { return s.move(id, +1) }

// Viewed is the step that Back and Forward have led to; the latest one where no session went back.
func (s *Session) Viewed(id uint64) (step Step, past bool, err error) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	r, ok := s.hub.records[id]
	if !ok || len(r.Steps) == 0 {
		return Step{}, false, ErrNoExchange
	}
	at, past := s.view[id]
	if !past {
		at = len(r.Steps) - 1
	}
	return r.Steps[at], past, nil
}

func (s *Session) move(id uint64, by int) (Step, error) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	r, ok := s.hub.records[id]
	if !ok || len(r.Steps) == 0 {
		return Step{}, ErrNoExchange
	}
	if r.State == Running {
		return Step{}, ErrNotStopped
	}
	last := len(r.Steps) - 1
	at, past := s.view[id]
	if !past {
		at = last
	}
	at += by
	if at < 0 || at > last {
		return Step{}, ErrPast
	}
	if s.view == nil {
		s.view = map[uint64]int{}
	}
	if s.view[id] = at; at == last {
		delete(s.view, id)
	}
	return r.Steps[at], nil
}
