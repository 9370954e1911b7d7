package hub

import (
	"fmt"
	"strconv"
	"strings"

	"glasswsgi/parser"
)

// stageFrameID is the ID of the frame that stands for the step of the server; Python's frames count from 1.
const stageFrameID = 1_000_000

// References of a stage frame's scopes. Those of Python's values are below: a worker gives them.
const (
	requestScope = stageFrameID + iota
	environScope
	responseScope
	headersScope
	stepScope
	fieldsScope
	lastOwnReference
)

// Stack is the stack of a stopped exchange, innermost first. Of one that runs in Python it is where it is just now.
func (s *Session) Stack(id uint64) ([]Frame, error) {
	h := s.hub
	h.mu.Lock()
	r, ok := h.find(id)
	if !ok {
		h.mu.Unlock()
		return nil, ErrNoExchange
	}
	if r.State == Stopped {
		defer h.mu.Unlock()
		return r.Stop.Frames, nil
	}
	h.mu.Unlock()
	stack, err := question[[]frameTold](h, id, false, message{"command": "stack"})
	return frames(stack), err
}

// Scopes are the groups of variables of a frame.
func (s *Session) Scopes(id uint64, frame int) ([]Scope, error) {
	h := s.hub
	h.mu.Lock()
	r, ok := h.find(id)
	if !ok {
		h.mu.Unlock()
		return nil, ErrNoExchange
	}
	if frame >= stageFrameID {
		defer h.mu.Unlock()
		return r.scopes(), nil
	}
	h.mu.Unlock()
	return question[[]Scope](h, id, true, message{"command": "scopes", "frame": frame})
}

// scopes are what there is to see at a step of the server.
func (r *record) scopes() []Scope {
	scopes := []Scope{{Name: "Step", Reference: stepScope}}
	if len(r.Environ) > 0 {
		scopes = append(scopes, Scope{Name: "Environ", Reference: environScope})
	}
	scopes = append(scopes, Scope{Name: "Request", Reference: requestScope})
	if r.Head != nil || r.Response.Length > 0 {
		scopes = append(scopes, Scope{Name: "Response", Reference: responseScope})
	}
	return scopes
}

// Children are the members of a scope or a value: count of them from start on; 0 is all.
func (s *Session) Children(id uint64, reference, start, count int) ([]Value, error) {
	h := s.hub
	h.mu.Lock()
	r, ok := h.find(id)
	if !ok {
		h.mu.Unlock()
		return nil, ErrNoExchange
	}
	if reference >= stageFrameID {
		defer h.mu.Unlock()
		return page(r.children(reference), start, count), nil
	}
	h.mu.Unlock()
	return question[[]Value](h, id, true, message{"command": "children", "reference": reference, "start": start, "count": count})
}

func page(all []Value, start, count int) []Value {
	start = min(max(start, 0), len(all))
	if all = all[start:]; count > 0 && count < len(all) {
		all = all[:count]
	}
	return all
}

func (r *record) children(reference int) []Value {
	switch reference {
	case stepScope:
		return r.stepValues()
	case environScope:
		values := make([]Value, 0, len(r.Environ))
		for _, v := range r.Environ {
			if v.isText() {
				values = append(values, Value{Name: v.Name, Text: quote(v.Value), Type: "str", Editable: r.editsEnviron(), Changed: v.Edited, Wire: wire("request", v.Wire)})
			} else {
				values = append(values, Value{Name: v.Name, Text: v.Value, Type: v.Type, Wire: wire("request", v.Wire)})
			}
		}
		return values
	case requestScope:
		return []Value{{Name: "method", Text: quote(r.Method)}, {Name: "target", Text: quote(r.Target)}, {Name: "version", Text: quote(r.Version)},
			{Name: "bytes", Text: strconv.Itoa(r.Request.Length)}, {Name: "peer", Text: quote(r.Connection.Peer)}}
	case responseScope:
		values := []Value{{Name: "bytes", Text: strconv.Itoa(r.Response.Length)}, {Name: "blocks", Text: strconv.Itoa(len(r.Blocks))}}
		if r.Head != nil {
			values = append(values, Value{Name: "status", Text: quote(r.Head.Status), Type: "str", Editable: r.editsHead()},
				Value{Name: "headers", Text: fmt.Sprintf("%d header fields", len(r.Head.Headers)), Reference: fieldsScope, Count: len(r.Head.Headers)})
		}
		return values
	case fieldsScope:
		if r.Head == nil {
			return nil
		}
		var values []Value
		for _, field := range r.Head.Headers {
			values = append(values, Value{Name: field.Name, Text: quote(field.Value), Type: "str", Editable: r.editsHead()})
		}
		return values
	}
	return nil
}

func (r *record) stepValues() []Value {
	step := r.latest()
	if r.Stop != nil {
		step = &r.Steps[r.Stop.Step]
	}
	values := []Value{{Name: "stage", Text: quote(step.Stage)}, {Name: "name", Text: quote(step.Name)}, {Name: "rule", Text: quote(step.Spec)}}
	if step.Text != "" {
		values = append(values, Value{Name: "text", Text: quote(step.Text)})
	}
	if step.Wire.Len() > 0 {
		values = append(values, Value{Name: "wire", Text: step.Side + " " + step.Wire.String(), Wire: wire(step.Side, step.Wire)})
	}
	return values
}

func wire(side string, span parser.Span) *Wire {
	if span.Len() == 0 {
		return nil
	}
	return &Wire{Side: side, Start: span.Start, End: span.End}
}

func quote(s string) string { return cut(strconv.Quote(s), MaxRepr) }

// SetVariable gives a variable of a scope, or of a value, a new one, and returns it as it is now. In Python's frames
// text is an expression; elsewhere it is the new text, quoted or not.
func (s *Session) SetVariable(id uint64, reference int, name, text string) (Value, error) {
	if reference < stageFrameID {
		return s.setInPython(id, reference, name, text)
	}
	if text != "" && (text[0] == '"' || text[0] == '\'') {
		text = plain(text)
	}
	var err error
	switch {
	case reference == environScope:
		err = s.SetEnviron(id, name, text)
	case reference == responseScope && name == "status":
		err = s.SetStatus(id, text)
	case reference == fieldsScope:
		err = s.SetHeader(id, name, text)
	default:
		err = ErrNotHere
	}
	if err != nil {
		return Value{}, err
	}
	return Value{Name: name, Text: quote(text), Type: "str", Editable: true, Changed: true}, nil
}

func (s *Session) setInPython(id uint64, reference int, name, text string) (Value, error) {
	h := s.hub
	err := s.commanding()
	h.mu.Unlock()
	if err != nil {
		return Value{}, err
	}
	value, err := question[Value](h, id, true, message{"command": "set", "reference": reference, "name": name, "text": text})
	if err != nil {
		return value, err
	}
	value.Changed = true
	h.mu.Lock()
	defer h.mu.Unlock()
	if r, ok := h.find(id); ok && r.Stop != nil {
		r.edited(Edit{What: "python", Name: name, After: value.Text, By: s.name})
		h.tell(Event{Kind: ExchangeChanged, Exchange: id, Step: r.lastStep()})
	}
	return value, nil
}

// plain takes the quotes off.
func plain(text string) string {
	if unquoted, err := strconv.Unquote(text); err == nil {
		return unquoted
	}
	return strings.Trim(text, text[:1])
}

// Evaluate evaluates an expression of Python in a frame of Python, on the thread that is stopped there. In the frame of
// a step of the server it looks up a variable of the environ, or "status".
func (s *Session) Evaluate(id uint64, frame int, expression string) (Value, error) {
	h := s.hub
	if frame < stageFrameID {
		err := s.commanding()
		h.mu.Unlock()
		if err != nil {
			return Value{}, err
		}
		return question[Value](h, id, true, message{"command": "evaluate", "frame": frame, "text": expression})
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	r, ok := h.find(id)
	if !ok {
		return Value{}, ErrNoExchange
	}
	name := plain("'" + strings.TrimSpace(expression) + "'")
	name = strings.TrimSuffix(strings.TrimPrefix(name, "environ["), "]")
	for _, v := range append(r.children(environScope), r.children(responseScope)...) {
		if v.Name == unquote(name) {
			return v, nil
		}
	}
	return Value{}, fmt.Errorf("there is no %s here: at a step of the server, ask for a variable of the environ", expression)
}
