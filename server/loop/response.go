//go:build linux

package loop

import (
	"bytes"
	"strconv"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
	"glasswsgi/server/front"
)

// Answered implements wsgi.Receiver: the bytes of the response are made, and leave with those of others.
func (r *request) Answered(whole *wsgi.Whole) {
	c := r.connection
	if c.request != r { // it was closed meanwhile
		return
	}
	l := c.loop
	l.at = c
	if f := l.fields(r.head); !r.isHead && l.Access == nil {
		if out, known := l.latest.append(c.out[:0], whole, f, l.now); known {
			c.out, r.keep = out, f.Keep
			l.answered = append(l.answered, c)
			return
		}
	}
	a := assembler{request: r, out: c.out[:0]}
	if failed, _ := wsgi.Run(whole, r.environ, r.response(&a)); failed != nil {
		c.handOver(kept(whole)) // a goroutine tells of what is wrong
		return
	}
	a.done()
	l.latest.remember(&a.head, a.fields, l.now)
}

// Answers implements wsgi.Receiver: the loop calls the application. It gets an environ of its own, which it may change, or keep.
func (r *request) Answers(application wsgi.Application) {
	c := r.connection
	if c.request != r {
		return
	}
	c.loop.at = c
	a, told := assembler{request: r, out: c.out[:0]}, &record{application: application}
	if failed, unclosed := wsgi.Run(told, r.ownEnviron(), r.response(&a)); failed != nil || unclosed != nil {
		c.handOver(&again{record: told})
		return
	}
	a.done()
}

// response is that of the request.
func (r *request) response(a wsgi.Assembler) *wsgi.Response {
	response := wsgi.NewResponse(a, nil)
	response.Bodiless = r.isHead
	return response
}

// kept is a copy that stays valid.
func kept(whole *wsgi.Whole) *wsgi.Whole {
	other := *whole
	other.Blocks = nil
	for _, block := range whole.Blocks {
		other.Blocks = append(other.Blocks, bytes.Clone(block))
	}
	return &other
}

// Waits implements wsgi.Receiver.
func (r *request) Waits(rest wsgi.Application) {
	if c := r.connection; c.request == r {
		c.handOver(rest)
		return
	}
	r.abandon(rest)
}

// assembler makes the bytes of a response that is there in full.
type assembler struct {
	request *request
	out     []byte
	head    wsgi.Head
	fields  server.Fields
	body    int64
}

// fields are what the server's own header fields depend on, for a response of a known length.
func (l *Loop) fields(r *parser.Request) server.Fields {
	return server.Fields{Framing: front.ByLength, Minor: r.Minor, Keep: r.KeepAlive && l.KeepsConnections(), Software: l.Software}
}

// SendHead implements wsgi.Assembler.
func (a *assembler) SendHead(head wsgi.Head) error {
	r := a.request.head
	a.head, a.fields = head, a.request.connection.loop.fields(r)
	a.fields.Framing = front.ChooseFraming(&head, r.Minor)
	a.fields.Keep = a.fields.Keep && a.fields.Framing != front.ByClose
	a.out = server.AppendHead(a.out, &head, a.fields)
	return nil
}

// SendBody implements wsgi.Assembler.
func (a *assembler) SendBody(block []byte) error {
	a.body += int64(len(block))
	if a.fields.Framing != front.ByChunks {
		a.out = append(a.out, block...)
		return nil
	}
	a.out = append(strconv.AppendInt(a.out, int64(len(block)), 16), "\r\n"...) // RFC 9112 §7.1
	a.out = append(append(a.out, block...), "\r\n"...)
	return nil
}

// SendEnd implements wsgi.Assembler.
func (a *assembler) SendEnd() error {
	if a.fields.Framing == front.ByChunks {
		a.out = append(a.out, "0\r\n\r\n"...)
	}
	return nil
}

// done leaves the response to be sent with others.
func (a *assembler) done() {
	r := a.request
	c := r.connection
	c.out, r.keep = a.out, a.fields.Keep
	r.log(a)
	c.loop.answered = append(c.loop.answered, c)
}

// log tells the access log.
func (r *request) log(a *assembler) {
	l := r.connection.loop
	if l.Access == nil {
		return
	}
	entry := front.NewAccessEntry(r.head, &r.connection.facts, r.begun)
	if r.origin.RemoteAddr != "" {
		entry.RemoteAddr = r.origin.RemoteAddr
	}
	entry.Status, _ = strconv.Atoi(a.head.Status[:3])
	entry.Headers, entry.BodyBytes = a.head.Headers, a.body
	l.Access(entry)
}

// sendAnswers sends the responses, and finds the connections ready for another request.
func (l *Loop) sendAnswers() {
	for n := len(l.answered) - 1; n >= 0; n = len(l.answered) - 1 {
		c := l.answered[n]
		l.answered = l.answered[:n]
		if c.mine() {
			c.answer()
		}
	}
}

// answer sends the response, and goes on with what the peer has sent after the request.
func (c *connection) answer() {
	c.loop.at = c
	keep, size := c.request.keep, c.request.size
	n, gone := send(c.descriptor, c.out)
	behind := c.received[size:]
	switch {
	case gone:
		c.close()
		return
	case n < len(c.out):
		c.resume(server.Under{Unsent: append([]byte(nil), c.out[n:]...), Received: append([]byte(nil), behind...), Last: !keep})
		return
	case !keep && len(behind) > 0: // more may be on its way
		c.resume(server.Under{Last: true})
		return
	case !keep:
		c.close()
		return
	}
	c.request, c.answers = nil, true
	c.received = append(c.received[:0], behind...)
	switch {
	case len(c.received) > 0:
		c.next()
	case c.ended:
		c.close()
	default:
		c.shrink()
		c.rest()
	}
}

// shrink gives back what an idle connection does not need.
func (c *connection) shrink() {
	if cap(c.received) > largestKept {
		c.received = nil
	}
	if cap(c.out) > largestKept {
		c.out = nil
	}
}
