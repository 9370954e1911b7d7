package server

import (
	"bytes"
	"net"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// This file makes all Steps, in the order in which a request goes through them. With no observer each costs a nil check
// and an atomic load, and nothing else.

// SetObserver lets another observer in beside that of the Config, at any time; nil lets it go. Steps that are being
// shown meanwhile may still reach the one before.
func (s *Server) SetObserver(o Observer) {
	if o == nil {
		s.late.Store(nil)
		return
	}
	s.late.Store(&o)
}

// unseen says that nobody looks.
func (c *connection) unseen() bool { return c.server.Observer == nil && c.server.late.Load() == nil }

func (c *connection) sawAccept() {
	if c.unseen() {
		return
	}
	c.step(Step{Stage: Accept, Name: "accept", Spec: "RFC 9112 §9", Value: net.Addr(c.socket.RemoteAddr())})
}

// sawReceive is told where in the message the received bytes begin.
func (c *connection) sawReceive(start int, data []byte) {
	if c.unseen() {
		return
	}
	c.step(receiveStep(start, data))
}

func receiveStep(start int, data []byte) Step {
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

func (x *exchange) sawEvent(e parser.Event) {
	if x.unseen() {
		return
	}
	x.step(parseStep(e, x.request))
}

func parseStep(e parser.Event, request *parser.Request) Step {
	data := e.Data
	switch e.Kind {
	case parser.GotRequestLine, parser.GotFieldLine:
		data = request.Bytes(e.Span)
	}
	return Step{Stage: Parse, Name: parseSteps[e.Kind].name, Spec: parseSteps[e.Kind].spec,
		Wire: e.Span, Bytes: data, Value: request}
}

func (x *exchange) sawRefusal(err error) {
	if x.unseen() {
		return
	}
	x.step(refusalStep(err))
}

func refusalStep(err error) Step {
	step := Step{Stage: Parse, Name: "refused", Value: err}
	if syntax, ok := err.(*parser.SyntaxError); ok {
		step.Spec = syntax.Spec
		step.Wire = parser.Span{Start: syntax.Offset, End: syntax.Offset}
	}
	return step
}

func (x *exchange) sawEnviron(environ *wsgi.Environ) {
	if x.unseen() {
		return
	}
	x.step(environStep(environ))
}

func environStep(environ *wsgi.Environ) Step {
	return Step{Stage: Environ, Name: "environ", Spec: `PEP 3333 "environ Variables"`, Value: environ}
}

func (x *exchange) sawCall() {
	if x.unseen() {
		return
	}
	x.step(Step{Stage: Call, Name: "call", Spec: `PEP 3333 "The Application/Framework Side"`})
}

func (x *exchange) sawStartResponse(status string, headers []wsgi.Header, err error) {
	if x.unseen() {
		return
	}
	step := Step{Stage: Call, Name: "start_response", Spec: `PEP 3333 "The start_response() Callable"`,
		Value: &wsgi.Head{Status: status, Headers: headers, Length: -1}}
	if err != nil {
		step.Value = err
	}
	x.step(step)
}

func (x *exchange) sawIterable(body wsgi.Iterable) {
	if x.unseen() {
		return
	}
	x.step(Step{Stage: Call, Name: "iterable", Spec: `PEP 3333 "The Application/Framework Side"`, Value: body})
}

func (x *exchange) sawBlock(name string, block []byte) {
	if x.unseen() {
		return
	}
	spec := `PEP 3333 "Buffering and Streaming"`
	if name == "write()" {
		spec = `PEP 3333 "The write() Callable"`
	}
	x.step(Step{Stage: Call, Name: name, Spec: spec, Bytes: block})
}

func (x *exchange) sawFailure(err error) {
	if x.unseen() {
		return
	}
	x.step(Step{Stage: Call, Name: "failed", Spec: `PEP 3333 "Error Handling"`, Value: err})
}

func (x *exchange) sawCloseCall() {
	if x.unseen() {
		return
	}
	x.step(Step{Stage: Call, Name: "close()", Spec: `PEP 3333 "Specification Details"`})
}

// sawResponse shows the head as the application left it, and returns what the observer made of it.
func (x *exchange) sawResponse(head wsgi.Head) wsgi.Head {
	if x.unseen() {
		return head
	}
	shown := head
	x.step(Step{Stage: Respond, Name: "head", Spec: "RFC 9112 §2.1", Value: &shown})
	return shown
}

// sawHead shows the lines of an assembled response head, which begins at byte `start` of the response.
func (x *exchange) sawHead(start int, head []byte) {
	if x.unseen() {
		return
	}
	headSteps(start, head, x.step)
}

func headSteps(start int, head []byte, tell func(Step)) {
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

func (x *exchange) sawSend(start int, parts ...[]byte) {
	if x.unseen() {
		return
	}
	x.step(sendStep(start, bytes.Join(parts, nil)))
}

func sendStep(start int, data []byte) Step {
	return Step{Stage: Send, Name: "send", Spec: "RFC 9112 §2.1",
		Wire: parser.Span{Start: start, End: start + len(data)}, Bytes: data}
}

func (x *exchange) sawEnd(keep bool) {
	if x.unseen() {
		return
	}
	x.step(endStep(keep))
}

func endStep(keep bool) Step {
	step := Step{Stage: Close, Name: "close", Spec: "RFC 9112 §9.6"}
	if keep {
		step.Name, step.Spec = "keep-alive", "RFC 9112 §9.3"
	}
	return step
}

func (c *connection) step(s Step) {
	s.Connection = c.id
	s.Sending, c.sending = c.sending, 0
	if c.exchange != nil {
		s.Exchange = c.exchange.id
	}
	begun := time.Now()
	if c.server.Observer != nil {
		c.server.Observer(s)
	}
	if late := c.server.late.Load(); late != nil {
		(*late)(s)
	}
	c.held += time.Since(begun)
}

func (x *exchange) step(s Step) { x.connection.step(s) }
