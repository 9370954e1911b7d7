package hub

import "errors"

// ErrNoPython says that there is no Python to ask.
var ErrNoPython = errors.New("that needs a Python application that can be debugged: this one is written in Go, or its worker is gone")

// Python is a runtime of Python workers, as far as a debugger needs it.
type Python interface {
	// Attach says whether somebody has control: only then are workers asked to watch their lines.
	Attach(on bool)
}

// WatchPython brings the workers of an application into play. It is called once, before the server serves.
func (h *Hub) WatchPython(p Python) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.python = p
	h.look()
}

// pythonAsk asks a worker, and is called without the hub's lock.
type pythonAsk func() (Value, error)

func (s *Session) askPython(id uint64, prepare func(*record) pythonAsk) (Value, error) {
	err := s.commanding()
	if err != nil {
		s.hub.mu.Unlock()
		return Value{}, err
	}
	r, err := s.hub.stopped(id)
	if err != nil {
		s.hub.mu.Unlock()
		return Value{}, err
	}
	ask := prepare(r)
	s.hub.mu.Unlock()
	return ask()
}

func (h *Hub) pausePython(r *record)           {}
func (h *Hub) resumePython(r *record, how How) {}

func (h *Hub) pythonStack(r *record) func() ([]Frame, error) { return nil }

func (h *Hub) pythonScopes(r *record, frame int) func() ([]Scope, error) {
	return func() ([]Scope, error) { return nil, ErrNoPython }
}

func (h *Hub) pythonChildren(r *record, reference, start, count int) func() ([]Value, error) {
	return func() ([]Value, error) { return nil, ErrNoPython }
}

func (h *Hub) pythonSet(r *record, reference int, name, text string) pythonAsk {
	return func() (Value, error) { return Value{}, ErrNoPython }
}

func (h *Hub) pythonEvaluate(r *record, frame int, expression string) pythonAsk {
	return func() (Value, error) { return Value{}, ErrNoPython }
}
