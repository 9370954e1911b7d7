package server

import (
	"errors"
	"io"
	"time"

	"glasswsgi/parser"
	"glasswsgi/server/front"
)

// headBuffer is how many bytes are taken from the socket at once while a head is expected.
const headBuffer = 4 << 10

// receiver takes bytes from a connection's socket to its parser, and shows both.
type receiver struct {
	socket   *front.Socket
	watch    *front.Watch
	parser   *parser.Parser
	buffer   []byte // for a head, or a small body
	received int    // bytes of the current message taken from the socket
}

// receive takes what the socket has, as much as fits into the buffer, to the parser; it waits for at least one byte.
// The error of a peer that closed is the parser's: it knows whether a message was under way.
func (r *receiver) receive(buffer []byte, until time.Time) error {
	n, err := r.socket.Read(buffer, until)
	if err == nil {
		r.feed(buffer[:n])
		return nil
	}
	if errors.Is(err, io.EOF) {
		if incomplete := r.parser.EndOfInput(); incomplete != nil {
			return incomplete
		}
		return &front.PeerError{Err: io.ErrUnexpectedEOF} // a reader of a body must not take it for the end of the body
	}
	return err
}

// feed takes received bytes to the parser.
func (r *receiver) feed(data []byte) {
	if len(data) > 0 {
		r.watch.Received(r.received, data)
		r.parser.Feed(data)
		r.received += len(data)
	}
}

// next lets the parser go on by one event.
func (r *receiver) next() (parser.Event, error) {
	event, err := r.parser.Next()
	if err == nil {
		r.watch.Parsed(event, r.parser.Request())
	}
	return event, err
}

// head goes from token to token, and to the socket when the parser needs more bytes. The whole head has one deadline: a
// byte now and then does not prolong it.
func (r *receiver) head(deadline time.Time) error {
	for {
		event, err := r.next()
		if err != nil {
			return err
		}
		switch event.Kind {
		case parser.GotHead:
			return nil
		case parser.NeedData:
			if err := r.receive(r.buffer, deadline); err != nil {
				return err
			}
		}
	}
}

// nextRequest is ready for another message on the same connection.
func (r *receiver) nextRequest() {
	r.parser.NextRequest()
	r.received = r.parser.Buffered()
}

// more says that bytes were received beyond what the parser has read.
func (r *receiver) more() bool { return r.parser.Buffered() > 0 }
