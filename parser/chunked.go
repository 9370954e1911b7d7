package parser

import "bytes"

var (
	chunkLineLong     = rule{"chunk-size: line too long", "RFC 9112 §7.1.1", 400}
	chunkSizeMissing  = rule{"chunk-size: not 1*HEXDIG", "RFC 9112 §7.1", 400}
	chunkSizeOverflow = rule{"chunk-size: does not fit 63 bits", "RFC 9112 §7.1", 400}
	chunkSizeEnd      = rule{"chunk-size: neither chunk-ext nor CRLF after it", "RFC 9112 §7.1", 400}
	chunkExtBad       = rule{"chunk-ext: malformed", "RFC 9112 §7.1.1", 400}
	chunkExtLong      = rule{"chunk-ext: too many over the whole message", "RFC 9112 §7.1.1", 400}
	chunkDataEnd      = rule{"chunk-data: no CRLF after it", "RFC 9112 §7.1", 400}
)

// nextChunkSize reads the line before a chunk's data. The size 0 ends the chunks, and the trailer section follows.
//
//	chunked-body = *chunk last-chunk trailer-section CRLF
//	chunk        = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
//	last-chunk   = 1*("0") [ chunk-ext ] CRLF                                                    (RFC 9112 §7.1)
func (p *Parser) nextChunkSize() (Event, *SyntaxError) {
	l, complete, err := p.takeLine(longestChunkLine, chunkLineLong)
	if err != nil || !complete {
		return Event{Kind: NeedData}, err
	}
	size, sizeEnd, err := parseChunkSize(l)
	if err != nil {
		return Event{}, err
	}
	if err := checkChunkExt(l, sizeEnd); err != nil {
		return Event{}, err
	}
	if err := p.countChunk(l, size, sizeEnd); err != nil {
		return Event{}, err
	}
	if size == 0 {
		p.section = p.offset()
		p.move(readLastChunk)
	} else {
		p.remaining = size
		p.move(readChunkSize)
	}
	return Event{Kind: GotChunkSize, Span: l.whole(), Data: l.bytes}, nil
}

// countChunk holds the limits on what all chunks bring along together.
func (p *Parser) countChunk(l line, size int64, sizeEnd int) *SyntaxError {
	p.extensions += len(l.bytes) - sizeEnd
	if p.extensions > mostChunkExtensions {
		return l.refuse(chunkExtLong, sizeEnd).Exceeding(mostChunkExtensions)
	}
	largest := p.limits.Body
	if largest <= 0 {
		largest = maxInt64
	}
	if size > largest-p.content {
		return l.refuse(contentTooLarge, 0).Exceeding(largest)
	}
	p.content += size
	return nil
}

// parseChunkSize reads the hexadecimal number at the front of the line. Leading zeros are allowed as far as the line
// may go; a size that would overflow MUST be caught (RFC 9112 §7.1).
//
//	chunk-size = 1*HEXDIG                                                                        (RFC 9112 §7.1)
func parseChunkSize(l line) (size int64, end int, err *SyntaxError) {
	end = countLeading(l.bytes, hexByte)
	if end == 0 {
		return 0, 0, l.refuse(chunkSizeMissing, 0)
	}
	for _, b := range l.bytes[:end] {
		if size > maxInt64>>4 {
			return 0, end, l.refuse(chunkSizeOverflow, 0)
		}
		size = size<<4 | int64(hexValue(b))
	}
	return size, end, nil
}

// checkChunkExt checks the rest of the line, behind the chunk-size. Extensions mean nothing to us, but what they may
// hold matters: a LF in one ends the line for some servers (the "TERM.EXT" way to smuggle).
//
//	chunk-ext      = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
//	chunk-ext-name = token
//	chunk-ext-val  = token / quoted-string                                                       (RFC 9112 §7.1.1)
func checkChunkExt(l line, sizeEnd int) *SyntaxError {
	for at := sizeEnd; at < len(l.bytes); {
		semicolon := skipBWS(l.bytes, at)
		switch {
		case semicolon < len(l.bytes) && l.bytes[semicolon] == ';':
		case at == sizeEnd:
			return l.refuse(chunkSizeEnd, at)
		default:
			return l.refuse(chunkExtBad, at)
		}
		name := skipBWS(l.bytes, semicolon+1)
		at = name + countLeading(l.bytes[name:], tokenByte)
		if at == name {
			return l.refuse(chunkExtBad, name)
		}
		equals := skipBWS(l.bytes, at)
		if equals == len(l.bytes) || l.bytes[equals] != '=' {
			continue
		}
		value := skipBWS(l.bytes, equals+1)
		at = value + countExtValue(l.bytes[value:])
		if at == value {
			return l.refuse(chunkExtBad, value)
		}
	}
	return nil
}

// skipBWS skips white space that should not be there: BWS = OWS (RFC 9110 §5.6.3).
func skipBWS(text []byte, at int) int {
	for at < len(text) && isBlank(text[at]) {
		at++
	}
	return at
}

// countExtValue is the length of the token or quoted-string at the front, 0 when there is neither.
//
//	quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE
//	qdtext        = HTAB / SP / %x21 / %x23-5B / %x5D-7E / obs-text
//	quoted-pair   = "\" ( HTAB / SP / VCHAR / obs-text )                                         (RFC 9110 §5.6.4)
func countExtValue(text []byte) int {
	if len(text) == 0 || text[0] != '"' {
		return countLeading(text, tokenByte)
	}
	for i := 1; i < len(text); i++ {
		switch b := text[i]; {
		case b == '"':
			return i + 1
		case b == '\\':
			i++
			if i == len(text) || !fieldByte.is(text[i]) {
				return 0
			}
		case !fieldByte.is(b):
			return 0
		}
	}
	return 0
}

// nextChunkEnd reads the CRLF after the data of a chunk, and goes on with the next size, since there is nothing to tell.
// Exactly CRLF: a server that skips any two bytes here can be made to skip what another one reads.
func (p *Parser) nextChunkEnd() (Event, *SyntaxError) {
	there := p.unread()
	for i, b := range there.bytes[:min(len(there.bytes), len(crlf))] {
		if b != crlf[i] {
			return Event{}, there.refuseEarly(chunkDataEnd, i)
		}
	}
	if !bytes.HasPrefix(there.bytes, crlf) {
		return Event{Kind: NeedData}, nil
	}
	p.consume(len(crlf))
	p.move(readChunkEnd)
	return p.nextChunkSize()
}
