package server

import (
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"glasswsgi/runtime/wsgi"
)

// framing is how the peer finds the end of a response body (RFC 9112 §6.3).
type framing uint8

const (
	withoutBody framing = iota // HEAD, 204, 205, 304: the head is all
	byLength                   // Content-Length
	byChunks                   // Transfer-Encoding: chunked
	byClose                    // the end of the connection: HTTP/1.0 knows nothing better
)

// joinBlock is the size up to which a block is copied behind the head or the chunk-size, to leave in one write.
const joinBlock = 16 << 10

// commonHead is how many bytes the head of a response and a short body commonly have: the size of a connection's buffer
// for them. What needs more has a buffer of its own.
const commonHead = 512

// assembler makes the bytes of a response: status-line, header section, body. It implements wsgi.Assembler.
type assembler struct {
	*exchange
	status    int // of the head that was assembled, 0 before
	headers   []wsgi.Header
	framing   framing
	keep      bool   // the connection is meant to be kept
	truncated bool   // the peer cannot tell that the body is cut off, unless we reset the connection
	unsent    []byte // assembled and not yet sent: the head waits for the first block. The connection's, up to commonHead
	sent      int    // bytes of the response that left
	bodySent  int64
	patience
}

// SendHead assembles the head. It leaves together with the first block.
func (a *assembler) SendHead(head wsgi.Head) error {
	if a.body.err != nil { // the peer broke the body that the application answers to: no clean answer
		return a.body.err
	}
	head = a.sawResponse(head)
	a.status, _ = strconv.Atoi(head.Status[:3])
	a.headers = head.Headers
	a.framing = chooseFraming(a.status, a.response.Bodiless, head.Length, a.request.Minor)
	a.keep = a.persists()

	if a.unsent == nil {
		a.unsent = a.assembled[:0]
	}
	b := append(a.unsent, "HTTP/1.1 "...) // our version, whatever the peer's is (RFC 9110 §2.5)
	b = append(b, head.Status...)
	b = append(b, "\r\n"...)
	b = a.appendHeaders(b, head)
	a.unsent = append(b, "\r\n"...)
	a.sawHead(a.sent, a.unsent)
	return nil
}

// chooseFraming decides in the order of RFC 9112 §6.3, seen from the sender, whose peer speaks HTTP/1.minor.
func chooseFraming(status int, bodiless bool, length int64, minor int) framing {
	switch {
	case bodiless, status == 204, status == 205, status == 304:
		return withoutBody
	case length >= 0:
		return byLength
	case minor >= 1:
		return byChunks
	}
	return byClose
}

// persists decides whether another request may follow on this connection (RFC 9112 §9.3).
func (a *assembler) persists() bool {
	return a.request.KeepAlive && a.framing != byClose && a.body.reusable() &&
		a.server.KeepAlive > 0 && a.server.Model != Iterative && !a.server.stopping.Load()
}

// appendHeaders adds the application's header fields as they are, and those that are the server's.
func (a *assembler) appendHeaders(b []byte, head wsgi.Head) []byte {
	hasDate, hasServer := false, false
	for _, h := range head.Headers {
		switch {
		case len(h.Name) == len("Date") && strings.EqualFold(h.Name, "Date"):
			hasDate = true
		case len(h.Name) == len("Server") && strings.EqualFold(h.Name, "Server"):
			hasServer = true
		case (a.status == 204 || a.status == 205) && strings.EqualFold(h.Name, "Content-Length"):
			continue // RFC 9110 §8.6: MUST NOT with 204; with 205 it can only be 0
		}
		b = appendField(b, h.Name, h.Value)
	}
	if !hasDate { // RFC 9110 §6.6.1: MUST, for a server with a clock
		b = appendField(b, "Date", httpDate(time.Now()))
	}
	if !hasServer {
		b = appendField(b, "Server", a.server.Software)
	}
	switch {
	case a.framing == byChunks:
		b = appendField(b, "Transfer-Encoding", "chunked")
	case a.status == 205: // RFC 9110 §15.3.6: no content, but unlike 204 it does not end with its head
		b = appendField(b, "Content-Length", "0")
	case head.Length >= 0 && !head.HasLength && a.status != 204 && a.status != 304:
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, head.Length, 10)
		b = append(b, "\r\n"...)
	}
	switch { // RFC 9112 §9.3, §9.6
	case !a.keep:
		b = appendField(b, "Connection", "close")
	case a.request.Minor == 0:
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
	if a.framing == byChunks { // RFC 9112 §7.1: chunk = chunk-size CRLF chunk-data CRLF
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

// filePiece is how much of a file is sent between two looks at how patient we still are.
const filePiece = 1 << 20

// SendFile implements wsgi.FileSender: where the socket is TCP's, the system copies the file (sendfile). A peer that
// takes something before the time-out may go on, at the pace of slowestPeer.
func (a *assembler) SendFile(file io.Reader, size int64) (done int64, err error) {
	if a.framing == byChunks {
		return 0, errors.New("a file without Content-Length") // its size is its length: this cannot be
	}
	if err := a.flush(); err != nil {
		return 0, err
	}
	for done < size {
		begun := time.Now()
		a.socket.SetWriteDeadline(begun.Add(a.left(a.server.WriteTimeout, int64(a.sent))))
		n, err := io.CopyN(a.socket, file, min(size-done, filePiece))
		a.wrote(begun)
		a.sent += int(n)
		a.bodySent += n
		done += n
		switch {
		case err == io.EOF: // the file has become shorter
			return done, nil
		case err != nil && (n == 0 || !errors.Is(err, os.ErrDeadlineExceeded)):
			return done, err
		}
	}
	return done, nil
}

// SendEnd ends the response: everything that was promised has been sent.
func (a *assembler) SendEnd() error {
	if a.framing == byChunks { // RFC 9112 §7.1: last-chunk, an empty trailer section, CRLF
		a.unsent = append(a.unsent, "0\r\n\r\n"...)
	}
	return a.flush()
}

// sendInterim sends an interim response (RFC 9110 §15.2).
func (a *assembler) sendInterim(head string) {
	a.unsent = append(a.unsent, head...)
	a.sawHead(a.sent, a.unsent)
	a.flush()
}

// flush writes what is unsent, and the parts after it, in one system call.
func (a *assembler) flush(parts ...[]byte) error {
	if len(a.unsent) == 0 && len(parts) == 0 {
		return nil
	}
	var all net.Buffers
	if len(parts) > 0 {
		all = append(net.Buffers{a.unsent}, parts...)
		a.sawSend(a.sent, all...)
	} else {
		a.sawSend(a.sent, a.unsent)
	}
	begun := time.Now() // the observer's time is not the peer's
	a.socket.SetWriteDeadline(begun.Add(a.left(a.server.WriteTimeout, int64(a.sent))))
	var err error
	var n int64
	if len(parts) > 0 {
		n, err = all.WriteTo(a.socket)
	} else {
		var written int
		written, err = a.socket.Write(a.unsent)
		n = int64(written)
	}
	a.wrote(begun)
	a.sent += int(n)
	a.unsent = a.unsent[:0]
	return err
}

// wrote counts the time that the peer has needed to take bytes.
func (a *assembler) wrote(begun time.Time) {
	took := time.Since(begun)
	a.waited += took
	if !a.unseen() {
		a.sending += took
	}
}
