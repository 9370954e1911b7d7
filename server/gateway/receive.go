package gateway

import (
	"errors"
	"io"
	"time"

	"glasswsgi/parser"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway/token"
)

// readBuffer is how many bytes are taken from the socket at once.
const readBuffer = 32 << 10

// errAborted is a request that the web server has given up.
var errAborted = errors.New("the web server has given the request up")

// receiver takes bytes from a connection's socket to its decoder, and shows both.
type receiver struct {
	socket   *front.Socket
	watch    *front.Watch
	dialect  dialect
	buffer   []byte
	received int // bytes of the current request taken from the socket
}

// receive takes what the socket has to the decoder; it waits for at least one byte. The error of a web server that closed
// is the decoder's: it knows whether a request was under way. Where the end is no error, io.EOF, it may tell something.
func (r *receiver) receive(until time.Time) error {
	n, err := r.socket.Read(r.buffer, until)
	if err == nil {
		if !r.watch.Unseen() {
			r.watch.Step(bytesStep(front.ReceiveStep(r.received, r.buffer[:n]), r.dialect))
		}
		r.dialect.Feed(r.buffer[:n])
		r.received += n
		return nil
	}
	if errors.Is(err, io.EOF) {
		if incomplete := r.dialect.EndOfInput(); incomplete != nil {
			return incomplete
		}
		return io.EOF
	}
	return err
}

// next lets the decoder go on by one event.
func (r *receiver) next() (token.Event, error) {
	e, err := r.dialect.Next()
	if err != nil || r.watch.Unseen() {
		return e, err
	}
	switch e.Kind {
	case token.NeedData:
		if r.received == 0 && r.watch.Exchange == 0 { // none has begun
			break
		}
		r.watch.Step(front.Step{Stage: front.Parse, Name: "need-data", Spec: r.dialect.spec()})
	case token.GotReply: // its bytes are shown when they leave
	default:
		r.watch.Step(tokenStep(front.Parse, e, r.dialect))
	}
	return e, nil
}

// tokenStep shows a token. Those before the end of a head or a request have shown its bytes.
func tokenStep(stage front.Stage, e token.Event, d dialect) front.Step {
	step := front.Step{Stage: stage, Name: e.Name, Spec: e.Spec, Wire: e.Span, Bytes: e.Data}
	switch e.Kind {
	case token.GotHead:
		step.Name, step.Wire = "end-of-variables", parser.Span{}
	case token.GotEnd:
		step.Name = "message-end"
	default:
		if text := d.describe(e); text != "" {
			step.Value = front.Meaning(text)
		}
	}
	return step
}

// bytesStep is a step about bytes on their way, or about the connection, which has nothing of HTTP.
func bytesStep(s front.Step, d dialect) front.Step {
	s.Spec = d.spec()
	return s
}

// nextRequest is ready for another request on the same connection.
func (r *receiver) nextRequest() {
	r.dialect.NextRequest()
	r.received = r.dialect.Buffered()
}
