package gateway

import (
	"strconv"
	"strings"

	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway/token"
)

// assembler makes the bytes of a response in the protocol's frames. It implements wsgi.Assembler.
type assembler struct {
	socket  *front.Socket
	watch   *front.Watch
	dialect dialect
	server  *Server
	body    *body // of the request: the web server may have broken it off

	status    int // of the head that was assembled, 0 before
	headers   []wsgi.Header
	keep      bool   // the connection is meant to be kept
	truncated bool   // the body is cut off; not every web server sees that, unless the connection is reset
	unsent    []byte // assembled and not yet sent: the head waits for the first block
	sent      int    // bytes of the response that left
	bodySent  int64
	patience  front.Patience
}

// SendHead assembles the head. It leaves together with the first block.
func (a *assembler) SendHead(head wsgi.Head) error {
	if a.body.err != nil { // the web server broke off the content that the application answers to: no clean answer
		return a.body.err
	}
	head = a.watch.Responds(head)
	status, _ := strconv.Atoi(head.Status[:3])
	b, err := a.dialect.appendHead(a.unsent, head.Status, fields(&head, status))
	if err != nil {
		return err
	}
	a.status, a.headers = status, head.Headers
	a.keep = a.dialect.Keeps() && !a.server.open.Stopping()
	a.appended(b)
	return nil
}

// fields are the application's header fields as they are, and the Content-Length where the server knows it. All others,
// such as Date and Server, are the web server's.
func fields(head *wsgi.Head, status int) []wsgi.Header {
	fields := make([]wsgi.Header, 0, len(head.Headers)+1)
	for _, h := range head.Headers {
		if (status == 204 || status == 205) && strings.EqualFold(h.Name, "Content-Length") {
			continue // RFC 9110 §8.6: MUST NOT with 204; with 205 it can only be 0
		}
		fields = append(fields, h)
	}
	switch {
	case status == 205: // RFC 9110 §15.3.6: no content
		fields = append(fields, wsgi.Header{Name: "Content-Length", Value: "0"})
	case head.Length >= 0 && !head.HasLength && status != 204 && status != 304:
		fields = append(fields, wsgi.Header{Name: "Content-Length", Value: strconv.FormatInt(head.Length, 10)})
	}
	return fields
}

// appended takes over what was appended to the unsent bytes, and shows its tokens.
func (a *assembler) appended(b []byte) {
	start := len(a.unsent)
	a.unsent = b
	if !a.watch.Unseen() && start < len(b) {
		a.show(a.dialect.explain(b[start:], a.sent+start))
	}
}

func (a *assembler) show(tokens []token.Event) {
	for _, e := range tokens {
		a.watch.Step(tokenStep(front.Respond, e, a.dialect))
	}
}

// SendBody sends a block at once (PEP 3333 "Buffering and Streaming").
func (a *assembler) SendBody(block []byte) error {
	a.bodySent += int64(len(block))
	a.appended(a.dialect.appendBody(a.unsent, block))
	return a.flush()
}

// SendEnd ends the response: everything that was promised has been sent.
func (a *assembler) SendEnd() error {
	a.appended(a.dialect.appendEnd(a.unsent, a.keep))
	return a.flush()
}

// reply sends what the protocol wants to be answered at once.
func (a *assembler) reply(e token.Event) error {
	a.appended(append(a.unsent, e.Reply...))
	return a.flush()
}

// flush writes what is unsent.
func (a *assembler) flush() error {
	if len(a.unsent) == 0 {
		return nil
	}
	if !a.watch.Unseen() {
		a.watch.Step(bytesStep(front.SendStep(a.sent, a.unsent), a.dialect))
	}
	begun := a.socket.Now() // an observer has seen them: its time is not the web server's
	n, err := a.socket.Write(a.unsent, begun.Add(a.patience.Left(a.server.WriteTimeout, int64(a.sent))))
	a.sent += n
	took := a.socket.Since(begun)
	a.patience.Waited(took)
	a.watch.Sent(took)
	a.unsent = a.unsent[:0]
	return err
}

var _ wsgi.Assembler = (*assembler)(nil)
