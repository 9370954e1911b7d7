package parser

import "bytes"

var expectUnknown = rule{"Expect: not 100-continue", "RFC 9110 §10.1.1", 417}

// head completes the request at the empty line: what all field lines together mean for the rest of the message.
func (p *Parser) head() (Event, *SyntaxError) {
	r := &p.request
	if err := r.findHost(); err != nil {
		return Event{}, err
	}
	if err := r.findFraming(p.limits.Body); err != nil {
		return Event{}, err
	}
	if err := r.findExpectation(); err != nil {
		return Event{}, err
	}
	r.KeepAlive = r.WantsKeepAlive()
	switch {
	case r.Framing == ByChunks:
		p.move(readHeadChunked)
	case r.ContentLength > 0:
		p.remaining = r.ContentLength
		p.move(readHeadLength)
	default:
		p.move(readHead)
	}
	return Event{Kind: GotHead, Span: Span{0, p.offset()}}, nil
}

// is reports whether the field has a name, given in lower case: names are case-insensitive (RFC 9110 §5.1).
func (r *Request) is(field FieldLine, name string) bool {
	return field.Name.Len() == len(name) && EqualFold(r.Bytes(field.Name), name)
}

// find returns the first field line with the name, and how many there are.
func (r *Request) find(name string) (first FieldLine, count int) {
	for _, field := range r.Fields {
		if r.is(field, name) {
			if count == 0 {
				first = field
			}
			count++
		}
	}
	return first, count
}

// last returns the last field line with the name: when a field must come once, it is the one to complain about.
func (r *Request) last(name string) (last FieldLine) {
	for _, field := range r.Fields {
		if r.is(field, name) {
			last = field
		}
	}
	return last
}

// refuse makes the error for a rule that a field line breaks; at is an offset in the message.
func (r *Request) refuse(broken rule, field FieldLine, at int) *SyntaxError {
	l := line{r.Bytes(field.Line), field.Line.Start}
	return l.refuse(broken, at-field.Line.Start)
}

// WantsKeepAlive decides whether the peer is willing to send another request, in the order of RFC 9112 §9.3: close
// wins; HTTP/1.1 is willing by default; HTTP/1.0 when it says keep-alive.
//
//	Connection        = #connection-option, over all its lines
//	connection-option = token                                                                  (RFC 9110 §7.6.1)
//
// Empty members are ignored (RFC 9110 §5.6.1.2). A member that is no token makes the list unreadable, and might have
// been meant to be close: the connection ends, which is always allowed.
func (r *Request) WantsKeepAlive() bool {
	keep := r.Minor >= 1
	for _, field := range r.Fields {
		if !r.is(field, "connection") {
			continue
		}
		for list := r.Bytes(field.Value); len(list) > 0; {
			var member []byte
			member, list = cutMember(list)
			switch {
			case EqualFold(member, "close"), countLeading(member, tokenByte) < len(member):
				return false
			case EqualFold(member, "keep-alive"):
				keep = true
			}
		}
	}
	return keep
}

// cutMember returns the first member of a list, and the rest behind its comma.
//
//	#element = [ element ] *( OWS "," OWS [ element ] )                                        (RFC 9110 §5.6.1)
func cutMember(list []byte) (member, rest []byte) {
	member = list
	if comma := bytes.IndexByte(list, ','); comma >= 0 {
		member, rest = list[:comma], list[comma+1:]
	}
	from, to := trimOWS(member, 0, len(member))
	return member[from:to], rest
}

// findExpectation decides whether the peer waits for 100 (Continue) before it sends the body. HTTP/1.0 has no
// expectations, and a server MUST ignore them there. No client waits for leave to send an empty body.
//
//	Expect = #expectation, and the only expectation there is: "100-continue", case-insensitive  (RFC 9110 §10.1.1)
//
// Anything else is answered with 417 (MAY); so is a list, which could only say the same thing twice.
func (r *Request) findExpectation() *SyntaxError {
	if r.Minor == 0 {
		return nil
	}
	for _, field := range r.Fields {
		if !r.is(field, "expect") {
			continue
		}
		if !EqualFold(r.Bytes(field.Value), "100-continue") {
			return r.refuse(expectUnknown, field, field.Value.Start)
		}
		r.ExpectContinue = r.Framing == ByChunks || r.ContentLength > 0
	}
	return nil
}
