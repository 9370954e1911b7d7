package token

import "glasswsgi/parser"

import "strconv"

var (
	lengthNotDigits = Rule{"CONTENT_LENGTH: not 1*DIGIT", "RFC 3875 §4.1.2", 400}
	lengthTwice     = Rule{"CONTENT_LENGTH: more than one", "RFC 3875 §4.1.2", 400}
	contentTooLarge = Rule{"content: too large", "RFC 9110 §15.5.14", 413}
	contentTooLong  = Rule{"content: longer than CONTENT_LENGTH", "RFC 3875 §4.2", 400}
	contentTooShort = Rule{"content: shorter than CONTENT_LENGTH", "RFC 3875 §4.2", 400}
	variablesMany   = Rule{"variables: too many", "RFC 6585 §5", 431}
	headTooLong     = Rule{"variables: too long", "RFC 6585 §5", 431}
	nameMissing     = Rule{"variable: without a name", "RFC 3875 §4.1", 400}
	variableNUL     = Rule{"variable: a NUL in it", "RFC 3875 §4.1", 400}
)

// Unknown is the length of a content that its own framing ends.
const Unknown = -1

// Request counts what a request has brought so far, and holds it to the limits and to its CONTENT_LENGTH. Its zero value
// is a request without content.
type Request struct {
	Limits   Limits
	Length   int64 // CONTENT_LENGTH, or Unknown
	Received int64 // bytes of the content so far

	variables, head int
	hasLength       bool
}

// NewRequest begins to count. length is what the absence of CONTENT_LENGTH means: 0, or Unknown.
func NewRequest(limits Limits, length int64) Request { return Request{Limits: limits, Length: length} }

// Announced holds a token that is not complete yet to the limits: its names and values will have so many bytes.
func (r *Request) Announced(in *Buffer, size int) *parser.SyntaxError {
	if size > r.Limits.Head-r.head {
		return in.Refuse(headTooLong, 0).Exceeding(int64(r.Limits.Head))
	}
	return nil
}

// Add counts a variable whose token begins at the next unread byte of in.
func (r *Request) Add(in *Buffer, v *Variable) *parser.SyntaxError {
	if err := r.Announced(in, len(v.Name)+len(v.Value)); err != nil {
		return err
	}
	r.head += len(v.Name) + len(v.Value)
	if r.variables++; r.variables > r.Limits.Variables {
		return in.Refuse(variablesMany, 0).Exceeding(int64(r.Limits.Variables))
	}
	switch {
	case v.Name == "":
		return in.Refuse(nameMissing, 0)
	case hasNUL(v.Name), hasNUL(v.Value): // RFC 3875 §4.1 has them in the environment, where a NUL would be the end
		return in.Refuse(variableNUL, 0)
	}
	return nil
}

func hasNUL(s string) bool {
	for i := range len(s) {
		if s[i] == 0 {
			return true
		}
	}
	return false
}

// SetLength reads CONTENT_LENGTH, whose token begins at the next unread byte of in. An empty value is none: RFC 3875
// §4.1.2 wants the variable to be absent then, and web servers send it empty.
//
//	CONTENT_LENGTH = "" | 1*digit                                                              (RFC 3875 §4.1.2)
func (r *Request) SetLength(in *Buffer, value string) *parser.SyntaxError {
	if r.hasLength {
		return in.Refuse(lengthTwice, 0)
	}
	r.hasLength = true
	if value == "" {
		return nil
	}
	for i := range len(value) {
		if value[i] < '0' || value[i] > '9' {
			return in.Refuse(lengthNotDigits, 0)
		}
	}
	length, err := strconv.ParseInt(value, 10, 64)
	if err != nil || r.Limits.Content > 0 && length > r.Limits.Content {
		return in.Refuse(contentTooLarge, 0).Exceeding(r.largest())
	}
	r.Length = length
	return nil
}

// largest is the largest content that may come.
func (r *Request) largest() int64 {
	if r.Limits.Content > 0 {
		return r.Limits.Content
	}
	return 1<<63 - 1
}

// Left is how many bytes of the content are still to come, as far as that is known.
func (r *Request) Left() int64 {
	if r.Length == Unknown {
		return r.largest() - r.Received
	}
	return r.Length - r.Received
}

// Complete says that CONTENT_LENGTH bytes have come, or are announced.
func (r *Request) Complete() bool { return r.Length != Unknown && r.Received == r.Length }

// Brings counts n bytes of content that are announced where the next unread byte of in is, or will be.
func (r *Request) Brings(in *Buffer, n int64) *parser.SyntaxError {
	switch {
	case r.Length == Unknown && n > r.Left():
		return in.RefuseNext(contentTooLarge).Exceeding(r.largest())
	case r.Length != Unknown && n > r.Left():
		return in.RefuseNext(contentTooLong)
	}
	r.Received += n
	return nil
}

// Ends checks that nothing of the content is missing where its framing ends it.
func (r *Request) Ends(in *Buffer) *parser.SyntaxError {
	if r.Length != Unknown && r.Received < r.Length {
		return in.Refuse(contentTooShort, 0)
	}
	return nil
}

// Content hands out what is there of a content that CONTENT_LENGTH ends. ended says that it was the last of it, so that
// GotEnd is due.
func (r *Request) Content(in *Stream, spec string) (event Event, ended bool) {
	event = in.Some(GotContent, "content", spec, r.Left())
	r.Received += int64(len(event.Data))
	if ended = r.Complete(); ended {
		in.Due(GotEnd, "content", spec, nil)
	}
	return event, ended
}
