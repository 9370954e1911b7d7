package hub

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"glasswsgi/inspect"
	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// record is an exchange that is being recorded. What it appends to its slices is never changed afterwards, so that
// snapshots can share them. The hub's lock guards it.
type record struct {
	Exchange
	gate       gate
	connection *connection
	bytes      int // kept
	blockBytes int
	errorBytes int
	lineBytes  int
	inside     bool // the callable runs: what happens is of its making
	python     bool // the application is written in Python, as far as we know
	messageEnd int  // where the request ends in its stream, once that is known
	head       []wsgi.Header
	headEnd    int  // of the response, where the body begins
	chunked    bool // the response
	interim    bool // the head that is being assembled is not the final one
	pending    *Block
	place      *Place // the line of the application that caused what comes next
	liveEnv    *wsgi.Environ
	link       callKey // the worker that has the call
	liveHead   *wsgi.Head
	requestEnd int     // how far bytes of the connection have come
	noted      []noted // steps that come after Steps
	notedBytes []byte
}

// connection is what is remembered from one exchange to the next.
type connection struct {
	id        uint64
	peer      string
	exchanges int
	current   *record
	latest    []byte // what the last receive brought: the next request may begin in it
	interim   bool   // the head that is shown is not the final one
}

// begin starts the record of an exchange. The caller holds the lock.
func (h *Hub) begin(c *connection, now time.Time, partial bool) *record {
	h.last++
	c.exchanges++
	r := &record{connection: c}
	r.ID, r.Began, r.State, r.Partial = h.last, now, Running, partial
	r.Connection = Connection{ID: c.id, Peer: c.peer, Exchange: c.exchanges}
	c.current = r
	h.records[r.ID] = r
	h.order = append(h.order, r)
	if h.stopNext {
		h.stopNext = false
		r.gate.mode, r.gate.entry = In, true
	}
	h.forget()
	h.tell(Event{Kind: ExchangeBegan, Exchange: r.ID})
	return r
}

// recordOf finds the exchange that a step belongs to, or starts it. nil: it tells nothing about an exchange.
func (h *Hub) recordOf(s front.Step, now time.Time) *record {
	c := h.connections[s.Connection]
	fresh := c == nil
	if fresh {
		c = &connection{id: s.Connection}
		h.connections[s.Connection] = c
	}
	if address, ok := s.Value.(net.Addr); ok && s.Stage == front.Accept {
		c.peer = address.String()
	}
	if c.current != nil {
		return c.current
	}
	if s.Stage == front.Close {
		delete(h.connections, s.Connection)
		return nil // a connection that ends without another request
	}
	partial := fresh && s.Stage != front.Accept && s.Stage != front.Receive
	r := h.begin(c, now, partial)
	if s.Exchange != 0 && len(c.latest) > 0 { // its first bytes came with the request before
		r.received(c.latest, 0, 0, h)
	}
	return r
}

// meets takes what has to be known at once, of a step that is noted as well.
func (r *record) meets(s front.Step, h *Hub) {
	if s.Exchange != 0 {
		r.Number = s.Exchange
	}
	switch s.Stage {
	case front.Receive:
		r.requestEnd = max(r.requestEnd, s.Wire.End)
	case front.Parse:
		if request, ok := s.Value.(*parser.Request); ok && s.Name == "request-line" {
			r.Method, r.Target, r.Version = request.Text(request.Method), request.Text(request.Target), request.Text(request.Version)
		}
		if s.Name == "message-end" {
			r.messageEnd = s.Wire.End
		}
	case front.Environ:
		r.liveEnv, _ = s.Value.(*wsgi.Environ)
		h.python.environs[r.liveEnv] = r
		r.python = len(h.python.links) > 0
	case front.Respond:
		r.liveHead, _ = s.Value.(*wsgi.Head)
	}
}

// add writes a step out. The caller holds the lock.
func (h *Hub) add(r *record, s front.Step, at time.Duration, source Place) {
	step := Step{
		Index: len(r.Steps), At: at, Sending: s.Sending, Stage: string(s.Stage), Name: s.Name, Spec: s.Spec,
		Wire: s.Wire, Source: source, Depth: r.depth(s), Text: cut(text(s), MaxText),
	}
	r.Took = max(r.Took, at)
	switch s.Stage {
	case front.Receive:
		step.Side = "request"
		r.received(bytes.Clone(s.Bytes), s.Wire.Start, step.At, h)
	case front.Parse:
		step.Side = "request"
		if err, ok := s.Value.(error); ok {
			r.Failure = failure(err)
		}
	case front.Environ:
		if environ, ok := s.Value.(*wsgi.Environ); ok {
			r.takeEnviron(environ)
			r.takeRequestLine(environ)
		}
	case front.Call:
		r.called(&step, s, h)
	case front.Respond, front.Send:
		step.Side = "response"
		r.responded(&step, s, h)
	}
	if len(r.Steps) < MaxSteps {
		r.Steps = append(r.Steps, step)
	} else {
		r.Partial = true
	}
}

// end closes the record after its last step.
func (h *Hub) end(r *record, keep bool) {
	if r.State == Ended { // when we looked away
		return
	}
	c := r.connection
	surplus := max(r.requestEnd, r.Request.Length) - r.messageEnd
	if surplus > 0 {
		h.writeOut(r)
	}
	r.settleBlock()
	h.python.forget(r)
	r.State, r.liveEnv, r.liveHead = Ended, nil, nil
	c.current = nil
	switch {
	case !keep:
		delete(h.connections, c.id)
	case r.messageEnd > 0 && 0 < surplus && surplus <= len(c.latest):
		c.latest = c.latest[len(c.latest)-surplus:]
		r.Request.trim(r.messageEnd)
	default:
		c.latest = nil
	}
	h.tell(Event{Kind: ExchangeEnded, Exchange: r.ID})
	h.forget()
}

func (r *record) received(data []byte, start int, at time.Duration, h *Hub) {
	keep := min(len(data), max(0, MaxStream-start))
	r.Request.add(Piece{At: at, Start: start, Size: len(data), Data: data[:keep]})
	r.keeps(keep, h)
}

func (r *record) keeps(n int, h *Hub) {
	r.bytes += n
	h.bytes += n
}

func (s *Stream) add(p Piece) {
	s.Length = max(s.Length, p.Start+p.Size)
	s.Cut = s.Cut || len(p.Data) < p.Size
	if len(p.Data) > 0 || len(s.Pieces) == 0 {
		s.Pieces = append(s.Pieces, p)
	}
}

// trim takes off what belongs to the next request.
func (s *Stream) trim(end int) {
	s.Length = end
	s.Pieces = slices.Clone(s.Pieces)
	for i := range s.Pieces {
		p := &s.Pieces[i]
		p.Size = min(p.Size, max(0, end-p.Start))
		p.Data = p.Data[:min(len(p.Data), p.Size)]
	}
}

// takeEnviron copies the environ as it is now.
func (r *record) takeEnviron(environ *wsgi.Environ) {
	before := r.Environ
	r.Environ = make([]Variable, 0, len(environ.Variables)+1)
	for i, v := range environ.Variables {
		one := Variable{Name: wsgi.Latin1(v.Name), Value: wsgi.Latin1(v.Value), Wire: v.Wire, More: slices.Clone(v.More)}
		if before != nil {
			one.Edited = i >= len(before) || before[i].Name != one.Name || before[i].Edited || before[i].Value != one.Value
		}
		r.Environ = append(r.Environ, one)
	}
	own := inspect.OwnVariables(environ)
	if r.python {
		own = append(own, inspect.PythonVariables...)
	}
	for _, v := range own {
		r.Environ = append(r.Environ, Variable{Name: v.Name, Value: v.Value, Type: v.Type})
	}
}

// takeRequestLine is for web servers in front, whose protocols have none: the environ says what was in it.
func (r *record) takeRequestLine(environ *wsgi.Environ) {
	if r.Method != "" {
		return
	}
	text := func(name string) string { return wsgi.Latin1(environ.Value(name)) }
	r.Method, r.Target, r.Version = text("REQUEST_METHOD"), text("REQUEST_URI"), text("SERVER_PROTOCOL")
	if r.Target == "" { // by CGI
		r.Target = text("SCRIPT_NAME") + text("PATH_INFO")
	}
}

func (r *record) called(step *Step, s front.Step, h *Hub) {
	if s.Name != "call" {
		step.Python = r.place
		defer func() { r.place = nil }()
	}
	switch s.Name {
	case "call":
		r.inside = true
	case "start_response":
		if head, ok := s.Value.(*wsgi.Head); ok {
			r.takeHead(head)
		} else if err, ok := s.Value.(error); ok {
			r.Failure = failure(err)
		}
	case "iterable":
		r.inside = false
		if who, ok := s.Value.(wsgi.Answerer); ok && r.Worker == nil {
			r.By = who.By()
		}
	case "failed":
		r.inside = false
		if err, ok := s.Value.(error); ok {
			r.Failure = failure(err)
		}
	case "block", "write()":
		r.block(step, s, h)
	}
}

func (r *record) takeHead(head *wsgi.Head) {
	r.head = head.Headers
	h := &Head{Status: wsgi.Latin1(head.Status), Length: head.Length, Python: r.place}
	for _, field := range head.Headers {
		h.Headers = append(h.Headers, Field{wsgi.Latin1(field.Name), wsgi.Latin1(field.Value)})
	}
	r.Head = h
}

// block records a block before it is sent; where it lies in the response is known then.
func (r *record) block(step *Step, s front.Step, h *Hub) {
	r.settleBlock()
	if len(r.Blocks) == MaxBlocks {
		r.Partial = true
		return
	}
	keep := min(len(s.Bytes), max(0, MaxStream-r.blockBytes))
	b := Block{Number: len(r.Blocks) + 1, By: ByBlock, Size: len(s.Bytes), Data: bytes.Clone(s.Bytes[:keep]), Python: r.place}
	if s.Name == "write()" {
		b.By = ByWrite
	}
	r.blockBytes += keep
	r.keeps(keep, h)
	r.pending = &b
	step.Block = b.Number
}

// settleBlock puts the latest block with the others: nothing more will be known of it.
func (r *record) settleBlock() {
	if r.pending != nil {
		r.Blocks = append(r.Blocks, *r.pending)
		r.pending = nil
	}
}

// lookup is for conditions.
func (r *record) lookup(name string) string {
	if name == "status" && r.Head != nil {
		return r.Head.Status
	}
	for _, v := range r.Environ {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// snapshot is what a face gets. The caller holds the hub's lock.
func (r *record) snapshot() *Exchange {
	x := r.Exchange
	x.Steps = slices.Clip(x.Steps)
	x.Request.Pieces, x.Response.Pieces = slices.Clip(x.Request.Pieces), slices.Clip(x.Response.Pieces)
	x.Errors, x.Lines, x.Said = slices.Clip(x.Errors), slices.Clip(x.Lines), slices.Clip(x.Said)
	x.Reads, x.Texts = slices.Clip(x.Reads), slices.Clip(x.Texts)
	x.Response.Origins, x.Blocks, x.Edits = slices.Clip(x.Response.Origins), slices.Clip(x.Blocks), slices.Clip(x.Edits)
	if r.pending != nil {
		x.Blocks = append(x.Blocks, *r.pending)
	}
	return &x
}

// failure says whose fault an error was.
func failure(err error) *Failure {
	var syntax *parser.SyntaxError
	var contract *wsgi.ContractError
	var application *wsgi.ApplicationError
	switch {
	case errors.As(err, &syntax):
		return &Failure{Kind: "syntax", Text: err.Error(), Rule: syntax.Rule, Spec: syntax.Spec, Offset: syntax.Offset}
	case errors.As(err, &contract):
		return &Failure{Kind: "contract", Text: contract.Detail, Rule: contract.Rule, Spec: fmt.Sprintf("PEP 3333 %q", contract.Section)}
	case errors.As(err, &application):
		return &Failure{Kind: "application", Text: application.Exception, Traceback: application.Traceback}
	}
	return &Failure{Kind: "runtime", Text: err.Error()}
}

// text is what a step derived, on one line.
func text(s front.Step) string {
	switch value := s.Value.(type) {
	case net.Addr:
		return "from " + value.String()
	case error:
		return value.Error()
	case front.Meaning:
		return wsgi.Latin1(string(value[:min(len(value), MaxText)]))
	case *wsgi.Environ:
		return fmt.Sprintf("%d variables", len(value.Variables))
	case *wsgi.Head:
		return fmt.Sprintf("%s, %d header fields", wsgi.Latin1(value.Status), len(value.Headers))
	case wsgi.Iterable:
		if n := value.Size(); n >= 0 {
			return fmt.Sprintf("of %d bytes", n)
		}
		return "of unknown size"
	case *parser.Request:
		if s.Name == "message-body-length" {
			return framing(value)
		}
	}
	if s.Stage == front.Send || s.Stage == front.Receive {
		return fmt.Sprintf("%d bytes", len(s.Bytes))
	}
	return wsgi.Latin1(string(s.Bytes[:min(len(s.Bytes), MaxText)]))
}

func framing(r *parser.Request) string {
	switch r.Framing {
	case parser.ByLength:
		return fmt.Sprintf("%d bytes", r.ContentLength)
	case parser.ByChunks:
		return "chunked"
	}
	return "no body"
}

func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
