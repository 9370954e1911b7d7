//go:build linux

package loop

import (
	"io"
	"slices"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// request is one that is there in full.
type request struct {
	connection *connection
	head       *parser.Request
	size       int // of its bytes in connection.received
	begun      time.Time
	origin     front.Origin
	environ    *wsgi.Environ
	body       body
	isHead     bool // its method is HEAD
	keep       bool // the connection is, after the response
}

// take takes received bytes, which begin a request. They must not be c.received.
func (c *connection) take(data []byte) {
	c.received = append(c.received[:0], data...)
	c.next()
}

// next makes a request of what was received, if it is one that need not wait.
func (c *connection) next() {
	l := c.loop
	c.memory.Again, c.memory.Target = true, ""
	if !l.Unseen() || !(c.repeats() || c.repeatsSection() || c.parse()) {
		c.handOver(nil)
		return
	}
	c.current.begun = l.now
	c.request = &c.current
	l.waiting, l.isNew = append(l.waiting, c), true
}

// parse reads a request. It says whether that is for the loop: whole, and without anything that the peer, or we, would have to
// wait for.
func (c *connection) parse() bool {
	c.memory.Again = false
	p := c.parser
	if p == nil {
		p = parser.New(c.loop.Limits)
	} else {
		c.parser = nil // until the request is found to be whole
		p.NextRequest()
	}
	size, ok := c.readWhole(p)
	if !ok {
		return false
	}
	r := &c.current
	*r = request{connection: c, head: p.Request(), size: size}
	r.isHead = string(r.head.Bytes(r.head.Method)) == "HEAD"
	var err error
	if r.origin, err = c.loop.Origin(r.head, &c.facts); err != nil {
		return false // a goroutine says so
	}
	r.environ = wsgi.NewEnviron(r.head, &c.facts)
	r.origin.Apply(r.environ)
	if content := c.received[size-int(r.head.ContentLength) : size]; len(content) > 0 {
		r.body = body{content: content}
		r.environ.Input = &r.body
	}
	c.parsed, c.oddStart = r.environ, size > len(r.head.Head) // with empty lines before the request-line
	if p.Buffered() == 0 {                                    // else it holds bytes of the next request, which we keep ourselves
		c.parser = p
	}
	return true
}

// readWhole has the parser read one request, and says how many bytes it has.
func (c *connection) readWhole(p *parser.Parser) (size int, ok bool) {
	p.Feed(c.received)
	for {
		event, err := p.Next()
		if err != nil {
			return 0, false
		}
		switch event.Kind {
		case parser.NeedData:
			return 0, false
		case parser.GotHead:
			r := p.Request()
			if r.ExpectContinue || r.Framing == parser.ByChunks || r.ContentLength > front.EarlyBody || len(r.Head)+int(r.ContentLength) > len(c.received) {
				return 0, false
			}
		case parser.GotEnd:
			return len(c.received) - p.Buffered(), true // with empty lines before the request-line
		}
	}
}

// offer offers the application the requests that wait for it. One that has waited for long is left to a goroutine.
func (l *Loop) offer() {
	l.isNew = false
	if len(l.waiting) < worthTaking && l.lane.Busy() {
		l.giveUp()
		return
	}
	for len(l.waiting) > 0 && l.offerOne(l.waiting[0]) {
		l.waiting = slices.Delete(l.waiting, 0, 1)
	}
	l.giveUp()
}

// offerOne says whether the request waits no more.
func (l *Loop) offerOne(c *connection) bool {
	l.at = c
	switch {
	case c.request == nil: // it has left the loop meanwhile
		return true
	case !c.presence.WaitsNoMore():
		c.close()
		return true
	}
	return l.lane.Take(c.request.environ, &c.memory, c.request)
}

// giveUp leaves requests to goroutines that have waited for long.
func (l *Loop) giveUp() {
	for len(l.waiting) > 0 {
		c := l.waiting[0]
		if c.request != nil && l.now.Sub(c.request.begun) <= patience {
			return
		}
		l.waiting = slices.Delete(l.waiting, 0, 1)
		if c.request != nil {
			c.handOver(nil)
		}
	}
}

// body is wsgi.input of a request that is there in full.
type body struct {
	content []byte
	read    int
}

// Whole implements wsgi.Input.
func (b *body) Whole() ([]byte, bool) { return b.content, true }

// Read implements wsgi.Input.
func (b *body) Read(p []byte) (int, error) {
	if b.read == len(b.content) {
		return 0, io.EOF
	}
	n := copy(p, b.content[b.read:])
	b.read += n
	return n, nil
}
