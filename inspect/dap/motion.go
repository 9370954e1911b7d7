package dap

import (
	"errors"
	"fmt"

	"github.com/google/go-dap"

	"glasswsgi/inspect/hub"
)

// handleMotion answers the requests that make an exchange stop or go on, and those that walk through its past.
func (s *session) handleMotion(request dap.RequestMessage) (dap.ResponseMessage, error) {
	switch q := request.(type) {
	case *dap.ContinueRequest:
		return &dap.ContinueResponse{}, s.run(q.Arguments.ThreadId)
	case *dap.NextRequest:
		return &dap.NextResponse{}, s.step(q.Arguments.ThreadId, hub.Over)
	case *dap.StepInRequest:
		how := hub.In
		if at := q.Arguments.TargetId; at > 0 && at <= len(stepTargets) {
			how = stepTargets[at-1].how
		}
		return &dap.StepInResponse{}, s.step(q.Arguments.ThreadId, how)
	case *dap.StepOutRequest:
		return &dap.StepOutResponse{}, s.step(q.Arguments.ThreadId, hub.Out)
	case *dap.StepInTargetsRequest:
		var targets []dap.StepInTarget
		for i, t := range stepTargets {
			targets = append(targets, dap.StepInTarget{Id: i + 1, Label: t.label})
		}
		return &dap.StepInTargetsResponse{Body: dap.StepInTargetsResponseBody{Targets: targets}}, nil
	case *dap.StepBackRequest:
		_, err := s.hub.Back(uint64(q.Arguments.ThreadId))
		return &dap.StepBackResponse{}, s.moved(q.Arguments.ThreadId, err)
	case *dap.ReverseContinueRequest:
		return &dap.ReverseContinueResponse{}, s.rewind(q.Arguments.ThreadId)
	case *dap.PauseRequest:
		if q.Arguments.ThreadId == nextRequest || q.Arguments.ThreadId == 0 { // some send 0 when there is none
			return &dap.PauseResponse{}, s.hub.PauseNext(true)
		}
		return &dap.PauseResponse{}, s.hub.Pause(uint64(q.Arguments.ThreadId))
	}
	return nil, fmt.Errorf("glass does not do %q", request.GetRequest().Command)
}

// stepTargets are where a step may lead, besides the usual; their ids count from 1.
var stepTargets = []struct {
	label string
	how   hub.How
}{
	{"the next line or step", hub.In},
	{"into library code, too", hub.IntoLibrary},
	{"the next step of the server", hub.ToStage},
}

// step goes on as far as how says; in the past, to the moment after.
func (s *session) step(thread int, how hub.How) error {
	id := uint64(thread)
	if s.inPast(id) {
		_, err := s.hub.Forward(id)
		return s.moved(thread, err)
	}
	return s.resume(id, func() error { return s.hub.Step(id, how) })
}

// run continues; in the past, it goes forward to a breakpoint, or to the present.
func (s *session) run(thread int) error {
	id := uint64(thread)
	if id == nextRequest {
		return s.hub.PauseNext(false)
	}
	if !s.inPast(id) {
		return s.resume(id, func() error { return s.hub.Continue(id) })
	}
	for s.inPast(id) {
		moment, err := s.hub.Forward(id)
		if err != nil {
			return err
		}
		if s.breaksAt(moment) {
			break
		}
	}
	return s.moved(thread, nil)
}

// resume lets an exchange go on. The response tells the editor of it.
func (s *session) resume(id uint64, command func() error) error {
	s.mu.Lock()
	s.resumed[id] = true
	s.mu.Unlock()
	err := command()
	if err != nil {
		s.mu.Lock()
		delete(s.resumed, id)
		s.mu.Unlock()
	}
	return err
}

// rewind goes back to a breakpoint, or to the first step that was recorded.
func (s *session) rewind(thread int) error {
	for {
		moment, err := s.hub.Back(uint64(thread))
		if errors.Is(err, hub.ErrPast) || err == nil && s.breaksAt(moment) {
			return s.moved(thread, nil)
		}
		if err != nil {
			return err
		}
	}
}

// moved tells the editor that it looks at another step now.
func (s *session) moved(thread int, err error) error {
	if err != nil {
		return err
	}
	s.places.forget(uint64(thread))
	moment, past, err := s.hub.Viewed(uint64(thread))
	if err != nil {
		return err
	}
	description := "at " + moment.Name()
	if past {
		description = "in the past, at " + moment.Name()
	}
	s.afterwards = append(s.afterwards, &dap.StoppedEvent{Event: newEvent("stopped"),
		Body: dap.StoppedEventBody{Reason: "step", Description: description, ThreadId: thread}})
	return nil
}

func (s *session) inPast(id uint64) bool {
	_, past, err := s.hub.Viewed(id)
	return err == nil && past
}
