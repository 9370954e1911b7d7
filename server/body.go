package server

import (
	"io"
	"sync"
	"time"

	"glasswsgi/parser"
	"glasswsgi/server/front"
)

// bodyBuffer is how many bytes are taken from the socket at once while the application reads a large body.
const bodyBuffer = 256 << 10

// Buffers for bodies. A body that no application reads gets the small kind only.
var earlyBuffers, bodyBuffers = buffersOf(front.EarlyBody), buffersOf(bodyBuffer)

func buffersOf(size int) *sync.Pool {
	return &sync.Pool{New: func() any { b := make([]byte, size); return &b }}
}

// body is the message body of a request without its transfer coding: the wsgi.input of its exchange.
type body struct {
	in      *receiver
	request *parser.Request
	bounds  *front.Config
	goOn    func() bool // tells a peer that asked with Expect to send the body, unless it is too late; nil where it did not ask

	early    []byte      // content received before the call, where it is in memory
	spool    front.Spool // the same of a chunked body
	stored   io.Reader   // the entire body, where it is on disk
	pending  []byte      // content that is received and not yet taken; a part of early, or of the parser's buffer
	whole    bool        // early is the entire body
	ended    bool        // the parser has seen the end of the message
	err      error       // how the peer broke the body; sticky
	taken    int64       // content bytes so far
	read     bool        // the application has begun to read it
	asked    bool        // the peer was told to go on
	large    *[]byte
	buffers  *sync.Pool // where large comes from
	patience front.Patience
}

// receiveEarly takes the body, or what is there of it, before the application is called.
func (b *body) receiveEarly() error {
	r := b.request
	if r.Framing == parser.ByChunks && !b.bounds.StreamChunked {
		return b.receiveWhole()
	}
	wait := r.Framing == parser.ByLength && r.ContentLength <= front.EarlyBody && !r.ExpectContinue
	for !b.ended && len(b.early) <= front.EarlyBody {
		needData, err := b.next()
		switch {
		case err != nil:
			return err
		case needData && !wait:
			b.pending = b.early
			return nil
		case needData:
			if err := b.receiveMore(b.patient()); err != nil {
				return err
			}
		}
		b.early = append(b.early, b.pending...)
	}
	b.pending, b.whole = b.early, b.ended
	return nil
}

// receiveWhole waits for a chunked body to its end, so that CONTENT_LENGTH can tell how long it is: most frameworks read
// that many bytes, and would lose the body in silence.
func (b *body) receiveWhole() error {
	for !b.ended {
		needData, err := b.next()
		switch {
		case err != nil:
			return err
		case needData:
			b.sendContinue()
			if err := b.receiveMore(b.patient()); err != nil {
				return err
			}
		}
		if b.err = b.spool.Add(b.pending, b.bounds.MaxSpool); b.err != nil {
			return b.err
		}
	}
	b.early, b.stored, b.err = b.spool.Complete()
	b.pending, b.whole = b.early, b.stored == nil
	return b.err
}

// lengthOfChunks is the length of a chunked body that was received to its end before the call.
func (b *body) lengthOfChunks() (n int64, known bool) {
	return b.taken, b.request.Framing == parser.ByChunks && b.ended
}

// Whole implements wsgi.Input.
func (b *body) Whole() ([]byte, bool) { return b.early, b.whole }

// Read implements wsgi.Input. It waits for the first byte and takes what has arrived with it: tiny chunks do not come
// to the application one by one.
func (b *body) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	b.read = true
	if b.stored != nil {
		return b.stored.Read(p)
	}
	if err := b.fill(b.patient); err != nil {
		return 0, err
	}
	for n < len(p) && b.arrived() {
		taken := copy(p[n:], b.pending)
		b.pending = b.pending[taken:]
		n += taken
	}
	return n, nil
}

// fill waits until content is pending, each time until a deadline. At the end of the body it returns io.EOF.
func (b *body) fill(deadline func() time.Time) error {
	for !b.arrived() {
		if b.err != nil {
			return b.err
		}
		if b.ended {
			return io.EOF
		}
		b.sendContinue()
		b.err = b.receiveMore(deadline())
	}
	return nil
}

// arrived makes content pending if there is some without waiting for it.
func (b *body) arrived() bool {
	for len(b.pending) == 0 && b.err == nil && !b.ended {
		if needData, err := b.next(); needData || err != nil {
			return false
		}
	}
	return len(b.pending) > 0
}

// next lets the parser go on by one event. Content that it finds becomes pending.
//
// Simplified: trailer fields are read, checked and dropped, since PEP 3333 has no place for them.
func (b *body) next() (needData bool, err error) {
	b.pending = nil
	event, err := b.in.next()
	if err != nil {
		b.err = err
		return false, err
	}
	switch event.Kind {
	case parser.NeedData:
		return true, nil
	case parser.GotBody:
		b.pending = event.Data
		b.taken += int64(len(event.Data))
	case parser.GotEnd:
		b.ended = true
	}
	return false, nil
}

// patient is until when we wait for the next bytes of the body.
func (b *body) patient() time.Time {
	return b.in.socket.Now().Add(b.patience.Left(b.bounds.ReadTimeout, b.taken))
}

// receiveMore waits for body bytes.
func (b *body) receiveMore(deadline time.Time) error {
	buffer := b.in.buffer
	if b.request.Framing == parser.ByChunks || b.request.ContentLength > int64(len(buffer)) {
		buffer = b.largeBuffer()
	}
	begun := b.in.socket.Now()
	b.err = b.in.receive(buffer, deadline)
	b.patience.Waited(b.in.socket.Since(begun))
	return b.err
}

// largeBuffer is what a body that does not fit into the connection's buffer is received into.
func (b *body) largeBuffer() []byte {
	if b.read && b.buffers != bodyBuffers {
		b.releaseBuffer()
		b.buffers = bodyBuffers
	}
	if b.large == nil {
		b.large = b.buffers.Get().(*[]byte)
	}
	return *b.large
}

// release gives back what the body was kept in.
func (b *body) release() {
	b.spool.Close()
	b.releaseBuffer()
}

func (b *body) releaseBuffer() {
	if b.large != nil {
		b.buffers.Put(b.large)
		b.large = nil
	}
}

// sendContinue tells a peer that asked with Expect that the body is wanted, when the application first reads it and it
// is not there yet (RFC 9110 §10.1.1).
func (b *body) sendContinue() {
	if b.goOn == nil || b.asked || b.taken > 0 {
		return
	}
	b.asked = b.goOn()
}

// reusable says whether the rest of the body is expected to be cheap to drain, so that the connection can be kept; an
// application that has begun to read is expected to read on. A peer that was never told to continue may or may not send
// its body: the meaning of its next bytes is unknown.
func (b *body) reusable() bool {
	switch {
	case b.err != nil:
		return false
	case b.ended:
		return true
	case b.request.ExpectContinue && !b.asked:
		return false
	case b.request.Framing == parser.ByLength && !b.read:
		return b.request.ContentLength-b.taken <= front.DrainBytes
	}
	return true
}

// drain reads what the application left. It says whether nothing is left.
func (b *body) drain() bool {
	end := b.in.socket.Now().Add(front.DrainTime)
	for left := front.DrainBytes; left > 0; left -= len(b.pending) {
		b.pending = nil
		if err := b.fill(func() time.Time { return end }); err != nil {
			return err == io.EOF
		}
	}
	return false
}
