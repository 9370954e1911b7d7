package dap

import (
	"slices"
	"strings"

	"github.com/google/go-dap"

	"glasswsgi/inspect/hub"
)

// breakpoints are what the editor wants, in the three groups in which it replaces them.
type breakpoints struct {
	lines      map[string][]hub.Breakpoint // by the hub's name of the file
	functions  []hub.Breakpoint            // stages
	exceptions []hub.Breakpoint
}

// handleBreakpoints answers the requests about them.
func (s *session) handleBreakpoints(request dap.RequestMessage) (dap.ResponseMessage, error) {
	switch q := request.(type) {
	case *dap.SetBreakpointsRequest:
		file := s.file(q.Arguments.Source)
		if s.breakpoints.lines == nil {
			s.breakpoints.lines = map[string][]hub.Breakpoint{}
		}
		s.breakpoints.lines[file] = s.lineBreakpoints(file, q.Arguments)
		err := s.setBreakpoints()
		return &dap.SetBreakpointsResponse{Body: dap.SetBreakpointsResponseBody{Breakpoints: s.shown(s.breakpoints.lines[file])}}, err
	case *dap.SetFunctionBreakpointsRequest:
		s.breakpoints.functions = stageBreakpoints(q.Arguments.Breakpoints)
		err := s.setBreakpoints()
		return &dap.SetFunctionBreakpointsResponse{Body: dap.SetFunctionBreakpointsResponseBody{Breakpoints: s.shown(s.breakpoints.functions)}}, err
	case *dap.SetExceptionBreakpointsRequest:
		s.breakpoints.exceptions = nil
		for _, filter := range q.Arguments.Filters {
			s.breakpoints.exceptions = append(s.breakpoints.exceptions, hub.Breakpoint{Kind: hub.BreakpointKind(filter)})
		}
		err := s.setBreakpoints()
		return &dap.SetExceptionBreakpointsResponse{Body: dap.SetExceptionBreakpointsResponseBody{Breakpoints: s.shown(s.breakpoints.exceptions)}}, err
	}
	return s.breakpointLocations(request.(*dap.BreakpointLocationsRequest).Arguments)
}

func (s *session) lineBreakpoints(file string, a dap.SetBreakpointsArguments) []hub.Breakpoint {
	list := []hub.Breakpoint{}
	for _, b := range a.Breakpoints {
		list = append(list, hub.Breakpoint{Kind: hub.AtLine, File: file, Line: s.client.ours(b.Line), Condition: b.Condition, Hits: b.HitCondition, Log: b.LogMessage})
	}
	return list
}

// stageBreakpoints: the name is that of a step, and the target of the requests that are meant may follow it:
// "environ /users/*".
func stageBreakpoints(wanted []dap.FunctionBreakpoint) []hub.Breakpoint {
	list := []hub.Breakpoint{}
	for _, b := range wanted {
		stage, path, _ := strings.Cut(strings.TrimSpace(b.Name), " ")
		list = append(list, hub.Breakpoint{Kind: hub.AtStage, Stage: stage, Path: strings.TrimSpace(path), Condition: b.Condition, Hits: b.HitCondition})
	}
	return list
}

// setBreakpoints gives the hub all of them; what comes back, with numbers and lines that can stop, replaces them.
func (s *session) setBreakpoints() error {
	groups := s.groups()
	set, err := s.hub.SetBreakpoints(slices.Concat(groups...))
	if err != nil {
		return err
	}
	for _, group := range groups {
		set = set[copy(group, set):]
	}
	return nil
}

// placeAgain asks where breakpoints lie, and tells the editor of those that have moved.
func (s *session) placeAgain() {
	before := slices.Concat(s.groups()...)
	if len(before) == 0 || s.setBreakpoints() != nil {
		return
	}
	for i, b := range slices.Concat(s.groups()...) {
		if b.Line != before[i].Line || b.Verified != before[i].Verified || b.Message != before[i].Message {
			s.send(&dap.BreakpointEvent{Event: newEvent("breakpoint"), Body: dap.BreakpointEventBody{Reason: "changed", Breakpoint: s.breakpoint(b)}})
		}
	}
}

// breaksAt says whether a moment that was recorded has a breakpoint that needs nothing but to be reached.
func (s *session) breaksAt(moment hub.Moment) bool {
	step, at := moment.Step, moment.Place()
	return slices.ContainsFunc(slices.Concat(s.groups()...), func(b hub.Breakpoint) bool {
		if b.Condition != "" || b.Hits != "" || b.Log != "" || b.Path != "" {
			return false
		}
		return b.Kind == hub.AtStage && moment.Line == nil && (b.Stage == step.Name || b.Stage == step.Stage) ||
			b.Kind == hub.AtLine && b.File == at.File && b.Line == at.Line
	})
}

// groups are the lists, in an order that does not change.
func (s *session) groups() [][]hub.Breakpoint {
	files := make([]string, 0, len(s.breakpoints.lines))
	for file := range s.breakpoints.lines {
		files = append(files, file)
	}
	slices.Sort(files)
	groups := [][]hub.Breakpoint{s.breakpoints.functions, s.breakpoints.exceptions}
	for _, file := range files {
		groups = append(groups, s.breakpoints.lines[file])
	}
	return groups
}

func (s *session) shown(list []hub.Breakpoint) []dap.Breakpoint {
	shown := []dap.Breakpoint{}
	for _, b := range list {
		shown = append(shown, s.breakpoint(b))
	}
	return shown
}

func (s *session) breakpoint(b hub.Breakpoint) dap.Breakpoint {
	shown := dap.Breakpoint{Id: b.ID, Verified: b.Verified, Message: b.Message}
	if b.Kind == hub.AtLine {
		shown.Source, shown.Line = s.source(b.File), s.client.line(b.Line)
	}
	return shown
}

// breakpointLocations are the lines of a range where a breakpoint can stop.
func (s *session) breakpointLocations(a *dap.BreakpointLocationsArguments) (*dap.BreakpointLocationsResponse, error) {
	body := dap.BreakpointLocationsResponseBody{Breakpoints: []dap.BreakpointLocation{}}
	if a == nil {
		return &dap.BreakpointLocationsResponse{Body: body}, nil
	}
	lines, err := s.Hub.BreakpointLines(s.file(a.Source))
	if err != nil {
		return nil, err
	}
	first := s.client.ours(a.Line)
	last := max(first, s.client.ours(a.EndLine))
	for _, line := range lines {
		if first <= line && line <= last {
			body.Breakpoints = append(body.Breakpoints, dap.BreakpointLocation{Line: s.client.line(line)})
		}
	}
	return &dap.BreakpointLocationsResponse{Body: body}, nil
}
