package server

import (
	"strconv"
	"strings"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// joinBlock is the size up to which a block is copied behind the head or the chunk-size, to leave in one write.
const joinBlock = 16 << 10

// commonHead is how many bytes the head of a response and a short body commonly have: the size of a connection's buffer
// for them. What needs more has a buffer of its own.
const commonHead = 512

// assembler makes the bytes of a response: status-line, header section, body. It implements wsgi.Assembler.
type assembler struct {
	socket  *front.Socket
	watch   *front.Watch
	server  *Server
	request *parser.Request
	body    *body // of the request: the peer may have broken it, and what is left of it may be too much to drain

	status    int // of the head that was assembled, 0 before
	headers   []wsgi.Header
	framing   front.Framing
	keep      bool   // the connection is meant to be kept
	truncated bool   // the peer cannot tell that the body is cut off, unless we reset the connection
	unsent    []byte // assembled and not yet sent: the head waits for the first block. The connection's, up to commonHead
	sent      int    // bytes of the response that left
	bodySent  int64
	patience  front.Patience
}

// SendHead assembles the head. It leaves together with the first block.
func (a *assembler) SendHead(head wsgi.Head) error {
	if a.body.err != nil { // the peer broke the body that the application answers to: no clean answer
		return a.body.err
	}
	head = a.watch.Responds(head)
	a.status, _ = strconv.Atoi(head.Status[:3])
	a.headers = head.Headers
	a.framing = front.ChooseFraming(&head, a.request.Minor)
	a.keep = a.persists()

	a.unsent = AppendHead(a.unsent, &head, Fields{Framing: a.framing, Minor: a.request.Minor, Keep: a.keep, Software: a.server.Software})
	a.watch.Assembled(a.sent, a.unsent)
	return nil
}

// persists decides whether another request may follow on this connection (RFC 9112 §9.3).
func (a *assembler) persists() bool {
	return a.request.KeepAlive && a.framing != front.ByClose && a.body.reusable() && a.server.KeepsConnections()
}

// Fields is what the server's own header fields depend on.
type Fields struct {
	Framing  front.Framing
	Minor    int    // the peer speaks HTTP/1.Minor
	Keep     bool   // the connection is kept for another request
	Software string // the Server field
}

// AppendHead appends the head of a response: the status-line, the application's header fields as they are, those that are
// the server's, and the empty line. The status-line has our version, whatever the peer's is (RFC 9110 §2.5).
func AppendHead(b []byte, head *wsgi.Head, f Fields) []byte {
	b = append(b, "HTTP/1.1 "...)
	b = append(b, head.Status...)
	b = append(b, "\r\n"...)
	b = appendHeaders(b, head, f)
	return append(b, "\r\n"...)
}

func appendHeaders(b []byte, head *wsgi.Head, f Fields) []byte {
	hasDate, hasServer, status := false, false, head.Status[:3]
	for _, h := range head.Headers {
		switch {
		case len(h.Name) == len("Date") && strings.EqualFold(h.Name, "Date"):
			hasDate = true
		case len(h.Name) == len("Server") && strings.EqualFold(h.Name, "Server"):
			hasServer = true
		case (status == "204" || status == "205") && strings.EqualFold(h.Name, "Content-Length"):
			continue // RFC 9110 §8.6: MUST NOT with 204; with 205 it can only be 0
		}
		b = appendField(b, h.Name, h.Value)
	}
	if !hasDate { // RFC 9110 §6.6.1: MUST, for a server with a clock
		b = appendField(b, "Date", front.HTTPDate(time.Now()))
	}
	if !hasServer {
		b = appendField(b, "Server", f.Software)
	}
	switch {
	case f.Framing == front.ByChunks:
		b = appendField(b, "Transfer-Encoding", "chunked")
	case status == "205": // RFC 9110 §15.3.6: no content, but unlike 204 it does not end with its head
		b = appendField(b, "Content-Length", "0")
	case head.Length >= 0 && !head.HasLength && status != "204" && status != "304":
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, head.Length, 10)
		b = append(b, "\r\n"...)
	}
	switch { // RFC 9112 §9.3, §9.6
	case !f.Keep:
		b = appendField(b, "Connection", "close")
	case f.Minor == 0:
		b = appendField(b, "Connection", "keep-alive")
	}
	return b
}

func appendField(b []byte, name, value string) []byte {
	b = append(b, name...)
	b = append(b, ": "...)
	b = append(b, value...)
	return append(b, "\r\n"...)
}

// SendBody sends a block at once (PEP 3333 "Buffering and Streaming").
func (a *assembler) SendBody(block []byte) error {
	a.bodySent += int64(len(block))
	end := ""
	if a.framing == front.ByChunks { // RFC 9112 §7.1: chunk = chunk-size CRLF chunk-data CRLF
		a.unsent = strconv.AppendInt(a.unsent, int64(len(block)), 16)
		a.unsent = append(a.unsent, "\r\n"...)
		end = "\r\n"
	}
	if len(block) > joinBlock {
		return a.flush(block, []byte(end))
	}
	a.unsent = append(a.unsent, block...)
	a.unsent = append(a.unsent, end...)
	return a.flush()
}

// SendEnd ends the response: everything that was promised has been sent.
func (a *assembler) SendEnd() error {
	if a.framing == front.ByChunks { // RFC 9112 §7.1: last-chunk, an empty trailer section, CRLF
		a.unsent = append(a.unsent, "0\r\n\r\n"...)
	}
	return a.flush()
}

// sendContinue sends an interim response (RFC 9110 §15.2.1), unless the final one has begun.
func (a *assembler) sendContinue() bool {
	if a.status != 0 {
		return false
	}
	a.unsent = append(a.unsent, "HTTP/1.1 100 Continue\r\n\r\n"...)
	a.watch.Assembled(a.sent, a.unsent)
	a.flush()
	return true
}
