package token

import (
	"bytes"
	"fmt"
	"strings"
)

// Rule is a way to break a protocol.
type Rule struct {
	Name   string // the rule and how it was broken: "FCGI_Header: version is not 1"
	Spec   string // where it stands: "FastCGI §3.3"
	Status int    // of the response that can still be sent; 0 where the framing is lost and only closing is left
}

// Error says which rule of its protocol the web server broke. What its next bytes mean is unknown: send the response, if
// there is a Status, and close the connection.
type Error struct {
	Rule
	Detail string // what the rule cannot say by itself, such as the limit; often empty
	Offset int    // the byte at which it was noticed, counted from the start of the request

	// Bytes is a copy of the last bytes of the token in question, up to the one at Offset. What lies behind is left out,
	// because how much of it has arrived depends on the network, and the same bytes always give the same error.
	Bytes []byte
}

// Error is one line: the rule, the section, and the byte.
func (e *Error) Error() string {
	rule := e.Name
	if e.Detail != "" {
		rule += ": " + e.Detail
	}
	return fmt.Sprintf("%s (%s), at byte %d", rule, e.Spec, e.Offset)
}

// Caret is two lines for a terminal: the bytes in question in hexadecimal, and a caret under the one at Offset.
func (e *Error) Caret() string {
	text := fmt.Sprintf("% x", e.Bytes)
	return text + "\n" + strings.Repeat(" ", max(0, len(text)-len("00"))) + "^"
}

// Exceeding adds the limit that was exceeded.
func (e *Error) Exceeding(limit int64) *Error {
	e.Detail = fmt.Sprintf("the limit is %d", limit)
	return e
}

const longestShown = 16

// refuse makes the error for a rule that is broken at a column of a token, which begins at a byte of the message.
func refuse(broken Rule, token []byte, start, column int) *Error {
	shown := token[:min(len(token), column+1)]
	shown = shown[max(0, len(shown)-longestShown):]
	return &Error{Rule: broken, Offset: start + column, Bytes: bytes.Clone(shown)}
}

// LooksLikeHTTP adds to an error about the first byte of a connection what the mistake may be: an HTTP client, or a web
// server that is configured to speak HTTP.
func (e *Error) LooksLikeHTTP() *Error {
	if e.Offset == 0 && len(e.Bytes) > 0 && 'A' <= e.Bytes[0] && e.Bytes[0] <= 'Z' {
		e.Detail = "it looks like HTTP; check which protocol the web server speaks to this port, and --protocol"
	}
	return e
}
