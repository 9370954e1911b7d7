package hub

import (
	"errors"
	"fmt"
)

// Session is one face that looks, and that may have control. Its methods may be called from any goroutine.
type Session struct {
	hub    *Hub
	name   string
	events chan Event
	closed bool
	// changed is the exchange that the latest event says has changed; 0: it says something else.
	changed uint64
	view    map[uint64]int // where Back and Forward have led to, by exchange
}

// BusyError says that another session has control.
type BusyError struct{ Holder string }

func (e *BusyError) Error() string {
	return fmt.Sprintf("%s has control; it has to be given back there first. Looking on needs none", e.Holder)
}

// Errors of commands.
var (
	ErrNoControl  = errors.New("this session only looks on: take control first")
	ErrClosed     = errors.New("the session is closed")
	ErrNoExchange = errors.New("there is no such exchange, or it is forgotten")
	ErrNotStopped = errors.New("the exchange is not stopped")
	ErrEnded      = errors.New("the exchange has ended")
	ErrNotHere    = errors.New("that cannot be changed at this step")
)

// Attach lets a face look on. name is for people: "browser", "terminal", "VS Code".
func (h *Hub) Attach(name string) (*Session, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, ErrClosed
	}
	s := &Session{hub: h, name: name, events: make(chan Event, eventsWaiting)}
	h.sessions[s] = struct{}{}
	h.look()
	return s, nil
}

// Name is what Attach was given.
func (s *Session) Name() string { return s.name }

// Events are what happens, from the moment of Attach; closed by Close. A session that is too slow finds a Resync among them.
func (s *Session) Events() <-chan Event { return s.events }

// TakeControl makes this the session that may command. The error is a *BusyError when another one does.
func (s *Session) TakeControl() error {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case s.closed:
		return ErrClosed
	case h.controller == s:
		return nil
	case h.controller != nil:
		return &BusyError{Holder: h.controller.name}
	}
	h.controller = s
	for _, r := range h.order {
		if r.State == Running { // what is done about its next steps goes by those before
			h.writeOut(r)
		}
	}
	h.look()
	h.tell(Event{Kind: ControlChanged, Text: s.name})
	return nil
}

// ReleaseControl removes the session's breakpoints and lets all that is stopped go on.
func (s *Session) ReleaseControl() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.hub.giveUpControl(s)
}

// Close ends the session: what it stopped goes on, its breakpoints are removed. A face calls it when its user is gone.
func (s *Session) Close() {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.closed {
		return
	}
	h.giveUpControl(s)
	s.closed = true
	delete(h.sessions, s)
	close(s.events)
	h.look()
}

// giveUpControl is for callers that hold the lock.
func (h *Hub) giveUpControl(s *Session) {
	if h.controller != s {
		return
	}
	h.controller, h.stopNext = nil, false
	h.setBreakpoints(nil)
	for _, r := range h.order {
		if r.State == Stopped {
			h.release(r, "")
		} else {
			r.gate = gate{}
		}
	}
	h.look()
	h.tell(Event{Kind: ControlChanged})
}

// commanding locks the hub for a command, if the session has control. The caller unlocks in either case.
func (s *Session) commanding() error {
	s.hub.mu.Lock()
	switch {
	case s.closed:
		return ErrClosed
	case s.hub.controller != s:
		return ErrNoControl
	}
	return nil
}

// stopped finds a stopped exchange. The caller holds the lock.
func (h *Hub) stopped(id uint64) (*record, error) {
	r, ok := h.find(id)
	switch {
	case !ok:
		return nil, ErrNoExchange
	case r.State != Stopped:
		return nil, ErrNotStopped
	}
	return r, nil
}

// Pause stops a running exchange at its next step, or, in Python, at its next line.
func (s *Session) Pause(id uint64) error {
	defer s.hub.mu.Unlock()
	if err := s.commanding(); err != nil {
		return err
	}
	r, ok := s.hub.find(id)
	switch {
	case !ok:
		return ErrNoExchange
	case r.State == Ended:
		return ErrEnded
	case r.State == Stopped:
		return nil
	}
	r.gate.mode, r.gate.pause = In, true
	s.hub.pausePython(r)
	return nil
}

// PauseNext says whether the next exchange that begins stops at its first step.
func (s *Session) PauseNext(wanted bool) error {
	defer s.hub.mu.Unlock()
	if err := s.commanding(); err != nil {
		return err
	}
	s.hub.stopNext = wanted
	return nil
}

// Continue lets a stopped exchange go on to the next breakpoint, or to its end.
func (s *Session) Continue(id uint64) error { return s.Step(id, "") }

// ContinueAll is Continue for all that are stopped.
func (s *Session) ContinueAll() error {
	defer s.hub.mu.Unlock()
	if err := s.commanding(); err != nil {
		return err
	}
	for _, r := range s.hub.order {
		if r.State == Stopped {
			s.hub.release(r, "")
		}
	}
	return nil
}

// Step lets a stopped exchange go on as far as How says.
func (s *Session) Step(id uint64, how How) error {
	defer s.hub.mu.Unlock()
	if err := s.commanding(); err != nil {
		return err
	}
	r, err := s.hub.stopped(id)
	if err != nil {
		return err
	}
	delete(s.view, id)
	s.hub.release(r, how)
	return nil
}

// SetBreakpoints replaces all breakpoints by these, and returns them with their IDs, in the same order. A breakpoint that
// cannot be set says so in its Message, and comes with no error.
func (s *Session) SetBreakpoints(list []Breakpoint) ([]Breakpoint, error) {
	h := s.hub
	if err := s.commanding(); err != nil {
		h.mu.Unlock()
		return nil, err
	}
	wait := h.setBreakpoints(list)
	h.mu.Unlock()
	where := wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.placeBreakpoints(where)
	set := make([]Breakpoint, 0, len(h.breakpoints))
	for _, b := range h.breakpoints {
		set = append(set, *b)
	}
	return set, nil
}
