package scgi

import (
	"bytes"

	"glasswsgi/parser"
	"glasswsgi/server/gateway/token"
)

var (
	lengthNotDigits = token.Rule{Name: "netstring: its length is not 1*DIGIT", Spec: "SCGI §4"}
	lengthZero      = token.Rule{Name: "netstring: its length begins with 0", Spec: "SCGI §4"}
	netstringLong   = token.Rule{Name: "netstring: too long", Spec: "RFC 6585 §5", Status: 431}
	nameEmpty       = token.Rule{Name: "header: without a name", Spec: "SCGI §3", Status: 400}
	headerCut       = token.Rule{Name: "header: not ended by the end of the netstring", Spec: "SCGI §3", Status: 400}
	lengthNotFirst  = token.Rule{Name: "CONTENT_LENGTH: not the first header", Spec: "SCGI §3", Status: 400}
	lengthEmpty     = token.Rule{Name: "CONTENT_LENGTH: empty", Spec: "SCGI §3", Status: 400}
	noComma         = token.Rule{Name: "netstring: no comma at its end", Spec: "SCGI §4", Status: 400}
	notSCGI         = token.Rule{Name: "SCGI: there is no such header with the value 1", Spec: "SCGI §3", Status: 400}
	headCut         = token.Rule{Name: "netstring: incomplete", Spec: "SCGI §4"}
	contentCut      = token.Rule{Name: "content: shorter than CONTENT_LENGTH", Spec: "SCGI §3", Status: 400}
)

// state says what the next bytes must be.
type state uint8

const (
	expectLength  state = iota // of the netstring, and a colon; then expectHeader
	expectHeader               // then itself, and at the end of the netstring expectComma
	expectComma                // then expectContent
	expectContent              // then itself, and after CONTENT_LENGTH bytes expectNothing
	expectNothing              // the request is complete; the connection has no other
)

// Decoder implements token.Decoder.
type Decoder struct {
	token.Stream
	state state

	left     int // bytes of the netstring that are still to come
	searched int // bytes of the next header that were searched for its two NULs
	nameEnd  int // where the first of them is, 0 where it has not come
	begun    bool
	saysSCGI bool
	request  token.Request
}

// New makes a decoder for one connection.
func New(limits token.Limits) *Decoder {
	return &Decoder{request: token.NewRequest(limits.OrDefaults(), 0)}
}

// Keeps implements token.Decoder: the application "sends back a response and closes the connection" (SCGI §2).
func (d *Decoder) Keeps() bool { return false }

// WantsNoMore implements token.Decoder: the web server sends all of the content, wanted or not.
func (d *Decoder) WantsNoMore() {}

// NextRequest implements token.Decoder: there is none.
func (d *Decoder) NextRequest() {}

// EndOfInput implements token.Decoder.
func (d *Decoder) EndOfInput() error {
	switch {
	case d.Failure() != nil:
		return d.Failure()
	case d.state == expectNothing, d.state == expectLength && d.Len() == 0:
		return nil
	case d.state == expectContent:
		return d.Refuse(contentCut, d.Len())
	}
	return d.Refuse(headCut, d.Len())
}

// Next implements token.Decoder.
func (d *Decoder) Next() (token.Event, error) { return d.Pull(d.next) }

func (d *Decoder) next() (token.Event, *parser.SyntaxError) {
	switch d.state {
	case expectLength:
		return d.nextLength()
	case expectHeader:
		return d.nextHeader()
	case expectComma:
		return d.nextComma()
	case expectContent:
		event, ended := d.request.Content(&d.Stream, "SCGI §3")
		if ended {
			d.state = expectNothing
		}
		return event, nil
	}
	return token.Event{}, nil
}

// nextLength reads the length of the netstring and the colon behind it. It is refused as soon as it is too large, so
// that a number without an end is never waited for.
//
//	netstring = len ":" string ","                                                                       (SCGI §4)
func (d *Decoder) nextLength() (token.Event, *parser.SyntaxError) {
	there, size := d.Unread(), 0
	for i, b := range there {
		switch {
		case b == ':' && i > 0:
			d.left, d.state = size, expectHeader
			if size == 0 {
				d.state = expectComma
			}
			return d.Token(token.GotFrame, "netstring length", "SCGI §4", i+1), nil
		case b < '0' || b > '9':
			return token.Event{}, token.LooksLikeHTTP(d.Refuse(lengthNotDigits, i))
		case i == 1 && there[0] == '0':
			return token.Event{}, d.Refuse(lengthZero, 0)
		}
		if size = size*10 + int(b-'0'); size > d.request.Limits.Head {
			return token.Event{}, d.Refuse(netstringLong, i).Exceeding(int64(d.request.Limits.Head))
		}
	}
	return token.Event{}, nil
}

// nextHeader reads a header. Each byte is searched once, however many pieces it comes in.
//
//	header = name NUL value NUL                                                                          (SCGI §3)
func (d *Decoder) nextHeader() (token.Event, *parser.SyntaxError) {
	there := d.Unread()
	there = there[:min(len(there), d.left)]
	for d.searched < len(there) {
		n := bytes.IndexByte(there[d.searched:], 0)
		if n < 0 {
			d.searched = len(there)
			break
		}
		at := d.searched + n
		d.searched = at + 1
		if d.nameEnd > 0 {
			return d.takeHeader(at)
		}
		if at == 0 {
			return token.Event{}, d.Refuse(nameEmpty, 0)
		}
		d.nameEnd = at
	}
	if len(there) == d.left {
		return token.Event{}, d.Refuse(headerCut, 0)
	}
	return token.Event{}, nil
}

// takeHeader takes the header whose value ends at a byte.
func (d *Decoder) takeHeader(valueEnd int) (token.Event, *parser.SyntaxError) {
	valueAt, there := d.nameEnd+1, d.Unread()
	v := token.Variable{
		Name: string(there[:d.nameEnd]), Value: string(there[valueAt:valueEnd]),
		Wire: parser.Span{Start: d.Offset() + valueAt, End: d.Offset() + valueEnd},
	}
	if err := d.request.Add(&d.Buffer, &v); err != nil {
		return token.Event{}, err
	}
	if err := d.checkHeader(v, valueAt); err != nil {
		return token.Event{}, err
	}
	event := d.Token(token.GotVariable, "header", "SCGI §3", valueEnd+1)
	event.Variable = v
	d.searched, d.nameEnd, d.begun = 0, 0, true
	if d.left -= valueEnd + 1; d.left == 0 {
		d.state = expectComma
	}
	return event, nil
}

// checkHeader holds what the specification demands of two headers.
func (d *Decoder) checkHeader(v token.Variable, valueAt int) *parser.SyntaxError {
	switch {
	case v.Name == "CONTENT_LENGTH" && v.Value == "":
		return d.Refuse(lengthEmpty, valueAt)
	case v.Name == "CONTENT_LENGTH":
		return d.request.SetLength(&d.Buffer, v.Value)
	case !d.begun:
		return d.Refuse(lengthNotFirst, 0)
	case v.Name == "SCGI" && v.Value == "1":
		d.saysSCGI = true
	}
	return nil
}

// nextComma reads the end of the netstring, which is the end of the head.
func (d *Decoder) nextComma() (token.Event, *parser.SyntaxError) {
	switch there := d.Unread(); {
	case len(there) == 0:
		return token.Event{}, nil
	case there[0] != ',':
		return token.Event{}, d.Refuse(noComma, 0)
	case !d.begun:
		return token.Event{}, d.Refuse(lengthNotFirst, 0)
	case !d.saysSCGI:
		return token.Event{}, d.Refuse(notSCGI, 0)
	}
	event := d.Token(token.GotFrame, "netstring end", "SCGI §4", 1)
	d.Due(token.GotHead, "headers", "SCGI §3", nil)
	d.state = expectContent
	if d.request.Complete() {
		d.state = expectNothing
		d.Due(token.GotEnd, "content", "SCGI §3", nil)
	}
	return event, nil
}
