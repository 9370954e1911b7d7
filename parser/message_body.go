package parser

const maxInt64 = 1<<63 - 1

var (
	codingInHTTP10  = rule{"Transfer-Encoding: in an HTTP/1.0 message", "RFC 9112 §6.1", 400}
	codingAndLength = rule{"Transfer-Encoding: together with Content-Length", "RFC 9112 §6.3", 400}
	codingNotFinal  = rule{"Transfer-Encoding: chunked is not the final coding", "RFC 9112 §6.3", 400}
	codingTwice     = rule{"Transfer-Encoding: chunked more than once", "RFC 9112 §6.1", 400}
	codingEmpty     = rule{"Transfer-Encoding: empty list element", "RFC 9112 §6.1", 400}
	codingUnknown   = rule{"Transfer-Encoding: a coding besides chunked", "RFC 9112 §6.1", 501}
	lengthTwice     = rule{"Content-Length: more than one field line", "RFC 9112 §6.3", 400}
	lengthNotDigits = rule{"Content-Length: not 1*DIGIT", "RFC 9110 §8.6", 400}
	lengthOverflow  = rule{"Content-Length: does not fit 63 bits", "RFC 9110 §8.6", 400}
	contentTooLarge = rule{"content: too large", "RFC 9110 §15.5.14", 413}
)

// findFraming decides how the end of the body will be found, in the order of RFC 9112 §6.3. Every doubt is refused:
// this decision is where request smuggling happens.
//
// Stricter than §6.3 (MAY): a message with both fields, or with two lines of the same Content-Length, is not processed.
// Stricter than §6.1: Transfer-Encoding in HTTP/1.0 is faulty framing, and we do not process it and close, but refuse.
func (r *Request) findFraming(largest int64) *SyntaxError {
	coding, codings := r.find("transfer-encoding")
	length, lengths := r.find("content-length")
	switch {
	case codings > 0 && r.Minor == 0:
		return r.refuse(codingInHTTP10, coding, coding.Name.Start)
	case codings > 0 && lengths > 0:
		return r.refuse(codingAndLength, coding, coding.Name.Start)
	case codings > 0:
		r.Framing = ByChunks
		return r.checkCodings()
	case lengths > 1:
		last := r.last("content-length")
		return r.refuse(lengthTwice, last, last.Name.Start)
	case lengths == 1:
		r.Framing = ByLength
		return r.parseContentLength(length, largest)
	}
	return nil
}

// checkCodings accepts the one value "chunked", in any case, and sorts out the others.
//
//	Transfer-Encoding = #transfer-coding                                                         (RFC 9112 §6.1)
//
// A final coding other than chunked leaves the length unknown: 400 (§6.3, MUST). chunked MUST NOT be applied twice
// (§6.1). A coding that we do not understand before a final chunked: 501 (§6.1, SHOULD).
//
// Stricter than RFC 9110 §5.6.1.2 (MUST): empty list elements are refused, because "Transfer-Encoding: ,chunked" is
// something that only those send who want two servers to disagree about it.
func (r *Request) checkCodings() *SyntaxError {
	var final FieldLine
	members, chunked, finalIsChunked := 0, 0, false
	for _, field := range r.Fields {
		if !r.is(field, "transfer-encoding") {
			continue
		}
		final = field
		for list, more := r.Bytes(field.Value), true; more; members++ {
			var member []byte
			member, list = cutMember(list)
			more = list != nil
			if len(member) == 0 {
				return r.refuse(codingEmpty, field, field.Value.Start)
			}
			if finalIsChunked = EqualFold(member, "chunked"); finalIsChunked {
				chunked++
			}
		}
	}
	switch {
	case !finalIsChunked:
		return r.refuse(codingNotFinal, final, final.Value.Start)
	case chunked > 1:
		return r.refuse(codingTwice, final, final.Value.Start)
	case members > 1:
		return r.refuse(codingUnknown, final, final.Value.Start)
	}
	return nil
}

// parseContentLength sets ContentLength.
//
//	Content-Length = 1*DIGIT                                                                     (RFC 9110 §8.6)
//
// No sign, no white space inside, no list: stricter than §8.6 (MAY), which lets "5, 5" pass as 5.
func (r *Request) parseContentLength(field FieldLine, largest int64) *SyntaxError {
	value := r.Bytes(field.Value)
	if n := countLeading(value, digitByte); n == 0 || n < len(value) {
		return r.refuse(lengthNotDigits, field, field.Value.Start+n)
	}
	for _, b := range value {
		digit := int64(b - '0')
		if r.ContentLength > (maxInt64-digit)/10 {
			return r.refuse(lengthOverflow, field, field.Value.Start)
		}
		r.ContentLength = r.ContentLength*10 + digit
	}
	if largest > 0 && r.ContentLength > largest {
		return r.refuse(contentTooLarge, field, field.Value.Start).Exceeding(largest)
	}
	return nil
}

// nextContent hands out what is there of the content, as far as the body or the chunk goes.
//
//	message-body = *OCTET                                                                        (RFC 9112 §6)
func (p *Parser) nextContent() (Event, *SyntaxError) {
	there := p.unread()
	if len(there.bytes) == 0 {
		return Event{Kind: NeedData}, nil
	}
	if int64(len(there.bytes)) > p.remaining {
		there.bytes = there.bytes[:p.remaining]
	}
	p.consume(len(there.bytes))
	p.remaining -= int64(len(there.bytes))
	if p.remaining == 0 {
		p.move(readLastContent)
	} else {
		p.move(readContent)
	}
	return Event{Kind: GotBody, Span: there.whole(), Data: there.bytes}, nil
}
