package gateway

import (
	"errors"
	"io"
	"time"

	"glasswsgi/server/front"
	"glasswsgi/server/gateway/token"
)

// body is the content of a request: the wsgi.input of its exchange.
type body struct {
	in     *receiver
	bounds *front.Config
	reply  func(token.Event) error // what the protocol wants to be answered at once
	length int64                   // CONTENT_LENGTH, or token.Unknown

	early    []byte      // content received before the call, where it is in memory
	spool    front.Spool // the same where its length is not known
	stored   io.Reader   // the entire content, where it is on disk
	pending  []byte      // content that is received and not yet taken
	whole    bool        // early is the entire content
	ended    bool        // the decoder has seen the end of the request
	err      error       // how the web server broke the content off; sticky
	taken    int64       // bytes so far
	patience front.Patience
}

// receiveEarly takes the content, or what is there of it, before the application is called. A content whose length is not
// known is received to its end, as over HTTP.
func (b *body) receiveEarly() error {
	switch {
	case b.length == token.Unknown && b.bounds.StreamChunked:
		return b.beginStream()
	case b.length != token.Unknown && b.length > front.EarlyBody:
		return nil
	}
	for !b.ended {
		needData, err := b.next()
		switch {
		case err != nil:
		case needData:
			err = b.receiveMore(b.patient())
		default:
			err = b.spool.Add(b.pending, b.mostSpooled())
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

// beginStream looks whether there is any content, as far as has arrived.
func (b *body) beginStream() error {
	for !b.ended && len(b.pending) == 0 {
		if needData, err := b.next(); needData || err != nil {
			return err
		}
	}
	b.whole = b.ended
	return nil
}

// mostSpooled is how much content may be kept until it is complete.
func (b *body) mostSpooled() int64 {
	if b.length != token.Unknown {
		return b.length
	}
	return b.bounds.MaxSpool
}

// spooledLength is the length of a content that had none until it was received to its end.
func (b *body) spooledLength() (n int64, known bool) {
	return b.taken, b.length == token.Unknown && b.ended && b.taken > 0
}

// Whole implements wsgi.Input.
func (b *body) Whole() ([]byte, bool) { return b.early, b.whole }

// Read implements wsgi.Input. It waits for the first byte and takes what has arrived with it.
func (b *body) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	if b.stored != nil {
		return b.stored.Read(p)
	}
	if err := b.fill(b.patient); err != nil {
		return 0, err
	}
	n = copy(p, b.pending)
	b.pending = b.pending[n:]
	return n, nil
}

// fill waits until content is pending, each time until a deadline. At the end of the content it returns io.EOF.
func (b *body) fill(deadline func() time.Time) error {
	for len(b.pending) == 0 {
		if b.err != nil {
			return b.err
		}
		if b.ended {
			return io.EOF
		}
		needData, err := b.next()
		if err == nil && needData {
			err = b.receiveMore(deadline())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// next lets the decoder go on by one event. Content that it finds becomes pending.
func (b *body) next() (needData bool, err error) {
	b.pending = nil
	event, err := b.in.next()
	if err == nil {
		switch event.Kind {
		case token.NeedData:
			return true, nil
		case token.GotContent:
			b.pending = event.Data
			b.taken += int64(len(event.Data))
		case token.GotReply:
			err = b.reply(event)
		case token.GotAbort:
			err = &front.PeerError{Err: errAborted}
		case token.GotEnd:
			b.ended = true
		}
	}
	b.err = err
	return false, err
}

// patient is until when we wait for the next bytes of the content.
func (b *body) patient() time.Time {
	return b.in.socket.Now().Add(b.patience.Left(b.bounds.ReadTimeout, b.taken))
}

// receiveMore waits for bytes of the content.
func (b *body) receiveMore(deadline time.Time) error {
	begun := b.in.socket.Now()
	err := b.in.receive(deadline)
	b.patience.Waited(b.in.socket.Since(begun))
	if errors.Is(err, io.EOF) { // the decoder knows of no error: the end may be that of the content
		if _, err = b.next(); err == nil && !b.ended {
			err = &front.PeerError{Err: io.ErrUnexpectedEOF}
		}
	}
	b.err = err
	return err
}

// drain reads what the application left, as far as the web server sends it unasked. It says whether nothing is left.
func (b *body) drain() bool {
	b.in.dialect.WantsNoMore()
	end := b.in.socket.Now().Add(front.DrainTime)
	for left := front.DrainBytes; left > 0; left -= len(b.pending) {
		b.pending = nil
		if err := b.fill(func() time.Time { return end }); err != nil {
			return err == io.EOF
		}
	}
	return false
}

// release gives back what the content was kept in.
func (b *body) release() { b.spool.Close() }
