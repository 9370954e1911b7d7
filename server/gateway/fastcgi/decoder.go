package fastcgi

import (
	"glasswsgi/parser"
	"glasswsgi/server/gateway/token"
)

var (
	recordCut  = token.Rule{Name: "record: incomplete", Spec: "FastCGI §3.3"}
	requestCut = token.Rule{Name: "request: incomplete", Spec: "FastCGI §3.3"}
)

// state says what the next bytes must be.
type state uint8

const (
	expectHeader  state = iota // of a record; then expectContent
	expectContent              // of the record; then itself, and after its last byte expectPadding
	expectPadding              // then itself, and after its last byte expectHeader or, when a request is over, expectNothing
	expectNothing              // the request is over: NextRequest leads back to expectHeader
)

// phase is how far the active request is.
type phase uint8

const (
	noRequest phase = iota // then inParams, by FCGI_BEGIN_REQUEST
	inParams               // then inStdin, by an empty FCGI_PARAMS; or over
	inStdin                // then over, by an empty FCGI_STDIN or by FCGI_ABORT_REQUEST
	over                   // then noRequest, by NextRequest
)

// Decoder implements token.Decoder.
type Decoder struct {
	token.Stream
	values Values
	limits token.Limits
	state  state
	phase  phase

	record  Header
	left    int    // bytes of the record's content, then of its padding, that are still to come
	ignored bool   // the record means nothing to us
	answer  []byte // the content of FCGI_GET_VALUES_RESULT so far

	id      uint16 // the active request's, 0 while there is none
	keep    bool
	request token.Request
	begun   cutPair // a name-value pair that began in an earlier record
}

// New makes a decoder for one connection. values is what it tells about the application.
func New(limits token.Limits, values Values) *Decoder {
	return &Decoder{limits: limits.OrDefaults(), values: values}
}

// Keeps implements token.Decoder.
func (d *Decoder) Keeps() bool { return d.keep }

// RequestID is the ID of the active request, which every record of the response must carry; 0 while there is none.
func (d *Decoder) RequestID() uint16 { return d.id }

// WantsNoMore implements token.Decoder: the web server sends all of FCGI_STDIN, wanted or not.
func (d *Decoder) WantsNoMore() {}

// NextRequest implements token.Decoder.
func (d *Decoder) NextRequest() {
	if d.state != expectNothing {
		return
	}
	d.Stream.NextRequest()
	*d = Decoder{Stream: d.Stream, values: d.values, limits: d.limits}
}

// Next implements token.Decoder.
func (d *Decoder) Next() (token.Event, error) { return d.Pull(d.next) }

func (d *Decoder) next() (token.Event, *parser.SyntaxError) {
	switch d.state {
	case expectHeader:
		return d.nextHeader()
	case expectContent:
		return d.nextContent()
	case expectPadding:
		return d.nextPadding(), nil
	}
	return token.Event{}, nil // NextRequest is due
}

// EndOfInput implements token.Decoder. A web server may close a connection whenever no request is active (§3.5).
func (d *Decoder) EndOfInput() error {
	switch {
	case d.Failure() != nil:
		return d.Failure()
	case d.state == expectNothing:
		return nil
	case d.state != expectHeader, d.Len() > 0:
		return d.Refuse(recordCut, d.Len())
	case d.phase != noRequest:
		return d.Refuse(requestCut, 0)
	}
	return nil
}

// nextContent reads the content of the record.
func (d *Decoder) nextContent() (token.Event, *parser.SyntaxError) {
	if d.ignored {
		return d.content(token.GotSkipped, "ignored", "FastCGI §3.3"), nil
	}
	switch d.record.Type {
	case BeginRequest:
		return d.nextBegin(), nil
	case Params:
		return d.nextParam()
	case Stdin:
		return d.content(token.GotContent, "FCGI_STDIN", "FastCGI §5.3"), nil
	case GetValues:
		return d.nextValues()
	}
	return d.content(token.GotSkipped, "ignored", "FastCGI §4.2"), nil
}

// content hands out what is there of the record's content.
func (d *Decoder) content(kind token.Kind, name, spec string) token.Event {
	event := d.Some(kind, name, spec, int64(d.left))
	d.taken(len(event.Data))
	return event
}

// taken says that n bytes of the record's content have been consumed.
func (d *Decoder) taken(n int) {
	if d.left -= n; d.left == 0 {
		d.endContent()
	}
}

// endContent is what the end of a record's content means, and leads on to its padding.
func (d *Decoder) endContent() {
	empty := d.record.ContentLength == 0
	switch {
	case d.ignored:
	case d.record.RequestID == nullID:
		d.answerManagement()
	case d.record.Type == AbortRequest:
		d.phase = over
	case d.record.Type == Params && empty:
		d.phase = inStdin
		d.Due(token.GotHead, "FCGI_PARAMS", "FastCGI §5.2", nil)
	case d.record.Type == Stdin && empty:
		d.phase = over
	}
	d.state, d.left = expectPadding, d.record.PaddingLength
	if d.left == 0 {
		d.endRecord()
	}
}

// nextPadding skips the padding, as every receiver must (§3.3, "Padding").
func (d *Decoder) nextPadding() token.Event {
	event := d.Some(token.GotSkipped, "paddingData", "FastCGI §3.3", int64(d.left))
	if d.left -= len(event.Data); d.left == 0 {
		d.endRecord()
	}
	return event
}

// endRecord expects the next record, unless it was the last of its request.
func (d *Decoder) endRecord() {
	d.state = expectHeader
	switch {
	case d.phase != over:
		return
	case d.record.Type == AbortRequest:
		d.Due(token.GotAbort, "FCGI_ABORT_REQUEST", "FastCGI §5.4", nil)
	default:
		d.Due(token.GotEnd, "FCGI_STDIN", "FastCGI §6.2", nil)
	}
	d.state = expectNothing
}
