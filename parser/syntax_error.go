package parser

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// SyntaxError says which rule of its protocol the peer broke: of HTTP, or of a gateway's. Answer with Status and close
// the connection: after a syntax error, where the next request begins is unknown.
type SyntaxError struct {
	Rule   string // the rule and how it was broken: "field-name: space before the colon"
	Spec   string // where the rule stands: "RFC 9112 §5.1"
	Detail string // what the rule cannot say by itself, such as the limit; often empty
	Status int    // the status code to answer with; 0 where the protocol leaves no way to answer
	Offset int    // the byte at which it was noticed, counted from the start of the message

	// Line is a copy of the line in question, cut to a readable length round Column, the index of the byte at Offset.
	// When the error was clear before the line was complete it ends at that byte, however much of it had arrived, so
	// that the same bytes always give the same error.
	Line   []byte
	Column int
}

// Error is one line: the rule, the section, and the byte.
func (e *SyntaxError) Error() string {
	rule := e.Rule
	if e.Detail != "" {
		rule += ": " + e.Detail
	}
	return fmt.Sprintf("%s (%s), at byte %d", rule, e.Spec, e.Offset)
}

// Caret is two lines for a terminal: the line in question with every byte printable, and a caret under the column.
func (e *SyntaxError) Caret() string {
	before := printable(e.Line[:e.Column])
	return before + printable(e.Line[e.Column:]) + "\n" + strings.Repeat(" ", len(before)) + "^"
}

// printable escapes every byte that is not visible ASCII, so that a hostile line cannot drive a terminal.
func printable(line []byte) string {
	var text strings.Builder
	for _, b := range line {
		switch {
		case b == '\r':
			text.WriteString(`\r`)
		case b == '\n':
			text.WriteString(`\n`)
		case b == '\t':
			text.WriteString(`\t`)
		case b == '\\':
			text.WriteString(`\\`)
		case b < ' ' || b > '~':
			fmt.Fprintf(&text, `\x%02X`, b)
		default:
			text.WriteByte(b)
		}
	}
	return text.String()
}

// rule is a way to break HTTP. Each file declares the rules that it watches over, and the tests check that every one
// of them is broken by some row.
type rule struct {
	name   string
	spec   string
	status int
}

// line is one line of the message, without its CRLF, and the offset of its first byte.
type line struct {
	bytes []byte
	at    int
}

// span is the range of the message of the bytes [from, to) of the line.
func (l line) span(from, to int) Span { return Span{l.at + from, l.at + to} }

// whole is the range of the message of the whole line.
func (l line) whole() Span { return l.span(0, len(l.bytes)) }

const longestShownLine, shownBefore = 160, 120

// refuse makes the error for a rule that is broken at a column of the line.
func (l line) refuse(broken rule, column int) *SyntaxError {
	from := max(0, column-shownBefore)
	to := min(len(l.bytes), from+longestShownLine)
	return &SyntaxError{
		Rule: broken.name, Spec: broken.spec, Status: broken.status,
		Offset: l.at + column, Line: bytes.Clone(l.bytes[from:to]), Column: column - from,
	}
}

// refuseEarly is refuse for a rule that must not wait for the end of the line: it shows nothing after the column,
// because how much there is depends on how the network cut the bytes.
func (l line) refuseEarly(broken rule, column int) *SyntaxError {
	l.bytes = l.bytes[:min(len(l.bytes), column+1)]
	return l.refuse(broken, column)
}

// Exceeding adds the limit that was exceeded.
func (e *SyntaxError) Exceeding(limit int64) *SyntaxError {
	e.Detail = "the limit is " + strconv.FormatInt(limit, 10)
	return e
}
