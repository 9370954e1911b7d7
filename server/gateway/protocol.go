package gateway

import (
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway/token"
)

// Protocol is what a web server may speak.
type Protocol struct {
	Name       string
	speak      func(limits token.Limits, config *front.Config) dialect
	queryApart bool // REQUEST_URI has no query: it comes apart
	runOnce    bool // a process has one request
}

// Protocols are all there are.
var Protocols = []Protocol{
	{Name: "fastcgi", speak: speakFastCGI},
	{Name: "scgi", speak: speakSCGI},
	{Name: "uwsgi", speak: speakUwsgi},
	{Name: "ajp", speak: speakAJP, queryApart: true},
}

// dialect is a protocol on one connection: it decodes what the web server sends, and encodes what it gets.
type dialect interface {
	token.Decoder
	// canAnswer says that the web server expects an answer: a request has begun.
	canAnswer() bool
	// appendHead appends the head of a response: its status, the fields, and nothing else.
	appendHead(b []byte, status string, fields []wsgi.Header) ([]byte, error)
	// appendBody appends a block of the body.
	appendBody(b, block []byte) []byte
	// appendEnd appends the end of a whole response. keep says that the connection may have another request.
	appendEnd(b []byte, keep bool) []byte
	// explain finds the tokens in bytes of a response that were appended together, from byte `start` of the response.
	explain(b []byte, start int) []token.Event
	// describe says what a token of either direction means; "" where its bytes say it themselves.
	describe(e token.Event) string
	// spec is where the specification says how bytes are framed.
	spec() string
}
