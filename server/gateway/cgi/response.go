package cgi

import (
	"bytes"

	"glasswsgi/server/gateway/token"
)

// AppendStatus appends the field that begins a response of ours. status is "200 OK".
//
//	Status = "Status:" status-code SP reason-phrase NL                                        (RFC 3875 §6.3.3)
func AppendStatus(b []byte, status string) []byte { return AppendField(b, "Status", status) }

// AppendField appends a header field; an empty line must follow the last one.
//
//	protocol-field = generic-field; generic-field = field-name ":" [ field-value ] NL       (RFC 3875 §6.3.4, §6.3)
func AppendField(b []byte, name, value string) []byte {
	b = append(b, name...)
	b = append(b, ": "...)
	b = append(b, value...)
	return append(b, "\r\n"...)
}

// ExplainHead finds the tokens in the head of a response, whose first byte is that of the response at an offset.
func ExplainHead(head []byte, start int) (tokens []token.Event) {
	in := token.StreamAt(start, head)
	name, spec := "Status", "RFC 3875 §6.3.3"
	for line := range bytes.Lines(head) {
		if len(line) == len("\r\n") {
			name, spec = "end-of-header-section", "RFC 3875 §6.2"
		}
		tokens = append(tokens, in.Token(token.GotFrame, name, spec, len(line)))
		name, spec = "field-line", "RFC 3875 §6.3.4"
	}
	return tokens
}
