package parser

import "bytes"

// Parser reads the requests of one connection, one after the other. Its buffer holds three things in a row:
//
//	| messages that are done | head of this message | bytes that were fed and not yet read |
//	0                        start                  read
//
// In the body the consumed content lies between head and read, and the next Feed drops it: a body of any length
// passes through without the buffer growing, and the head stays where it is.
type Parser struct {
	limits  Limits
	state   State
	failure error // in state Failed: what Next answers for ever

	buffer   []byte
	start    int // where the current message begins in buffer
	read     int // where the unread bytes begin in buffer
	searched int // how many of the unread bytes are known to hold no LF
	dropped  int // how many bytes of the current message are no longer in buffer

	request    Request
	section    int   // the offset at which the header or trailer section began
	emptyLines int   // CRLFs ignored before the request-line
	remaining  int64 // bytes of the body, or of the chunk, that are still to come
	content    int64 // bytes in all chunks announced so far
	extensions int   // bytes of chunk-ext so far
	trailers   int   // trailer lines so far
}

// New makes a parser for one connection. One goroutine at a time may use it.
func New(limits Limits) *Parser { return &Parser{limits: limits.orDefaults()} }

// Feed hands over the next bytes of the connection. They are copied. A caller that feeds without calling Next until it
// answers NeedData makes the buffer grow. After an error nothing more is kept.
func (p *Parser) Feed(data []byte) {
	if p.state == Failed {
		return
	}
	p.makeRoom()
	p.buffer = append(p.buffer, data...)
	p.request.Head = p.buffer[p.start : p.start+len(p.request.Head)]
}

// makeRoom drops what is not needed any more: earlier messages as long as the head is incomplete, and the content that
// was consumed after that. The head itself is not moved any more once GotHead has shown it.
func (p *Parser) makeRoom() {
	from, to := 0, p.start
	if p.state != ExpectRequestLine && p.state != ExpectFieldLine {
		from, to = p.start+len(p.request.Head), p.read
		p.dropped += to - from
	} else {
		p.start = 0
	}
	if from == to {
		return
	}
	p.buffer = append(p.buffer[:from], p.buffer[to:]...)
	p.read -= to - from
}

// Next does what the state expects, and returns the next event of the message. The error is a *SyntaxError, and the same
// one ever after; or a *StateError, if there is a bug here.
func (p *Parser) Next() (event Event, err error) {
	var broken *SyntaxError
	switch p.state {
	case ExpectRequestLine:
		event, broken = p.nextRequestLine()
	case ExpectFieldLine:
		event, broken = p.nextFieldLine()
	case ExpectBody, ExpectChunkData:
		event, broken = p.nextContent()
	case ExpectChunkSize:
		event, broken = p.nextChunkSize()
	case ExpectChunkEnd:
		event, broken = p.nextChunkEnd()
	case ExpectTrailerLine:
		event, broken = p.nextTrailerLine()
	case ExpectEnd:
		event = p.end(toldEnd)
	case ExpectNothing:
		return Event{Kind: NeedData}, nil // NextRequest is due
	}
	if broken != nil {
		p.failure = broken
		p.move(readMistake)
	}
	if p.state == Failed {
		return Event{}, p.failure
	}
	return event, nil
}

// end tells that the message is complete.
func (p *Parser) end(read input) Event {
	p.move(read)
	return Event{Kind: GotEnd, Span: Span{0, p.offset()}}
}

// Request is the head of the current message. It is used again for the next one: valid until NextRequest. Before
// GotHead it holds what has been read so far, and its Head may move with each Feed.
func (p *Parser) Request() *Request { return &p.request }

// NextRequest begins the next message, with whatever bytes are left; spans start at 0 again. It is for the time after
// GotEnd, and does nothing before: a message that is not over has no next one.
func (p *Parser) NextRequest() {
	if p.state != ExpectNothing {
		return
	}
	unread := len(p.buffer) - p.read
	if unread == 0 {
		p.buffer, p.read = p.buffer[:0], 0
		if cap(p.buffer) > largestKeptBuffer {
			p.buffer = nil
		}
	}
	*p = Parser{
		limits: p.limits, state: p.state,
		buffer: p.buffer, start: p.read, read: p.read,
		request: Request{Fields: p.request.Fields[:0]},
	}
	p.move(askedForNext)
}

// Buffered is the number of bytes that were fed and not yet consumed.
func (p *Parser) Buffered() int { return len(p.buffer) - p.read }

// Started reports whether at least one byte of the current message has been fed. Empty lines before the request-line
// do not count once Next has seen them.
func (p *Parser) Started() bool { return len(p.buffer) > p.start }

var (
	incompleteRequestLine = rule{"request-line: incomplete", "RFC 9112 §8", 400}
	incompleteHeader      = rule{"header section: incomplete", "RFC 9112 §8", 400}
	incompleteBody        = rule{"message body: incomplete", "RFC 9112 §8", 400}
	incompleteTrailer     = rule{"trailer section: incomplete", "RFC 9112 §8", 400}
)

// Begins reports whether the head under way begins with a text. It can be asked of a message that was refused, too,
// before it has tokens.
func (p *Parser) Begins(text string) bool {
	return len(p.buffer)-p.start >= len(text) && string(p.buffer[p.start:p.start+len(text)]) == text
}

// EndOfInput says what it means that the peer will send no more: nil between messages, else a *SyntaxError, because a
// truncated message must never pass for a whole one. Call it when Next has answered NeedData.
func (p *Parser) EndOfInput() error {
	broken := incompleteBody
	switch p.state {
	case Failed:
		return p.failure
	case ExpectEnd, ExpectNothing:
		return nil
	case ExpectRequestLine:
		if !p.Started() {
			return nil
		}
		broken = incompleteRequestLine
	case ExpectFieldLine:
		broken = incompleteHeader
	case ExpectTrailerLine:
		broken = incompleteTrailer
	}
	rest := p.unread()
	return rest.refuse(broken, len(rest.bytes))
}

// offset is the position of the first unread byte in the message.
func (p *Parser) offset() int { return p.read - p.start + p.dropped }

// unread is what is there of the line that comes next.
func (p *Parser) unread() line { return line{p.buffer[p.read:], p.offset()} }

var bareLF = rule{"line: ends in a bare LF", "RFC 9112 §2.2", 400}

// takeLine consumes the next line and returns it without its CRLF, or reports that it is not complete yet.
//
// The length is checked first, and in the same way whether the line is complete or not: a line is too long as soon as
// one byte more than the limit has arrived that is not the CR of its end.
//
// Stricter than RFC 9112 §2.2 (MAY): a bare LF does not end a line. It is what a smuggler would like to be a line end
// for one party and not for the other.
func (p *Parser) takeLine(limit int, tooLong rule) (l line, complete bool, err *SyntaxError) {
	l = p.unread()
	end := bytes.IndexByte(l.bytes[p.searched:], '\n')
	complete = end >= 0
	if complete {
		end += p.searched
		l.bytes = l.bytes[:end]
	}
	p.searched = len(l.bytes)

	size := len(l.bytes)
	endsInCR := size > 0 && l.bytes[size-1] == '\r'
	if endsInCR {
		size--
	}
	switch {
	case size > limit:
		return l, false, l.refuseEarly(tooLong, limit).Exceeding(int64(limit))
	case !complete:
		return l, false, nil
	case !endsInCR:
		l.bytes = p.unread().bytes[:end+1]
		return l, false, l.refuse(bareLF, size)
	}
	p.consume(end + 1)
	l.bytes = l.bytes[:size]
	return l, true, nil
}

// consume moves past the next n bytes.
func (p *Parser) consume(n int) {
	p.read += n
	p.searched = 0
}
