package uwsgi

import (
	"encoding/binary"
	"fmt"

	"glasswsgi/parser"
	"glasswsgi/server/gateway/token"
)

var (
	notWSGI    = token.Rule{Name: "modifier1: not a WSGI request", Spec: specPackets, Status: 501}
	pingSize   = token.Rule{Name: "datasize: a ping with a body", Spec: specPackets, Status: 400}
	modifier2  = token.Rule{Name: "modifier2: not 0", Spec: specPackets, Status: 400}
	varCut     = token.Rule{Name: "uwsgi_var: longer than the packet", Spec: specVars, Status: 400}
	headCut    = token.Rule{Name: "packet: incomplete", Spec: specHeader}
	contentCut = token.Rule{Name: "content: shorter than CONTENT_LENGTH", Spec: specPackets, Status: 400}
)

// The headings in "The uwsgi Protocol".
const (
	specHeader  = `uwsgi "uwsgi packet header"`
	specPackets = `uwsgi "Packet descriptions"`
	specVars    = `uwsgi "The uwsgi vars"`
)

// What the packets are that we take.
const (
	modifierWSGI       = 0
	modifierWSGIScript = 30  // the same; uWSGI would take SCRIPT_NAME off PATH_INFO
	modifierPing       = 100 // modifier2 is 0 in the question and 1 in the answer
)

// Pong is the answer to a ping: a packet that is all header.
const Pong = "\x64\x00\x00\x01"

const (
	headerSize = 4 // of uwsgi_packet_header
	sizeSize   = 2 // of key_size and val_size
)

// state says what the next bytes must be.
type state uint8

const (
	expectHeader  state = iota // of the packet; then expectVar, expectContent or expectNothing
	expectVar                  // then itself, and at the end of the packet expectContent or expectNothing
	expectContent              // then itself, and after CONTENT_LENGTH bytes expectNothing
	expectNothing              // the request is complete; the connection has no other
)

// Decoder implements token.Decoder.
type Decoder struct {
	token.Stream
	state   state
	left    int // bytes of the packet that are still to come
	request token.Request
}

// New makes a decoder for one connection.
func New(limits token.Limits) *Decoder {
	return &Decoder{request: token.NewRequest(limits.OrDefaults(), 0)}
}

// Keeps implements token.Decoder.
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
	case d.state == expectNothing, d.state == expectHeader && d.Len() == 0:
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
	case expectHeader:
		return d.nextHeader()
	case expectVar:
		return d.nextVar()
	case expectContent:
		event, ended := d.request.Content(&d.Stream, specPackets)
		if ended {
			d.state = expectNothing
		}
		return event, nil
	}
	return token.Event{}, nil
}

// nextHeader reads uwsgi_packet_header:
//
//	modifier1 datasize[2] modifier2                                                    (uwsgi "uwsgi packet header")
func (d *Decoder) nextHeader() (token.Event, *parser.SyntaxError) {
	if d.Len() < headerSize {
		return token.Event{}, nil
	}
	header := d.Unread()[:headerSize]
	d.left = int(binary.LittleEndian.Uint16(header[1:]))
	switch modifier1 := header[0]; {
	case modifier1 == modifierPing && d.left != 0:
		return token.Event{}, d.Refuse(pingSize, 1)
	case modifier1 == modifierPing:
	case modifier1 != modifierWSGI && modifier1 != modifierWSGIScript:
		return token.Event{}, token.LooksLikeHTTP(d.Refuse(notWSGI, 0))
	}
	if header[3] != 0 {
		return token.Event{}, d.Refuse(modifier2, 3)
	}
	event := d.Token(token.GotFrame, "uwsgi_packet_header", specHeader, headerSize)
	switch {
	case event.Data[0] == modifierPing:
		d.state = expectNothing
		d.Due(token.GotReply, "PONG", specPackets, []byte(Pong))
		d.Due(token.GotAbort, "PING", specPackets, nil)
	case d.left == 0:
		d.endVars()
	default:
		d.state = expectVar
	}
	return event, nil
}

// nextVar reads uwsgi_var:
//
//	key_size[2] key val_size[2] val                                                         (uwsgi "The uwsgi vars")
func (d *Decoder) nextVar() (token.Event, *parser.SyntaxError) {
	there := d.Unread()
	there = there[:min(len(there), d.left)]
	keyEnd, keyKnown := sized(there, 0)
	valEnd, valKnown := sized(there, keyEnd)
	switch {
	case keyKnown && valKnown && valEnd <= len(there):
		return d.takeVar(keyEnd, valEnd)
	case len(there) == d.left: // all of the packet has come
		return token.Event{}, d.Refuse(varCut, 0)
	}
	return token.Event{}, nil
}

// sized returns where a part ends whose size stands at a byte, and whether the size is there.
func sized(b []byte, at int) (end int, known bool) {
	if at+sizeSize > len(b) {
		return at, false
	}
	return at + sizeSize + int(binary.LittleEndian.Uint16(b[at:])), true
}

// takeVar takes the variable at the front.
func (d *Decoder) takeVar(keyEnd, valEnd int) (token.Event, *parser.SyntaxError) {
	there, valAt := d.Unread(), keyEnd+sizeSize
	v := token.Variable{
		Name: string(there[sizeSize:keyEnd]), Value: string(there[valAt:valEnd]),
		Wire: parser.Span{Start: d.Offset() + valAt, End: d.Offset() + valEnd},
	}
	if err := d.request.Add(&d.Buffer, &v); err != nil {
		return token.Event{}, err
	}
	if v.Name == "CONTENT_LENGTH" {
		if err := d.request.SetLength(&d.Buffer, v.Value); err != nil {
			return token.Event{}, err
		}
	}
	event := d.Token(token.GotVariable, "uwsgi_var", specVars, valEnd)
	event.Variable = v
	if d.left -= valEnd; d.left == 0 {
		d.endVars()
	}
	return event, nil
}

// endVars goes on with the content.
func (d *Decoder) endVars() {
	d.state = expectContent
	d.Due(token.GotHead, "uwsgi_var", specVars, nil)
	if d.request.Complete() {
		d.state = expectNothing
		d.Due(token.GotEnd, "content", specPackets, nil)
	}
}

// Describe says what a token means, for people; "" where its bytes say it themselves.
func Describe(e token.Event) string {
	switch e.Name {
	case "uwsgi_packet_header":
		return fmt.Sprintf("modifier1 %d, datasize %d, modifier2 %d", e.Data[0], binary.LittleEndian.Uint16(e.Data[1:]), e.Data[3])
	case "uwsgi_var":
		return e.Variable.Name + "=" + e.Variable.Value
	}
	return ""
}

// AppendRequest appends a whole request, as a web server sends it. CONTENT_LENGTH is put before the variables, which must
// not have it. All names and values together must fit into one packet.
func AppendRequest(b []byte, variables []token.Variable, content []byte) []byte {
	var vars []byte
	add := func(text string) {
		vars = binary.LittleEndian.AppendUint16(vars, uint16(len(text)))
		vars = append(vars, text...)
	}
	add("CONTENT_LENGTH")
	add(fmt.Sprint(len(content)))
	for _, v := range variables {
		add(v.Name)
		add(v.Value)
	}
	b = append(b, modifierWSGI)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(vars)))
	b = append(b, 0)
	b = append(b, vars...)
	return append(b, content...)
}
