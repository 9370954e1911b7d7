package ajp

import (
	"encoding/binary"
	"strconv"

	"glasswsgi/parser"
	"glasswsgi/server/gateway/token"
)

var (
	stringNUL     = token.Rule{Name: "string: no NUL at its end", Spec: specPacket, Status: 400}
	stringNull    = token.Rule{Name: "string: null, where there must be one", Spec: specRequest, Status: 400}
	booleanBad    = token.Rule{Name: "boolean: neither 0 nor 1", Spec: specPacket, Status: 400}
	methodUnknown = token.Rule{Name: "method: unknown code", Spec: specRequest, Status: 501}
)

// text is a string of a packet: two bytes of length, the string, and a NUL that the length does not count (AJPv13 "Basic
// Packet Structure"). A null string has the length 65535, and nothing behind it.
type text struct {
	value string
	wire  parser.Span
	null  bool
	end   int // where it ends, counted from the next unread byte
}

// textAt reads the string that begins at a byte of what is unread. there says that all of it is.
func (d *Decoder) textAt(at int) (t text, there bool, err *parser.SyntaxError) {
	length, there, err := d.integerAt(at)
	if err != nil || !there {
		return text{}, false, err
	}
	begin := at + integerSize
	if length == nullString {
		return text{null: true, end: begin}, true, nil
	}
	end := begin + length
	if end+1 > d.left {
		return text{}, false, d.RefuseNext(packetShort)
	}
	unread := d.Unread()
	if len(unread) < end+1 {
		return text{}, false, nil
	}
	if unread[end] != 0 {
		return text{}, false, d.Refuse(stringNUL, end)
	}
	wire := parser.Span{Start: d.Offset() + begin, End: d.Offset() + end}
	return text{value: string(unread[begin:end]), wire: wire, end: end + 1}, true, nil
}

// integerAt reads the number in two bytes, the higher one first, that begins at a byte of what is unread.
func (d *Decoder) integerAt(at int) (value int, there bool, err *parser.SyntaxError) {
	switch {
	case at+integerSize > d.left:
		return 0, false, d.RefuseNext(packetShort)
	case at+integerSize > d.Len():
		return 0, false, nil
	}
	return int(binary.BigEndian.Uint16(d.Unread()[at:])), true, nil
}

// byteAt reads the byte at a place of what is unread.
func (d *Decoder) byteAt(at int) (value byte, there bool, err *parser.SyntaxError) {
	switch {
	case at >= d.left:
		return 0, false, d.RefuseNext(packetShort)
	case at >= d.Len():
		return 0, false, nil
	}
	return d.Unread()[at], true, nil
}

// requestParts are what every Forward Request has after its prefix code, and the variables that they become.
//
//	method protocol req_uri remote_addr remote_host server_name server_port is_ssl num_headers
//	                                                                             (AJPv13 "Request Packet Structure")
var requestParts = [...]struct {
	name, variable string
	next           func(d *Decoder, name, variable string) (token.Event, *parser.SyntaxError)
}{
	{"method", "REQUEST_METHOD", (*Decoder).nextMethod},
	{"protocol", "SERVER_PROTOCOL", (*Decoder).nextText},
	{"req_uri", "REQUEST_URI", (*Decoder).nextText},
	{"remote_addr", "REMOTE_ADDR", (*Decoder).nextText},
	{"remote_host", "REMOTE_HOST", (*Decoder).nextText},
	{"server_name", "SERVER_NAME", (*Decoder).nextText},
	{"server_port", "SERVER_PORT", (*Decoder).nextPort},
	{"is_ssl", "HTTPS", (*Decoder).nextIsSSL},
	{"num_headers", "", (*Decoder).nextNumHeaders},
}

// nextPart reads the next of requestParts.
func (d *Decoder) nextPart() (token.Event, *parser.SyntaxError) {
	part := requestParts[d.part]
	event, err := part.next(d, part.name, part.variable)
	if err == nil && event.Kind != token.NeedData {
		d.part++
	}
	return event, err
}

// nextMethod reads the code of the method; a method without a code comes in an attribute.
func (d *Decoder) nextMethod(name, variable string) (token.Event, *parser.SyntaxError) {
	code, there, err := d.byteAt(0)
	switch {
	case err != nil || !there:
		return token.Event{}, err
	case code == storedMethod:
		d.stored = true
		return d.take(token.GotFrame, name, 1), nil
	case code == 0 || int(code) >= len(methods):
		return token.Event{}, d.Refuse(methodUnknown, 0)
	}
	return d.variable(name, 1, token.Variable{Name: variable, Value: methods[code], Wire: d.Span(1)})
}

// nextText reads a string. Only the addresses and names of the two peers may be null.
func (d *Decoder) nextText(name, variable string) (token.Event, *parser.SyntaxError) {
	t, there, err := d.textAt(0)
	switch {
	case err != nil || !there:
		return token.Event{}, err
	case t.null && (name == "protocol" || name == "req_uri"):
		return token.Event{}, d.Refuse(stringNull, 0)
	case t.null:
		return d.take(token.GotFrame, name, t.end), nil
	}
	return d.variable(name, t.end, token.Variable{Name: variable, Value: t.value, Wire: t.wire})
}

func (d *Decoder) nextPort(name, variable string) (token.Event, *parser.SyntaxError) {
	port, there, err := d.integerAt(0)
	if err != nil || !there {
		return token.Event{}, err
	}
	return d.variable(name, integerSize, token.Variable{Name: variable, Value: strconv.Itoa(port), Wire: d.Span(integerSize)})
}

// nextIsSSL reads a boolean: "other non-zero values as true may work in some places, but it won't in others".
func (d *Decoder) nextIsSSL(name, variable string) (token.Event, *parser.SyntaxError) {
	switch value, there, err := d.byteAt(0); {
	case err != nil || !there:
		return token.Event{}, err
	case value > 1:
		return token.Event{}, d.Refuse(booleanBad, 0)
	case value == 0:
		return d.take(token.GotFrame, name, 1), nil
	}
	return d.variable(name, 1, token.Variable{Name: variable, Value: "on", Wire: d.Span(1)})
}

func (d *Decoder) nextNumHeaders(name, _ string) (token.Event, *parser.SyntaxError) {
	n, there, err := d.integerAt(0)
	if err != nil || !there {
		return token.Event{}, err
	}
	d.headers = n
	d.state = expectHeader
	if n == 0 {
		d.state = expectAttribute
	}
	return d.take(token.GotFrame, name, integerSize), nil
}
