package parser

var (
	fieldSizeLong  = rule{"field line: too long", "RFC 9110 §5.4", 431}
	sectionLong    = rule{"header section: too long", "RFC 9110 §5.4", 431}
	tooManyFields  = rule{"header section: too many field lines", "RFC 9110 §5.4", 431}
	obsFold        = rule{"obs-fold: a line starts with white space", "RFC 9112 §5.2", 400}
	noFieldName    = rule{"field-name: missing", "RFC 9112 §5", 400}
	noColon        = rule{"field line: no colon", "RFC 9112 §5", 400}
	nameSpace      = rule{"field-name: space before the colon", "RFC 9112 §5.1", 400}
	nameNotToken   = rule{"field-name: not a token", "RFC 9110 §5.1", 400}
	valueByteBad   = rule{"field-value: control character", "RFC 9110 §5.5", 400}
	trailerLong    = rule{"trailer section: too long", "RFC 9110 §6.5", 431}
	tooManyTrailer = rule{"trailer section: too many field lines", "RFC 9110 §6.5", 431}
)

// nextFieldLine reads a field line of the header section, or the empty line that ends it.
func (p *Parser) nextFieldLine() (Event, *SyntaxError) {
	r := &p.request
	l, complete, err := p.takeSectionLine(len(r.Fields), sectionLong, tooManyFields)
	if err != nil || !complete {
		return Event{Kind: NeedData}, err
	}
	r.Head = p.buffer[p.start:p.read]
	if len(l.bytes) == 0 {
		return p.head()
	}
	field, err := parseFieldLine(l)
	if err != nil {
		return Event{}, err
	}
	p.move(readFieldLine)
	r.Fields = append(r.Fields, field)
	return Event{Kind: GotFieldLine, Span: field.Line}, nil
}

// nextTrailerLine reads a field line of the trailer section, or the empty line that ends it and the message. Trailer
// fields obey the same grammar and limits. They stay apart from the header fields, which have been acted upon already:
// a late Content-Length or Authorization must change nothing (RFC 9110 §6.5.1).
//
//	trailer-section = *( field-line CRLF )                                                     (RFC 9112 §7.1.2)
func (p *Parser) nextTrailerLine() (Event, *SyntaxError) {
	l, complete, err := p.takeSectionLine(p.trailers, trailerLong, tooManyTrailer)
	if err != nil || !complete {
		return Event{Kind: NeedData}, err
	}
	if len(l.bytes) == 0 {
		return p.end(readTrailerEnd), nil
	}
	if _, err := parseFieldLine(l); err != nil {
		return Event{}, err
	}
	p.trailers++
	p.move(readTrailerLine)
	return Event{Kind: GotTrailerLine, Span: l.whole(), Data: l.bytes}, nil
}

// takeSectionLine consumes a line of a header or trailer section within the limits. Of the two limits on its length
// the one that is reached first is reported, so that it does not matter how much of the line has arrived.
func (p *Parser) takeSectionLine(before int, sectionLong, tooMany rule) (line, bool, *SyntaxError) {
	limit, tooLong := p.limits.FieldSize, fieldSizeLong
	used := p.offset() - p.section
	if left := max(0, p.limits.HeaderSection-used-len(crlf)); left < limit {
		limit, tooLong = left, sectionLong
	}
	l, complete, err := p.takeLine(limit, tooLong)
	if err == nil && complete && len(l.bytes) > 0 && before >= p.limits.Fields {
		return l, false, l.refuse(tooMany, 0).Exceeding(int64(p.limits.Fields))
	}
	return l, complete, err
}

// parseFieldLine reads one line of a section.
//
//	field-line  = field-name ":" OWS field-value OWS                                             (RFC 9112 §5)
//	field-name  = token                                                                          (RFC 9110 §5.1)
//	field-value = *field-content: VCHAR, obs-text, and SP and HTAB between them                  (RFC 9110 §5.5)
//
// A space before the colon MUST be refused (RFC 9112 §5.1): for one party "Content-Length : 5" is a length, for another
// an unknown field. A line that starts with white space would continue the one before it (obs-fold); a server MUST
// refuse or unfold it (§5.2), and we refuse.
func parseFieldLine(l line) (FieldLine, *SyntaxError) {
	nameEnd := countLeading(l.bytes, tokenByte)
	if nameEnd == 0 || nameEnd == len(l.bytes) || l.bytes[nameEnd] != ':' {
		return FieldLine{}, refuseFieldName(l, nameEnd)
	}
	from, to := trimOWS(l.bytes, nameEnd+1, len(l.bytes))
	if n := countLeading(l.bytes[from:to], fieldByte); from+n < to {
		return FieldLine{}, l.refuse(valueByteBad, from+n)
	}
	return FieldLine{Name: l.span(0, nameEnd), Value: l.span(from, to), Line: l.whole()}, nil
}

// refuseFieldName says what is wrong with a field line whose name, of nameEnd bytes, no colon follows.
func refuseFieldName(l line, nameEnd int) *SyntaxError {
	switch {
	case isBlank(l.bytes[0]):
		return l.refuse(obsFold, 0)
	case l.bytes[0] == ':':
		return l.refuse(noFieldName, 0)
	case nameEnd == len(l.bytes):
		return l.refuse(noColon, nameEnd)
	case isBlank(l.bytes[nameEnd]):
		if colon, _ := trimOWS(l.bytes, nameEnd, len(l.bytes)); colon < len(l.bytes) && l.bytes[colon] == ':' {
			return l.refuse(nameSpace, nameEnd)
		}
	}
	return l.refuse(nameNotToken, nameEnd)
}
