package token

import "glasswsgi/parser"

// Stream is the half of a Decoder that all of them have: the bytes that were fed, the events that are due, and the error
// that ended it. A decoder embeds it.
type Stream struct {
	Buffer
	failure error
	due     []Event
}

// StreamAt is a stream that has been fed, and whose first byte is that of a message at an offset.
func StreamAt(offset int, data []byte) *Stream {
	return &Stream{Buffer: Buffer{bytes: data, offset: offset}}
}

// Feed implements Decoder.
func (s *Stream) Feed(data []byte) {
	if s.failure == nil {
		s.Buffer.Feed(data)
	}
}

// Buffered implements Decoder.
func (s *Stream) Buffered() int { return s.Len() }

// Pull is Decoder's Next: the events that are due, then what the decoder finds, and after an error nothing else.
func (s *Stream) Pull(next func() (Event, *parser.SyntaxError)) (Event, error) {
	if len(s.due) > 0 {
		event := s.due[0]
		s.due = s.due[1:]
		return event, nil
	}
	if s.failure != nil {
		return Event{}, s.failure
	}
	event, broken := next()
	if broken != nil {
		s.failure = broken
		return Event{}, broken
	}
	return event, nil
}

// Failure is the error that ended the stream, or nil.
func (s *Stream) Failure() error { return s.failure }

// Due adds an event that follows from the token before and has no byte of its own.
func (s *Stream) Due(kind Kind, name, spec string, reply []byte) {
	event := Event{Kind: kind, Name: name, Spec: spec, Reply: reply}
	if kind != GotReply {
		event.Span.End = s.Offset()
	}
	s.due = append(s.due, event)
}

// Token consumes the next n bytes, which must be there, as a token.
func (s *Stream) Token(kind Kind, name, spec string, n int) Event {
	span, data := s.Take(n)
	return Event{Kind: kind, Name: name, Spec: spec, Span: span, Data: data}
}

// Some consumes what is there of the next n bytes; nothing is NeedData.
func (s *Stream) Some(kind Kind, name, spec string, n int64) Event {
	if s.Len() == 0 {
		return Event{}
	}
	return s.Token(kind, name, spec, int(min(n, int64(s.Len()))))
}

// NextRequest begins to count for the next request.
func (s *Stream) NextRequest() {
	s.Buffer.NextRequest()
	s.due = nil
}
