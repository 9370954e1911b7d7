package dap

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-dap"

	"glasswsgi/inspect/hub"
)

// session is one editor.
type session struct {
	sender
	Options
	hub         *hub.Session // nil before launch or attach
	client      client
	breakpoints breakpoints
	places      places
	events      sync.WaitGroup
	afterwards  []dap.Message // to be sent when the response is

	// turn is held while a request is answered that makes an exchange go on, and while an event is told: an editor must
	// have its response before it hears of the stop that came of it.
	turn  sync.Mutex
	noted string // the latest note: it holds for many stops, and is told once

	mu      sync.Mutex
	resumed map[uint64]bool // by a request of ours: its response tells so, and no event
}

// converse serves one editor until it leaves.
func converse(conn io.ReadWriter, o Options) error {
	s := &session{sender: sender{to: conn}, Options: o, resumed: map[uint64]bool{}}
	s.places.forget(0)
	defer s.leave()
	in := bufio.NewReaderSize(conn, maxHeader)
	for {
		content, err := readMessage(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if s.hub == nil {
			content = fillIn(content)
		}
		message, err := dap.DecodeProtocolMessage(content)
		var unknown *dap.DecodeProtocolMessageFieldError
		switch {
		case errors.As(err, &unknown) && unknown.SubType == "Request":
			s.send(refusal(&dap.Request{ProtocolMessage: dap.ProtocolMessage{Seq: unknown.Seq}, Command: unknown.FieldValue},
				fmt.Errorf("glass does not know the request %q", unknown.FieldValue), false))
			continue
		case err != nil:
			return fmt.Errorf("%w: %v", errNotDAP, err)
		}
		request, ok := message.(dap.RequestMessage)
		if !ok {
			continue // the response to a request that we never sent
		}
		if last := s.answer(request); last {
			return nil
		}
	}
}

// leave lets everything go on that the editor stopped.
func (s *session) leave() {
	if s.hub != nil {
		s.hub.Close()
		s.events.Wait()
	}
}

// errNotBegun says that there is nothing to debug yet.
var errNotBegun = errors.New("launch or attach comes first")

// answer does what a request asks for, and says whether it was the last one.
func (s *session) answer(request dap.RequestMessage) (last bool) {
	if !looksOnly(request) {
		s.turn.Lock()
		defer s.turn.Unlock()
	}
	response, err := s.handle(request)
	if err != nil {
		s.send(refusal(request.GetRequest(), err, !looksOnly(request)))
		return false
	}
	*response.GetResponse() = newResponse(request.GetRequest())
	s.send(response)
	for _, m := range s.afterwards {
		s.send(m)
	}
	s.afterwards = nil
	switch request.(type) {
	case *dap.LaunchRequest, *dap.AttachRequest: // breakpoints may come now that there is an editor to set them
		s.send(&dap.InitializedEvent{Event: newEvent("initialized")})
	case *dap.TerminateRequest:
		s.send(&dap.TerminatedEvent{Event: newEvent("terminated")})
		return true
	case *dap.DisconnectRequest:
		return true
	}
	return false
}

// looksOnly says that a request makes no exchange go on. It may wait for a worker; events go on meanwhile.
func looksOnly(request dap.RequestMessage) bool {
	switch request.(type) {
	case *dap.EvaluateRequest, *dap.SetVariableRequest, *dap.VariablesRequest, *dap.ScopesRequest, *dap.StackTraceRequest, *dap.SourceRequest:
		return true
	}
	return false
}

// handle is the list of requests. The response's own fields are filled in by answer.
func (s *session) handle(request dap.RequestMessage) (dap.ResponseMessage, error) {
	switch q := request.(type) {
	case *dap.InitializeRequest:
		s.client.greeted(q.Arguments)
		return &dap.InitializeResponse{Body: capabilities}, nil
	case *dap.LaunchRequest:
		return &dap.LaunchResponse{}, s.begin(q.Arguments)
	case *dap.AttachRequest:
		return &dap.AttachResponse{}, s.begin(q.Arguments)
	case *dap.DisconnectRequest:
		return &dap.DisconnectResponse{}, nil
	case *dap.TerminateRequest:
		return &dap.TerminateResponse{}, nil
	}
	if s.hub == nil {
		return nil, errNotBegun
	}
	switch request.(type) {
	case *dap.ConfigurationDoneRequest:
		return &dap.ConfigurationDoneResponse{}, nil
	case *dap.SetBreakpointsRequest, *dap.SetFunctionBreakpointsRequest, *dap.SetExceptionBreakpointsRequest, *dap.BreakpointLocationsRequest:
		return s.handleBreakpoints(request)
	case *dap.ThreadsRequest, *dap.StackTraceRequest, *dap.ScopesRequest, *dap.VariablesRequest, *dap.SetVariableRequest, *dap.EvaluateRequest,
		*dap.SourceRequest, *dap.LoadedSourcesRequest, *dap.ReadMemoryRequest, *dap.ExceptionInfoRequest:
		return s.handleLook(request)
	}
	return s.handleMotion(request)
}

// capabilities say what an editor may ask for.
var capabilities = dap.Capabilities{
	SupportsConfigurationDoneRequest: true, SupportsFunctionBreakpoints: true, SupportsConditionalBreakpoints: true,
	SupportsHitConditionalBreakpoints: true, SupportsLogPoints: true, SupportsBreakpointLocationsRequest: true,
	SupportsEvaluateForHovers: true, SupportsSetVariable: true, SupportsStepBack: true, SupportsStepInTargetsRequest: true,
	SupportsReadMemoryRequest: true, SupportsExceptionInfoRequest: true, SupportsTerminateRequest: true,
	SupportsLoadedSourcesRequest:          true,
	SupportsSingleThreadExecutionRequests: true,
	ExceptionBreakpointFilters: []dap.ExceptionBreakpointsFilter{
		{Filter: string(hub.AtUncaught), Label: "Exceptions that the application does not catch", Default: true,
			Description: "Also those of which a framework makes an answer, such as a 500, when it has written the traceback."},
		{Filter: string(hub.AtBrokenRule), Label: "Broken rules of PEP 3333", Default: true,
			Description: "Stops on the line of the application that breaks a rule, and shows the rule."},
		{Filter: string(hub.AtRaised), Label: "All exceptions in the application's code", Description: "Slows Python down."},
	},
}

// begin takes control, for a launch as for an attach: the server runs already.
func (s *session) begin(arguments json.RawMessage) error {
	var wanted struct {
		StopOnEntry bool   `json:"stopOnEntry"`
		SourceRoot  string `json:"sourceRoot"` // a checkout of glass
	}
	if s.hub != nil {
		return errors.New("this session has begun already")
	}
	if len(arguments) > 0 {
		if err := json.Unmarshal(arguments, &wanted); err != nil {
			return fmt.Errorf("the arguments of launch or attach: %w", err)
		}
	}
	if wanted.SourceRoot != "" {
		s.Checkout = wanted.SourceRoot
	}
	attached, err := s.Hub.Attach(cmp.Or(s.client.name, "an editor"))
	if err != nil {
		return err
	}
	if err := attached.TakeControl(); err != nil {
		attached.Close()
		return err
	}
	s.hub = attached
	s.events.Go(s.forward)
	return s.hub.PauseNext(wanted.StopOnEntry)
}

// forward tells the editor what happens.
func (s *session) forward() {
	for e := range s.hub.Events() {
		s.turn.Lock()
		s.tell(e)
		s.turn.Unlock()
	}
}

func (s *session) tell(e hub.Event) {
	switch e.Kind {
	case hub.ExchangeBegan:
		s.send(&dap.ThreadEvent{Event: newEvent("thread"), Body: dap.ThreadEventBody{Reason: "started", ThreadId: int(e.Exchange)}})
	case hub.ExchangeEnded:
		s.places.forget(e.Exchange)
		s.send(&dap.ThreadEvent{Event: newEvent("thread"), Body: dap.ThreadEventBody{Reason: "exited", ThreadId: int(e.Exchange)}})
	case hub.ExchangeStopped:
		s.tellStop(e.Exchange, e.Stop)
	case hub.ExchangeContinued:
		s.tellContinued(e.Exchange)
	case hub.Output:
		s.send(&dap.OutputEvent{Event: newEvent("output"), Body: dap.OutputEventBody{Category: "console", Output: strings.TrimRight(e.Text, "\n") + "\n"}})
	case hub.WorkersChanged: // a new worker may have other code
		s.placeAgain()
	case hub.Resync: // stops may be among what was lost
		for _, x := range s.Hub.Exchanges() {
			if x.State == hub.Stopped {
				s.tellStop(x.ID, x.Stop)
			}
		}
	}
}

// stopReasons are the protocol's words for ours.
var stopReasons = map[hub.Reason]string{
	hub.AtBreakpoint: "breakpoint", hub.AtStep: "step", hub.AtPause: "pause", hub.AtEntry: "entry",
	hub.AtException: "exception", hub.AtRule: "exception", hub.AtCall: "breakpoint",
}

func (s *session) tellStop(id uint64, stop *hub.Stop) {
	if stop == nil {
		return
	}
	body := dap.StoppedEventBody{Reason: stopReasons[stop.Reason], ThreadId: int(id), Text: stop.Text}
	if stop.Breakpoint != 0 {
		body.HitBreakpointIds = []int{stop.Breakpoint}
		stage := func(b hub.Breakpoint) bool { return b.ID == stop.Breakpoint && b.Kind == hub.AtStage }
		if slices.ContainsFunc(s.Hub.Breakpoints(), stage) {
			body.Reason = "function breakpoint"
		}
	}
	switch {
	case stop.Spec != "":
		body.Description = stop.Spec
	case len(stop.Frames) > 0:
		body.Description = "at " + stop.Frames[0].Name
	}
	s.send(&dap.StoppedEvent{Event: newEvent("stopped"), Body: body})
	if stop.Note != s.noted && stop.Note != "" {
		s.noted = stop.Note
		s.send(&dap.OutputEvent{Event: newEvent("output"), Body: dap.OutputEventBody{Category: "important", Output: stop.Note + "\n"}})
	}
}

func (s *session) tellContinued(id uint64) {
	s.places.forget(id)
	s.mu.Lock()
	ours := s.resumed[id]
	delete(s.resumed, id)
	s.mu.Unlock()
	if !ours {
		s.send(&dap.ContinuedEvent{Event: newEvent("continued"), Body: dap.ContinuedEventBody{ThreadId: int(id)}})
	}
}
