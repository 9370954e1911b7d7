package dap

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/go-dap"

	"glasswsgi/inspect/hub"
)

// handleLook answers the requests that ask how things are.
func (s *session) handleLook(request dap.RequestMessage) (dap.ResponseMessage, error) {
	switch q := request.(type) {
	case *dap.ThreadsRequest:
		return &dap.ThreadsResponse{Body: dap.ThreadsResponseBody{Threads: s.threads()}}, nil
	case *dap.StackTraceRequest:
		return s.stackTrace(q.Arguments)
	case *dap.ScopesRequest:
		scopes, err := s.scopes(q.Arguments.FrameId)
		return &dap.ScopesResponse{Body: dap.ScopesResponseBody{Scopes: scopes}}, err
	case *dap.VariablesRequest:
		variables, err := s.variables(q.Arguments)
		return &dap.VariablesResponse{Body: dap.VariablesResponseBody{Variables: variables}}, err
	case *dap.SetVariableRequest:
		return s.setVariable(q.Arguments)
	case *dap.EvaluateRequest:
		return s.evaluate(q.Arguments)
	case *dap.SourceRequest:
		return s.sourceText(q.Arguments)
	case *dap.LoadedSourcesRequest:
		return &dap.LoadedSourcesResponse{Body: dap.LoadedSourcesResponseBody{Sources: s.loadedSources()}}, nil
	case *dap.ReadMemoryRequest:
		return s.readMemory(q.Arguments)
	case *dap.ExceptionInfoRequest:
		return s.exceptionInfo(uint64(q.Arguments.ThreadId))
	}
	return nil, fmt.Errorf("glass does not do %q", request.GetRequest().Command)
}

// nextRequest is the thread that stands for the request that has not come yet: editors pause threads, and without one
// there would be no way to stop what comes next. It is beyond all numbers of exchanges.
const nextRequest = 1<<31 - 1

// threads are the exchanges that are under way, and the next one.
func (s *session) threads() []dap.Thread {
	threads := []dap.Thread{}
	for _, x := range s.Hub.Exchanges() {
		if x.State != hub.Ended {
			name := fmt.Sprintf("#%d %s %s %s", x.ID, x.Connection.Peer, x.Method, x.Target)
			threads = append(threads, dap.Thread{Id: int(x.ID), Name: strings.TrimRight(name, " ")})
		}
	}
	return append(threads, dap.Thread{Id: nextRequest, Name: "the next request (pause it to stop it)"})
}

func (s *session) stackTrace(a dap.StackTraceArguments) (*dap.StackTraceResponse, error) {
	id := uint64(a.ThreadId)
	if id == nextRequest {
		return &dap.StackTraceResponse{Body: dap.StackTraceResponseBody{StackFrames: []dap.StackFrame{}}}, nil
	}
	moment, past, err := s.hub.Viewed(id)
	if err != nil {
		return nil, err
	}
	var frames []dap.StackFrame
	if past {
		frames = s.pastFrames(id, moment)
	} else {
		stack, err := s.hub.Stack(id)
		if err != nil {
			return nil, err
		}
		for _, f := range stack {
			frames = append(frames, s.stackFrame(id, f))
		}
	}
	all := len(frames)
	frames = frames[min(max(a.StartFrame, 0), all):]
	if a.Levels > 0 && a.Levels < len(frames) {
		frames = frames[:a.Levels]
	}
	return &dap.StackTraceResponse{Body: dap.StackTraceResponseBody{StackFrames: frames, TotalFrames: all}}, nil
}

func (s *session) stackFrame(exchange uint64, f hub.Frame) dap.StackFrame {
	frame := dap.StackFrame{
		Id: s.places.addFrame(framePlace{exchange: exchange, frame: f.ID}), Name: f.Name,
		Source: s.source(f.Place.File), Line: s.client.line(f.Place.Line), Column: s.client.column(),
	}
	if f.Library {
		frame.PresentationHint = "subtle"
	}
	return frame
}

// pastFrames show a recorded moment: a line of the application; or a step, with the line of the application that caused it,
// if one did. Below is the step's line of Go.
func (s *session) pastFrames(exchange uint64, moment hub.Moment) []dap.StackFrame {
	frame := func(name string, at hub.Place, of hub.Moment) dap.StackFrame {
		return dap.StackFrame{
			Id: s.places.addFrame(framePlace{exchange: exchange, past: &of}), Name: name,
			Source: s.source(at.File), Line: s.client.line(at.Line), Column: s.client.column(),
		}
	}
	var frames []dap.StackFrame
	step := moment.Step
	if moment.Line != nil {
		frames = append(frames, frame("past: "+moment.Line.Place.Function, moment.Line.Place, moment))
		return append(frames, frame("past: ["+step.Name+"]", step.Source, hub.Moment{Step: step}))
	}
	if step.Python != nil {
		frames = append(frames, frame("past: "+step.Python.Function, *step.Python, moment))
	}
	return append(frames, frame("past: ["+step.Name+"]", step.Source, moment))
}

func (s *session) scopes(frame int) ([]dap.Scope, error) {
	f, err := s.places.frame(frame)
	if err != nil {
		return nil, err
	}
	if f.past != nil {
		if f.past.Line != nil {
			return []dap.Scope{{Name: "Locals", PresentationHint: "locals", VariablesReference: s.places.addValue(valuePlace{exchange: f.exchange, values: lineValues(f.past.Line)})}}, nil
		}
		return []dap.Scope{{Name: "Step", VariablesReference: s.places.addValue(valuePlace{exchange: f.exchange, values: pastValues(f)})}}, nil
	}
	found, err := s.hub.Scopes(f.exchange, f.frame)
	if err != nil {
		return nil, err
	}
	var scopes []dap.Scope
	for _, scope := range found {
		hint := ""
		if scope.Name == "Locals" {
			hint = "locals"
		}
		scopes = append(scopes, dap.Scope{
			Name: scope.Name, PresentationHint: hint, Expensive: scope.Expensive,
			VariablesReference: s.places.addValue(valuePlace{exchange: f.exchange, reference: scope.Reference}),
		})
	}
	if x, ok := s.Hub.Exchange(f.exchange); ok {
		scopes = append(scopes, dap.Scope{Name: "Bytes", VariablesReference: s.places.addValue(valuePlace{exchange: x.ID, values: wireBytes(x)})})
	}
	return scopes, nil
}

// lineValues are the variables of a line of the past.
func lineValues(line *hub.Line) []dap.Variable {
	values := []dap.Variable{}
	for _, v := range line.Values {
		values = append(values, dap.Variable{Name: v.Name, Value: v.Text, PresentationHint: &dap.VariablePresentationHint{Attributes: []string{"readOnly"}}})
	}
	return values
}

func pastValues(f framePlace) []dap.Variable {
	step := &f.past.Step
	values := []dap.Variable{
		{Name: "stage", Value: strconv.Quote(step.Stage)}, {Name: "name", Value: strconv.Quote(step.Name)},
		{Name: "rule", Value: strconv.Quote(step.Spec)}, {Name: "text", Value: strconv.Quote(step.Text)},
	}
	if step.Wire.Len() > 0 {
		values = append(values, dap.Variable{Name: "wire", Value: step.Side + " " + step.Wire.String(),
			MemoryReference: memoryReference(f.exchange, step.Side, step.Wire.Start)})
	}
	return values
}

// wireBytes are what was received and sent so far. A memory reference opens the editor's view of bytes.
func wireBytes(x *hub.Exchange) []dap.Variable {
	side := func(name string, stream hub.Stream) dap.Variable {
		text := strconv.QuoteToASCII(string(stream.Bytes()))
		if len(text) > hub.MaxRepr {
			text = text[:hub.MaxRepr] + "..."
		}
		return dap.Variable{Name: name, Value: text, Type: fmt.Sprintf("%d bytes", stream.Length), MemoryReference: memoryReference(x.ID, name, 0),
			PresentationHint: &dap.VariablePresentationHint{Kind: "data", Attributes: []string{"readOnly"}}}
	}
	return []dap.Variable{side("request", x.Request), side("response", x.Response)}
}

func (s *session) variables(a dap.VariablesArguments) ([]dap.Variable, error) {
	v, err := s.places.value(a.VariablesReference)
	if err != nil {
		return nil, err
	}
	if v.values != nil {
		return v.values, nil
	}
	found, err := s.hub.Children(v.exchange, v.reference, a.Start, a.Count)
	if err != nil {
		return nil, err
	}
	variables := []dap.Variable{}
	for _, value := range found {
		variables = append(variables, s.variable(v.exchange, value))
	}
	return variables, nil
}

func (s *session) variable(exchange uint64, v hub.Value) dap.Variable {
	variable := dap.Variable{Name: v.Name, Value: v.Text, Type: v.Type, VariablesReference: s.reference(exchange, v)}
	if !v.Editable {
		variable.PresentationHint = &dap.VariablePresentationHint{Attributes: []string{"readOnly"}}
	}
	if v.Wire != nil {
		variable.MemoryReference = memoryReference(exchange, v.Wire.Side, v.Wire.Start)
	}
	return variable
}

// reference is a number for the children of a value; 0 where it has none.
func (s *session) reference(exchange uint64, v hub.Value) int {
	if v.Reference == 0 {
		return 0
	}
	return s.places.addValue(valuePlace{exchange: exchange, reference: v.Reference})
}

func (s *session) setVariable(a dap.SetVariableArguments) (*dap.SetVariableResponse, error) {
	v, err := s.places.value(a.VariablesReference)
	if err != nil {
		return nil, err
	}
	if v.values != nil {
		return nil, hub.ErrNotHere
	}
	value, err := s.hub.SetVariable(v.exchange, v.reference, a.Name, a.Value)
	if err != nil {
		return nil, err
	}
	return &dap.SetVariableResponse{Body: dap.SetVariableResponseBody{Value: value.Text, Type: value.Type, VariablesReference: s.reference(v.exchange, value)}}, nil
}

func (s *session) evaluate(a dap.EvaluateArguments) (*dap.EvaluateResponse, error) {
	if a.FrameId == 0 {
		return nil, fmt.Errorf("stop a request first, and choose a frame: expressions are evaluated where it stands")
	}
	f, err := s.places.frame(a.FrameId)
	if err != nil {
		return nil, err
	}
	if f.past != nil {
		return pastValue(f, a.Expression)
	}
	value, err := s.hub.Evaluate(f.exchange, f.frame, a.Expression)
	if err != nil {
		return nil, err
	}
	return &dap.EvaluateResponse{Body: dap.EvaluateResponseBody{Result: value.Text, Type: value.Type, VariablesReference: s.reference(f.exchange, value)}}, nil
}

// pastValue is a variable of the past, by its name: what a hover and a watch ask for.
func pastValue(f framePlace, expression string) (*dap.EvaluateResponse, error) {
	values := pastValues(f)
	if f.past.Line != nil {
		values = lineValues(f.past.Line)
	}
	for _, v := range values {
		if v.Name == strings.TrimSpace(expression) {
			return &dap.EvaluateResponse{Body: dap.EvaluateResponseBody{Result: v.Value}}, nil
		}
	}
	return nil, fmt.Errorf("the past has the names that were recorded, and no expressions: go forward to evaluate %s", expression)
}

func (s *session) sourceText(a dap.SourceArguments) (*dap.SourceResponse, error) {
	source := dap.Source{SourceReference: a.SourceReference}
	if a.Source != nil {
		source = *a.Source
	}
	if source.SourceReference == 0 {
		source.SourceReference = a.SourceReference
	}
	file := s.file(source)
	if file == "" {
		return nil, fmt.Errorf("there is no source %d", a.SourceReference)
	}
	text, err := s.Hub.SourceOf(file)
	kind := "text/x-python"
	if isGo(file) {
		kind = "text/x-go"
	}
	return &dap.SourceResponse{Body: dap.SourceResponseBody{Content: text, MimeType: kind}}, err
}

// memoryReference names a byte of one of the two streams of an exchange.
func memoryReference(exchange uint64, side string, offset int) string {
	return fmt.Sprintf("%d:%s:%d", exchange, side, offset)
}

// readMemory reads the bytes of a stream as they went over the wire.
func (s *session) readMemory(a dap.ReadMemoryArguments) (*dap.ReadMemoryResponse, error) {
	parts := strings.Split(a.MemoryReference, ":")
	wrong := fmt.Errorf("there are no bytes %q", a.MemoryReference)
	if len(parts) != 3 {
		return nil, wrong
	}
	id, err1 := strconv.ParseUint(parts[0], 10, 64)
	from, err2 := strconv.Atoi(parts[2])
	x, ok := s.Hub.Exchange(id)
	if err1 != nil || err2 != nil || !ok {
		return nil, wrong
	}
	stream := x.Request
	if parts[1] == "response" {
		stream = x.Response
	}
	data := stream.Bytes()
	from += a.Offset
	begin := min(max(from, 0), len(data))
	end := min(max(from+a.Count, begin), len(data))
	return &dap.ReadMemoryResponse{Body: dap.ReadMemoryResponseBody{
		Address: fmt.Sprintf("0x%x", begin), Data: base64.StdEncoding.EncodeToString(data[begin:end]), UnreadableBytes: max(a.Count-(end-begin), 0),
	}}, nil
}

func (s *session) exceptionInfo(id uint64) (*dap.ExceptionInfoResponse, error) {
	x, ok := s.Hub.Exchange(id)
	if !ok {
		return nil, hub.ErrNoExchange
	}
	if x.Stop == nil || x.Stop.Reason != hub.AtException && x.Stop.Reason != hub.AtRule {
		return nil, fmt.Errorf("the exchange is not stopped at an exception")
	}
	body := dap.ExceptionInfoResponseBody{ExceptionId: "exception", Description: x.Stop.Text, BreakMode: "unhandled"}
	if x.Stop.Reason == hub.AtRule {
		body.ExceptionId, body.BreakMode = x.Stop.Spec, "always"
	} else if name, _, found := strings.Cut(x.Stop.Text, ":"); found {
		body.ExceptionId = name
	}
	return &dap.ExceptionInfoResponse{Body: body}, nil
}
