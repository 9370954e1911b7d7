package token

import "glasswsgi/parser"

// Buffer holds the bytes that were fed and not yet consumed, and counts from the first byte of the request.
type Buffer struct {
	bytes  []byte
	read   int // where the unread bytes begin in bytes
	offset int // the position of the first unread byte in the request
}

// Feed appends bytes. Those that were consumed are dropped.
func (b *Buffer) Feed(data []byte) {
	b.bytes = append(b.bytes[:0], b.bytes[b.read:]...)
	b.bytes = append(b.bytes, data...)
	b.read = 0
}

// Unread are the bytes that are there and not consumed.
func (b *Buffer) Unread() []byte { return b.bytes[b.read:] }

// Len is how many they are.
func (b *Buffer) Len() int { return len(b.bytes) - b.read }

// Offset is the position of the first unread byte in the request.
func (b *Buffer) Offset() int { return b.offset }

// Span is the range of the next n bytes in the request.
func (b *Buffer) Span(n int) parser.Span { return parser.Span{Start: b.offset, End: b.offset + n} }

// Take consumes the next n bytes, which must be there.
func (b *Buffer) Take(n int) (parser.Span, []byte) {
	span, data := b.Span(n), b.bytes[b.read:b.read+n]
	b.read += n
	b.offset += n
	return span, data
}

// Refuse makes the error for a rule that is broken at a column of the next token.
func (b *Buffer) Refuse(broken Rule, column int) *parser.SyntaxError {
	return refuse(broken, b.Unread(), b.offset, column)
}

// RefuseNext makes the error for a rule that is broken before the next byte has come, because of what was announced. It
// shows no bytes.
func (b *Buffer) RefuseNext(broken Rule) *parser.SyntaxError {
	return &parser.SyntaxError{Rule: broken.Name, Spec: broken.Spec, Status: broken.Status, Offset: b.offset}
}

// NextRequest counts from 0 again.
func (b *Buffer) NextRequest() {
	b.offset = 0
	if b.Len() == 0 && cap(b.bytes) > largestKeptBuffer {
		*b = Buffer{}
	}
}

// Capacity is how much memory the buffer has.
func (b *Buffer) Capacity() int { return cap(b.bytes) }
