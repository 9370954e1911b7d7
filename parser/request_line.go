package parser

import "bytes"

var (
	tooManyEmptyLines = rule{"request-line: too many empty lines before it", "RFC 9112 §2.2", 400}
	requestLineLong   = rule{"request-line: too long", "RFC 9112 §3", 414}
	endsAfterMethod   = rule{"request-line: ends after the method", "RFC 9112 §3", 400}
	noVersion         = rule{"request-line: no HTTP-version", "RFC 9112 §3", 400}
	spaceTooMany      = rule{"request-line: a space too many", "RFC 9112 §3", 400}
	noMethod          = rule{"method: missing", "RFC 9112 §3.1", 400}
	methodNotToken    = rule{"method: not a token", "RFC 9112 §3.1", 400}
	methodLong        = rule{"method: too long", "RFC 9112 §3", 501}
	badVersion        = rule{"HTTP-version: malformed", "RFC 9112 §2.3", 400}
	otherMajor        = rule{"HTTP-version: not HTTP/1.x", "RFC 9110 §15.6.6", 505}
)

// nextRequestLine reads the first line of a message. What cannot be a method is refused before the line is complete:
// a TLS handshake has no line end to wait for.
func (p *Parser) nextRequestLine() (Event, *SyntaxError) {
	if err := p.skipEmptyLines(); err != nil {
		return Event{}, err
	}
	limit := p.limits.RequestLine
	soFar := p.unread()
	if onlyCR(soFar.bytes) {
		return Event{Kind: NeedData}, nil
	}
	if err := checkMethod(soFar, limit); err != nil {
		return Event{}, err
	}
	l, complete, err := p.takeLine(limit, requestLineLong)
	if err != nil || !complete {
		return Event{Kind: NeedData}, err
	}
	p.request.Head = p.buffer[p.start:p.read]
	if err := parseRequestLine(l, &p.request); err != nil {
		return Event{}, err
	}
	p.section = p.offset()
	p.move(readRequestLine)
	return Event{Kind: GotRequestLine, Span: l.whole()}, nil
}

// skipEmptyLines ignores a few CRLFs before the request-line, which old clients send after the body of a POST
// (RFC 9112 §2.2, SHOULD). They are not part of the message: it begins, and its offsets count, after them.
func (p *Parser) skipEmptyLines() *SyntaxError {
	for bytes.HasPrefix(p.buffer[p.read:], crlf) {
		if p.emptyLines == mostEmptyLines {
			l := p.unread()
			return l.refuseEarly(tooManyEmptyLines, 0).Exceeding(mostEmptyLines)
		}
		p.emptyLines++
		p.consume(len(crlf))
		p.start = p.read
	}
	return nil
}

var crlf = []byte("\r\n")

// onlyCR reports whether an empty line may be under way.
func onlyCR(text []byte) bool { return len(text) == 1 && text[0] == '\r' }

// checkMethod reads as much of the method as there is, but no further than the limit of the line.
//
//	method = token                                                                             (RFC 9112 §3.1)
//
// A method that is too long gets 501, as RFC 9112 §3 says it SHOULD, and not 414, which is about the target.
func checkMethod(l line, limit int) *SyntaxError {
	for i, b := range l.bytes[:min(len(l.bytes), limit+1)] {
		switch {
		case tokenByte.is(b) && i < longestMethod:
			continue
		case tokenByte.is(b):
			return l.refuseEarly(methodLong, i).Exceeding(longestMethod)
		case i == 0 && b == 0x16:
			err := l.refuseEarly(methodNotToken, i)
			err.Detail = "it looks like a TLS handshake: https:// was asked of an http:// port"
			return err
		case i == 0 && (b == ' ' || b == '\n'):
			return l.refuseEarly(noMethod, i)
		case b == ' ':
			return nil
		case i > 0 && (b == '\r' || b == '\n'):
			return l.refuseEarly(endsAfterMethod, i)
		}
		return l.refuseEarly(methodNotToken, i)
	}
	return nil
}

// parseRequestLine splits the line, whose method has been checked, and reads the version before the target, so that
// the preface of HTTP/2, "PRI * HTTP/2.0", is answered with 505.
//
//	request-line = method SP request-target SP HTTP-version                                      (RFC 9112 §3)
//
// Stricter than §3 (MAY): one SP is one SP, and no other white space separates. "GET /a b HTTP/1.1" has no one meaning.
func parseRequestLine(l line, r *Request) *SyntaxError {
	target := bytes.IndexByte(l.bytes, ' ') + 1
	length := bytes.IndexByte(l.bytes[target:], ' ')
	switch {
	case target == len(l.bytes):
		return l.refuse(endsAfterMethod, target)
	case length < 0:
		return l.refuse(noVersion, len(l.bytes))
	case length == 0:
		return l.refuse(spaceTooMany, target)
	}
	targetEnd := target + length
	version := targetEnd + 1
	if extra := bytes.IndexByte(l.bytes[version:], ' '); extra >= 0 {
		return l.refuse(spaceTooMany, version+extra)
	}
	r.Method = l.span(0, target-1)
	r.Target = l.span(target, targetEnd)
	r.Version = l.span(version, len(l.bytes))
	if err := parseVersion(l, version, r); err != nil {
		return err
	}
	return parseTarget(l, target, targetEnd, r)
}

// parseVersion reads the version, which ends the line. It is case-sensitive. HTTP/1.2 to HTTP/1.9 do not exist, but
// would be HTTP/1.1 to a server that knows no more (RFC 9110 §2.5).
//
//	HTTP-version = HTTP-name "/" DIGIT "." DIGIT
//	HTTP-name    = %s"HTTP"                                                                    (RFC 9112 §2.3)
func parseVersion(l line, from int, r *Request) *SyntaxError {
	version := l.bytes[from:]
	const name, form = "HTTP/", "HTTP/1.1"
	switch {
	case len(version) != len(form) || string(version[:len(name)]) != name,
		!digitByte.is(version[5]) || version[6] != '.' || !digitByte.is(version[7]):
		return l.refuse(badVersion, from)
	case version[5] != '1':
		return l.refuse(otherMajor, from+len(name))
	case version[7] != '0':
		r.Minor = 1
	}
	return nil
}
