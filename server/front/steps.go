package front

import (
	"bytes"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// These make the Steps about bytes of HTTP. They are apart from Watch because a server of which only the bytes are known
// has the same ones: see inspect/retell.

// ReceiveStep is bytes that arrived, from byte `start` of the request.
func ReceiveStep(start int, data []byte) Step {
	return Step{Stage: Receive, Name: "receive", Spec: "RFC 9112 §2.2",
		Wire: parser.Span{Start: start, End: start + len(data)}, Bytes: data}
}

// parseSteps names what the parser found.
var parseSteps = map[parser.Kind]struct{ name, spec string }{
	parser.GotRequestLine: {"request-line", "RFC 9112 §3"},
	parser.GotFieldLine:   {"field-line", "RFC 9112 §5"},
	parser.GotHead:        {"message-body-length", "RFC 9112 §6.3"},
	parser.GotChunkSize:   {"chunk-size", "RFC 9112 §7.1"},
	parser.GotBody:        {"message-body", "RFC 9112 §6"},
	parser.GotTrailerLine: {"trailer-field", "RFC 9112 §7.1.2"},
	parser.GotEnd:         {"message-end", "RFC 9112 §6.3"},
	parser.NeedData:       {"need-data", "RFC 9112 §2.2"},
}

// ParseStep is what the parser found.
func ParseStep(e parser.Event, request *parser.Request) Step {
	data := e.Data
	switch e.Kind {
	case parser.GotRequestLine, parser.GotFieldLine:
		data = request.Bytes(e.Span)
	}
	return Step{Stage: Parse, Name: parseSteps[e.Kind].name, Spec: parseSteps[e.Kind].spec,
		Wire: e.Span, Bytes: data, Value: request}
}

// RefusalStep is a request that was refused.
func RefusalStep(err error) Step {
	step := Step{Stage: Parse, Name: "refused", Value: err}
	if syntax, ok := err.(*parser.SyntaxError); ok {
		step.Spec = syntax.Spec
		step.Wire = parser.Span{Start: syntax.Offset, End: syntax.Offset}
	}
	return step
}

// EnvironStep is what the environ became.
func EnvironStep(environ *wsgi.Environ) Step {
	return Step{Stage: Environ, Name: "environ", Spec: `PEP 3333 "environ Variables"`, Value: environ}
}

// HeadSteps tells the lines of the head of a response, from byte `start` of the response.
func HeadSteps(start int, head []byte, tell func(Step)) {
	name, spec := "status-line", "RFC 9112 §4"
	for line := range bytes.Lines(head) {
		end := start + len(line)
		if len(line) == len("\r\n") {
			name, spec = "end-of-header-section", "RFC 9112 §2.1"
		}
		tell(Step{Stage: Respond, Name: name, Spec: spec, Wire: parser.Span{Start: start, End: end}, Bytes: line})
		name, spec, start = "field-line", "RFC 9112 §5", end
	}
}

// SendStep is bytes that leave, from byte `start` of the response.
func SendStep(start int, parts ...[]byte) Step {
	data := bytes.Join(parts, nil)
	return Step{Stage: Send, Name: "send", Spec: "RFC 9112 §2.1",
		Wire: parser.Span{Start: start, End: start + len(data)}, Bytes: data}
}

// EndStep is what becomes of the connection.
func EndStep(keep bool) Step {
	step := Step{Stage: Close, Name: "close", Spec: "RFC 9112 §9.6"}
	if keep {
		step.Name, step.Spec = "keep-alive", "RFC 9112 §9.3"
	}
	return step
}
