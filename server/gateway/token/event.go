// Package token is what the decoders of the gateways' protocols have in common: the events that they yield, the errors
// by which they refuse, and the buffer that they read from. FastCGI, SCGI, the uwsgi protocol and AJP have a package
// each, beside this one.
//
// A [Decoder] works as package parser does: bytes come in by Feed, cut anywhere; events go out by Next, in the order of
// the bytes; "need more" is an event. It does no I/O, starts no goroutine and knows no time. Every token carries the
// range of bytes that it stands in and the section of the specification that it stands under, and the tokens of a request
// lie side by side: no byte is left out, and none belongs to two of them.
//
// Nothing is ever repaired. A refusal is a *parser.SyntaxError: it names the rule, the section and the byte, and the status of the
// response that the protocol still allows, if it allows any.
package token

import "glasswsgi/parser"

// Kind says what [Decoder.Next] found.
type Kind uint8

const (
	NeedData    Kind = iota // feed more bytes: a value, not an error
	GotFrame                // a token of the protocol's framing: a header, a length, a terminator
	GotVariable             // a token that is a variable of the request, or one of its header fields
	GotHead                 // all variables are there; the content is next
	GotContent              // some bytes of the content: as many as there are, never waiting for more
	GotSkipped              // some bytes that mean nothing here: padding, or a record of a request that is over
	GotReply                // the protocol wants an answer at once, whatever the application does: send Reply
	GotAbort                // the web server has given the request up
	GotEnd                  // the request is complete: call NextRequest before Next
)

var kindNames = [...]string{
	NeedData:    "NeedData",
	GotFrame:    "GotFrame",
	GotVariable: "GotVariable",
	GotHead:     "GotHead",
	GotContent:  "GotContent",
	GotSkipped:  "GotSkipped",
	GotReply:    "GotReply",
	GotAbort:    "GotAbort",
	GotEnd:      "GotEnd",
}

// String is the name of the constant.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "Kind(?)"
}

// Event is one thing that a decoder found.
type Event struct {
	Kind Kind
	Name string // the token, in the words of its specification: "FCGI_BeginRequestBody", "modifier1"
	Spec string // where it stands there: "FastCGI §5.1"

	// Span is the range of the message that the event was made from; Data are those bytes, valid until the next call of
	// Feed, Next or NextRequest. GotHead and GotEnd span the whole message so far, and have no Data. A GotReply has
	// neither, because it follows from the token before.
	Span parser.Span
	Data []byte

	Variable Variable // of GotVariable
	Reply    []byte   // of GotReply: valid as long as the caller likes
}

// Variable is what a request says about itself, as a native string: byte n stands for code point n.
type Variable struct {
	Name, Value string
	Field       bool          // Name is the name of an HTTP field ("User-Agent"), not of a variable of RFC 3875
	Wire        parser.Span   // the bytes of the value
	More        []parser.Span // where the value goes on, when framing lies between its parts
}

// Decoder reads the requests of one connection, one after the other. One goroutine at a time may use it.
type Decoder interface {
	// Feed hands over the next bytes of the connection. They are copied. After an error nothing more is kept.
	Feed(data []byte)
	// Next returns the next event of the request. The error is always a *parser.SyntaxError, and the same one ever after.
	Next() (Event, error)
	// EndOfInput says what it means that the web server will send no more: nil between requests, else a *parser.SyntaxError,
	// because a truncated request must never pass for a whole one. Call it when Next has answered NeedData.
	EndOfInput() error
	// WantsNoMore says that the application leaves the rest of the content. Where the protocol has content asked for,
	// no more is asked for; what is on its way already still comes.
	WantsNoMore()
	// Keeps says whether another request may follow on this connection. It is known with GotHead.
	Keeps() bool
	// NextRequest begins the next request with whatever bytes are left; spans start at 0 again. It does nothing before
	// GotEnd or GotAbort: a request that is not over has no next one.
	NextRequest()
	// Buffered is the number of bytes that were fed and not yet consumed.
	Buffered() int
}
