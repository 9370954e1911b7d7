package ajp

import (
	"encoding/binary"
	"glasswsgi/parser"

	"glasswsgi/server/gateway/token"
)

var (
	magicBad    = token.Rule{Name: "packet: does not begin with 12 34", Spec: specPacket}
	packetEmpty = token.Rule{Name: "packet: empty, where a request is due", Spec: specPacket, Status: 400}
	prefixBad   = token.Rule{Name: "prefix_code: not one that a web server sends", Spec: specPacket, Status: 400}
	shutdownBad = token.Rule{Name: "Shutdown: this server is not shut down by its peers", Spec: specPacket}
	pingBad     = token.Rule{Name: "Ping: there is no secure login phase", Spec: specPacket}
	packetLong  = token.Rule{Name: "packet: longer than its content", Spec: specPacket, Status: 400}
	packetShort = token.Rule{Name: "packet: too short for what it has", Spec: specPacket, Status: 400}
	packetCut   = token.Rule{Name: "packet: incomplete", Spec: specPacket}
	contentCut  = token.Rule{Name: "content: incomplete", Spec: specResponse, Status: 400}
	chunkBad    = token.Rule{Name: "Data: its size is not that of the packet", Spec: specPacket, Status: 400}
)

// state says what the next bytes must be.
type state uint8

const (
	expectPacket    state = iota // its header; then expectPrefix
	expectPrefix                 // then expectPart, or after a CPing expectPacket
	expectPart                   // the next of requestParts; then itself, and after the last expectHeader or expectAttribute
	expectHeader                 // then itself, and after num_headers of them expectAttribute
	expectAttribute              // then itself, and after 0xFF expectData or expectNothing
	expectData                   // the header of a Data packet; then expectSize, or after an empty one expectNothing
	expectSize                   // of the content in it; then expectAsking or expectChunk, or where it is 0 expectNothing
	expectAsking                 // for the packet after it; then expectChunk
	expectChunk                  // then itself, and after its last byte expectData or expectNothing
	expectNothing                // the request is complete: NextRequest leads back to expectPacket
)

// Decoder implements token.Decoder.
type Decoder struct {
	token.Stream
	limits token.Limits
	state  state
	left   int // bytes of the packet, then of the chunk, that are still to come

	part      int  // the index in requestParts
	headers   int  // request headers that are still to come
	stored    bool // the method stands in an attribute, which has not come yet
	chunked   bool // the content's length is not known
	hasLength bool
	asked     bool // a Data packet is on its way
	ahead     bool // so is the one after that which is coming
	bare      bool // Data packets have no size
	enough    bool // the application wants no more content
	nothing   bool // the content of the request before this had content-length 0
	request   token.Request
}

// New makes a decoder for one connection.
func New(limits token.Limits) *Decoder {
	limits = limits.OrDefaults()
	return &Decoder{limits: limits, request: token.NewRequest(limits, 0)}
}

// Keeps implements token.Decoder: a web server that keeps no connection closes it.
func (d *Decoder) Keeps() bool { return true }

// NextRequest implements token.Decoder.
func (d *Decoder) NextRequest() {
	if d.state != expectNothing {
		return
	}
	d.Stream.NextRequest()
	*d = Decoder{Stream: d.Stream, limits: d.limits, nothing: d.hasLength && d.request.Length == 0, request: token.NewRequest(d.limits, 0)}
}

// EndOfInput implements token.Decoder.
func (d *Decoder) EndOfInput() error {
	switch {
	case d.Failure() != nil:
		return d.Failure()
	case d.state == expectNothing, d.state == expectPacket && d.Len() == 0:
		return nil
	case d.state >= expectData:
		return d.Refuse(contentCut, d.Len())
	}
	return d.Refuse(packetCut, d.Len())
}

// Next implements token.Decoder.
func (d *Decoder) Next() (token.Event, error) { return d.Pull(d.next) }

func (d *Decoder) next() (token.Event, *parser.SyntaxError) {
	switch d.state {
	case expectPacket:
		return d.nextPacket(expectPrefix)
	case expectPrefix:
		return d.nextPrefix()
	case expectPart:
		return d.nextPart()
	case expectHeader:
		return d.nextHeader()
	case expectAttribute:
		return d.nextAttribute()
	case expectData:
		return d.nextData()
	case expectSize:
		return d.nextSize()
	case expectAsking:
		return d.ask(expectChunk), nil
	case expectChunk:
		return d.nextChunk(), nil
	}
	return token.Event{}, nil // NextRequest is due
}

// nextPacket reads the header of a packet of the web server's:
//
//	12 34 length[2]                                                                (AJPv13 "Basic Packet Structure")
//
// Looser than that: lighttpd 1.4.69 sends an empty Data packet after a request with content-length 0, too.
func (d *Decoder) nextPacket(then state) (token.Event, *parser.SyntaxError) {
	if d.Len() < headerSize {
		return token.Event{}, nil
	}
	there := d.Unread()
	if there[0] != 0x12 || there[1] != 0x34 {
		return token.Event{}, token.LooksLikeHTTP(d.Refuse(magicBad, 0))
	}
	d.left = int(binary.BigEndian.Uint16(there[2:]))
	d.state = then
	if d.left == 0 && d.nothing {
		d.state = expectPacket
	}
	d.nothing = false
	return d.Token(token.GotFrame, "packet header", specPacket, headerSize), nil
}

// nextPrefix reads the prefix code: what kind of packet it is.
func (d *Decoder) nextPrefix() (token.Event, *parser.SyntaxError) {
	switch there := d.Unread(); {
	case d.left == 0:
		return token.Event{}, d.RefuseNext(packetEmpty)
	case len(there) == 0:
		return token.Event{}, nil
	case there[0] == cPing && d.left > 1:
		return token.Event{}, d.Refuse(packetLong, 0)
	case there[0] == cPing:
		d.state = expectPacket
		d.Due(token.GotReply, "CPong Reply", specPacket, AppendCPong(nil))
	case there[0] == forwardRequest:
		d.state = expectPart
	case there[0] == shutdown:
		return token.Event{}, d.Refuse(shutdownBad, 0)
	case there[0] == ping:
		return token.Event{}, d.Refuse(pingBad, 0)
	default:
		return token.Event{}, d.Refuse(prefixBad, 0)
	}
	return d.take(token.GotFrame, "prefix_code", 1), nil
}

// take consumes the next n bytes of the packet.
func (d *Decoder) take(kind token.Kind, name string, n int) token.Event {
	d.left -= n
	return d.Token(kind, name, specRequest, n)
}

// variable consumes the next n bytes of the packet as a variable.
func (d *Decoder) variable(name string, n int, v token.Variable) (token.Event, *parser.SyntaxError) {
	if err := d.request.Add(&d.Buffer, &v); err != nil {
		return token.Event{}, err
	}
	event := d.take(token.GotVariable, name, n)
	event.Variable = v
	return event, nil
}
