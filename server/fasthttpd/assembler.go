package fasthttpd

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// assembler hands a response to fasthttp. It implements wsgi.Assembler, which is called in the coroutine, and
// fasthttp.BodyWriterTo, which is called when the head is written.
type assembler struct {
	exchange *exchange // it goes on when fasthttp asks for the next block
	head     wsgi.Head
	status   int // of the head, 0 before
	headers  []wsgi.Header
	framing  front.Framing
	keep     bool // the connection is meant to be kept

	coroutine *coroutine // nil before the call, and when it is over
	inside    bool       // it runs
	gone      bool       // no more blocks are taken
	block     []byte     // the one to be sent
	more      bool       // there is one

	bodySent int64
	patience front.Patience
}

var (
	errBodyLeft = errors.New("too much of the request's body was left unread")
	errRead     = errors.New("a response body must be taken with WriteTo")
)

// SendHead implements wsgi.Assembler.
func (a *assembler) SendHead(head wsgi.Head) error {
	if a.exchange.body.err != nil { // the peer broke the body that the application answers to: no clean answer
		return a.exchange.body.err
	}
	a.head, a.headers = head, head.Headers
	a.status, _ = strconv.Atoi(head.Status[:3])
	a.framing = front.ChooseFraming(&head, a.exchange.request.Minor)
	a.keep = a.exchange.request.KeepAlive && a.drainable() && !a.exchange.server.stopping.Load() && !a.exchange.server.draining.Load()
	return nil
}

// drainable says whether the body of the request can be out of the way when the response ends. What is left of it can
// only be drained where we see the end of the response leave, and fasthttp ends all but those with a length by itself.
func (a *assembler) drainable() bool {
	switch a.framing {
	case front.ByClose:
		return false
	case front.ByLength:
		return a.exchange.body.reusable()
	}
	return a.exchange.body.ended
}

// SendBody implements wsgi.Assembler.
func (a *assembler) SendBody(block []byte) error {
	if !a.gone {
		a.coroutine.yield(block)
	}
	if a.gone {
		return &front.PeerError{Err: net.ErrClosed}
	}
	return nil
}

// SendEnd implements wsgi.Assembler. fasthttp finds the end when there are no more blocks.
func (a *assembler) SendEnd() error { return nil }

// advance has the coroutine go on to the next block, or to its end.
func (a *assembler) advance() {
	a.block, a.more = nil, false
	if a.coroutine == nil || a.inside {
		return
	}
	a.inside = true // so it stays where it panics
	a.block, _ = a.coroutine.next()
	a.inside = false
	if a.more = a.block != nil; !a.more {
		a.exchange.server.keep(a.coroutine)
		a.coroutine = nil
	}
}

// abandon has what is left of the exchange end: the next block that it sends fails, and close() is called.
func (a *assembler) abandon() {
	a.gone = true
	a.advance()
}

// setResponse leaves in ctx.Response what fasthttp is to send.
func (a *assembler) setResponse() {
	r := &a.exchange.ctx.Response
	a.setHead(&r.Header)
	if a.exchange.err != nil { // with HEAD the end is known before the head is sent
		a.exchange.logFault()
		a.keep = false
	}
	if !a.keep {
		a.exchange.ctx.SetConnectionClose()
	}
	switch a.framing {
	case front.WithoutBody:
		a.exchange.settle()
	case front.ByLength:
		r.SetBodyStream(a, int(a.head.Length))
		a.holdHead()
	case front.ByChunks:
		r.SetBodyStream(a, -1)
	case front.ByClose: // fasthttp would send chunks, which HTTP/1.0 does not know: "no bytes, and do not say so"
		r.SetBodyStream(a, 0)
		r.Header.Del("Content-Length")
		a.holdHead()
	}
}

// holdHead has the head leave fasthttp's buffer before WriteTo is called, so that WriteTo can write to the socket. The
// writer that WriteTo gets is for chunks only: the one for a body with a length keeps small blocks, and cannot be told
// to let them go. The socket holds the head until the first block is there, so that both leave together.
func (a *assembler) holdHead() {
	a.exchange.ctx.Response.ImmediateHeaderFlush = true
	a.exchange.socket.holding = true
}

// setHead gives fasthttp the status and the header fields. Those that it manages itself are single, and have a place of
// their own.
func (a *assembler) setHead(h *fasthttp.ResponseHeader) {
	if date, ok := find(a.headers, "Date"); ok {
		readDate(h, date)
	} else {
		h.Reset() // back to the default, which is fasthttp's own Date
	}
	h.DisableNormalizing()
	h.SetNoDefaultContentType(true)
	h.SetStatusCode(a.status)
	h.SetStatusMessage([]byte(strings.TrimPrefix(a.head.Status[3:], " ")))
	h.SetServer(a.exchange.server.Software)
	for _, field := range a.headers {
		if (a.status == 204 || a.status == 205) && strings.EqualFold(field.Name, "Content-Length") {
			continue // RFC 9110 §8.6
		}
		h.Add(field.Name, field.Value)
	}
	if a.framing == front.WithoutBody && a.head.Length >= 0 && !a.head.HasLength && a.status != 204 && a.status != 205 && a.status != 304 {
		h.Add("Content-Length", strconv.FormatInt(a.head.Length, 10)) // of the body that HEAD leaves out
	}
}

func find(headers []wsgi.Header, name string) (string, bool) {
	for _, h := range headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value, true
		}
	}
	return "", false
}

// readDate is the one way to a Date that is not fasthttp's own: its setters ignore the field, and its reader does not.
func readDate(h *fasthttp.ResponseHeader, date string) {
	text := "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: " + date + "\r\n\r\n"
	if h.Read(bufio.NewReader(strings.NewReader(text))) != nil {
		h.Reset() // a value that fasthttp does not take
		return
	}
	h.Del("Content-Length")
}

// SupportsBodyWriteTo implements fasthttp.BodyWriterTo.
func (a *assembler) SupportsBodyWriteTo() bool { return true }

// Read is for fasthttp.Response.SetBodyStream, which wants an io.Reader, and is never called: see BodyWriterTo.
func (a *assembler) Read([]byte) (int, error) { return 0, errRead }

// WriteTo implements fasthttp.BodyWriterTo. The head leaves with the first block, and each block before the next is asked
// for. An error has fasthttp close the connection.
func (a *assembler) WriteTo(w io.Writer) (written int64, err error) {
	defer a.exchange.survive()
	if a.framing != front.ByChunks {
		w = blockWriter{a.exchange.socket}
	}
	for ; a.more; a.advance() {
		if err := a.send(w, a.block); err != nil {
			a.gone = true
			return a.counted(), err
		}
	}
	if a.exchange.err != nil {
		return a.counted(), a.breakOff(w)
	}
	if a.framing != front.ByLength {
		return a.counted(), nil
	}
	if err := a.send(w, nil); err != nil {
		return a.counted(), err
	}
	if a.keep && !a.exchange.body.drain() {
		return a.counted(), errBodyLeft
	}
	return a.counted(), nil
}

// counted is what fasthttp compares with the length that it was told.
func (a *assembler) counted() int64 {
	if a.framing == front.ByClose {
		return 0
	}
	return a.bodySent
}

// send sends a block, within the time that the peer has for it.
func (a *assembler) send(w io.Writer, block []byte) error {
	begun := time.Now()
	a.exchange.socket.SetWriteDeadline(begun.Add(a.patience.Left(a.exchange.server.WriteTimeout, a.bodySent)))
	n, err := w.Write(block)
	a.bodySent += int64(n)
	a.patience.Waited(time.Since(begun))
	if err != nil {
		return &front.PeerError{Err: err}
	}
	return nil
}

// breakOff ends a response that has begun, and failed, in a way that the peer can see.
func (a *assembler) breakOff(w io.Writer) error {
	a.exchange.logFault()
	a.send(w, nil) // a head that has no block yet
	if a.framing == front.ByClose {
		front.ResetOnClose(a.exchange.socket.Conn)
	}
	return a.exchange.err
}

// Close is called by fasthttp when it needs the body no more, sent or not.
func (a *assembler) Close() error {
	a.exchange.settle()
	return nil
}

var _ fasthttp.BodyWriterTo = (*assembler)(nil)
