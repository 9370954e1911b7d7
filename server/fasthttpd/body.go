package fasthttpd

import (
	"errors"
	"io"
	"time"

	"glasswsgi/parser"
	"glasswsgi/server/front"
)

const (
	drainBuffer = 16 << 10 // for bytes that are thrown away
	spoolBuffer = 64 << 10 // for those of a chunked body that is received before the call
)

// body is the message body of a request, which fasthttp frees from its transfer coding: the wsgi.input of its exchange.
type body struct {
	socket  *socket
	request *parser.Request
	server  *Server
	stream  io.Reader
	early   []byte      // the entire body, if it was received before the call
	spool   front.Spool // the same of a chunked body
	stored  io.Reader   // the entire body, where it is on disk
	pending []byte      // what of it is not yet taken
	whole   bool
	ended   bool  // all of the message was received
	err     error // how the peer broke the body; sticky
	taken   int64
	read    bool // the application has begun to read

	patience front.Patience
}

// receiveEarly takes a small body before the application is called, as server does. fasthttp has answered Expect.
func (b *body) receiveEarly(stream io.Reader) error {
	r := b.request
	b.stream = stream
	if r.Framing == parser.NoBody || b.stream == nil {
		b.ended, b.whole = true, true
		return nil
	}
	if r.Framing == parser.ByChunks && !b.server.StreamChunked {
		return b.receiveWhole()
	}
	if r.Framing != parser.ByLength || r.ContentLength > front.EarlyBody {
		return nil
	}
	b.early = make([]byte, r.ContentLength)
	for int(b.taken) < len(b.early) {
		if _, err := b.receive(b.early[b.taken:], b.patient()); err != nil {
			return err
		}
	}
	b.ended, b.whole, b.pending = true, true, b.early
	return nil
}

// receiveWhole waits for a chunked body to its end, as server does.
func (b *body) receiveWhole() error {
	buffer := make([]byte, spoolBuffer)
	for {
		n, err := b.receive(buffer, b.patient())
		if err == io.EOF {
			break
		}
		if err == nil {
			err = b.spool.Add(buffer[:n], b.server.MaxSpool)
		}
		if err != nil {
			b.err = err
			return err
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

// Read implements wsgi.Input.
func (b *body) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	b.read = true
	if b.stored != nil {
		return b.stored.Read(p)
	}
	if len(b.pending) > 0 {
		n = copy(p, b.pending)
		b.pending = b.pending[n:]
		return n, nil
	}
	return b.receive(p, b.patient())
}

// patient is until when we wait for the next bytes of the body.
func (b *body) patient() time.Time {
	return time.Now().Add(b.patience.Left(b.server.ReadTimeout, b.taken))
}

// receive waits for at least one byte.
func (b *body) receive(p []byte, deadline time.Time) (n int, err error) {
	for n == 0 {
		switch {
		case b.err != nil:
			return 0, b.err
		case b.ended:
			return 0, io.EOF
		}
		b.socket.SetReadDeadline(deadline)
		begun := time.Now()
		n, err = b.stream.Read(p)
		b.patience.Waited(time.Since(begun))
		b.taken += int64(n)
		b.judge(err)
	}
	return n, nil // an error is for the next time
}

// judge looks at how a read ended.
func (b *body) judge(err error) {
	length, limit := b.request.ContentLength, b.server.Limits.Body
	switch {
	case limit > 0 && b.taken > limit:
		b.err = front.ContentTooLarge(limit)
	case b.request.Framing == parser.ByLength && b.taken == length:
		b.ended = true
	case b.request.Framing == parser.ByChunks && err == io.EOF && !b.socket.ended: // or fasthttp took the one end for the other
		b.ended = true
	case err != nil:
		b.err = receiveError(err)
	}
}

// reusable says whether the rest of the body can be expected to be cheap to drain: see body.go of server.
func (b *body) reusable() bool {
	switch {
	case b.err != nil:
		return false
	case b.request.Framing == parser.ByLength && !b.read && !b.ended:
		return b.request.ContentLength-b.taken <= front.DrainBytes
	}
	return true
}

// drain reads what the application left, so that fasthttp does not take it for the next request. It says whether
// nothing is left.
func (b *body) drain() bool {
	if b.ended {
		return true
	}
	buffer := make([]byte, drainBuffer)
	end := time.Now().Add(front.DrainTime)
	for left := front.DrainBytes; left > 0; {
		n, err := b.receive(buffer, end)
		if err != nil {
			return errors.Is(err, io.EOF)
		}
		left -= n
	}
	return b.ended
}
