package parser

import "strconv"

// Span is a range of bytes of one message, [Start, End), counted from the first byte of that message. Every token
// that the parser finds carries one, so that any view can say which bytes a value came from.
type Span struct{ Start, End int }

// Len is the number of bytes in the range.
func (s Span) Len() int { return s.End - s.Start }

// String writes the range as "Start-End", the way traces show it.
func (s Span) String() string {
	return strconv.Itoa(s.Start) + "-" + strconv.Itoa(s.End)
}
