package token

import (
	"bytes"

	"glasswsgi/parser"
)

// Rule is a way to break a protocol.
type Rule struct {
	Name   string // the rule and how it was broken: "FCGI_Header: version is not 1"
	Spec   string // where it stands: "FastCGI §3.3"
	Status int    // of the response that can still be sent; 0 where the framing is lost and only closing is left
}

const longestShown = 16

// refuse makes the error for a rule that is broken at a column of a token, which begins at a byte of the message. It
// shows the bytes before; what lies behind is left out, because how much of it has arrived depends on the network, and the
// same bytes always give the same error.
func refuse(broken Rule, token []byte, start, column int) *parser.SyntaxError {
	shown := token[:min(len(token), column+1)]
	shown = shown[max(0, len(shown)-longestShown):]
	return &parser.SyntaxError{
		Rule: broken.Name, Spec: broken.Spec, Status: broken.Status,
		Offset: start + column, Line: bytes.Clone(shown), Column: max(0, len(shown)-1),
	}
}

// LooksLikeHTTP adds to an error about the first byte of a connection what the mistake may be: an HTTP client, or a web
// server that is configured to speak HTTP.
func LooksLikeHTTP(e *parser.SyntaxError) *parser.SyntaxError {
	if e.Offset == 0 && len(e.Line) > 0 && 'A' <= e.Line[0] && e.Line[0] <= 'Z' {
		e.Detail = "it looks like HTTP; check which protocol the web server speaks to this port, and --protocol"
	}
	return e
}
