package inspect

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"glasswsgi/server/front"
)

// curlLimit is how many bytes of a message CurlTrace shows; a download would drown everything else.
const curlLimit = 16 << 10

// CurlTrace prints the bytes of both directions, a line each, with > before what the client sent and < before what it
// gets, as curl -v does.
func CurlTrace(w io.Writer) front.Observer {
	t := &curlTrace{w: w, connections: map[uint64]*curlConnection{}}
	return t.observe
}

type curlTrace struct {
	w           io.Writer
	last        uint64 // the connection whose lines were printed last
	connections map[uint64]*curlConnection
}

// curlConnection is what is printed of the exchange that is under way.
type curlConnection struct {
	request, response curlMessage
	frames            bool // it speaks no HTTP, whose messages are lines of text: tokens are printed in place of bytes
}

// curlMessage is one direction of an exchange as far as it is printed.
type curlMessage struct {
	mark   string // ">" or "<"
	line   []byte // the line that has no end yet
	shown  int    // bytes
	hidden int
}

func (t *curlTrace) observe(s front.Step) {
	if s.Stage == front.Accept {
		t.connections[s.Connection] = newCurlConnection()
		t.note(s, fmt.Sprintf("connection %d from %v", s.Connection, s.Value))
	}
	c := t.connections[s.Connection]
	switch {
	case (s.Stage == front.Receive || s.Stage == front.Send) && !strings.HasPrefix(s.Spec, "RFC 9112"):
		c.frames = true
	case c.frames && s.Stage == front.Parse && s.Name != "refused":
		t.token(s, &c.request)
	case c.frames && s.Stage == front.Respond:
		t.token(s, &c.response)
	case s.Stage == front.Receive:
		t.data(s, &c.request, &c.response)
	case s.Stage == front.Send:
		t.data(s, &c.response, &c.request)
	case s.Name == "refused", s.Name == "failed":
		t.endLine(&c.request)
		t.endLine(&c.response)
		t.note(s, fmt.Sprintf("%s: %v", s.Name, s.Value))
	case s.Stage == front.Close:
		t.end(&c.request)
		t.end(&c.response)
		t.connections[s.Connection] = newCurlConnection()
		if s.Name == "close" {
			delete(t.connections, s.Connection)
			t.note(s, fmt.Sprintf("connection %d closed", s.Connection))
		}
	}
}

func newCurlConnection() *curlConnection {
	return &curlConnection{request: curlMessage{mark: ">"}, response: curlMessage{mark: "<"}}
}

func (t *curlTrace) note(s front.Step, text string) {
	t.last = s.Connection
	fmt.Fprintf(t.w, "* %s\n", text)
}

// data prints the lines that the bytes complete.
func (t *curlTrace) data(s front.Step, m, other *curlMessage) {
	if t.last != s.Connection {
		t.note(s, fmt.Sprintf("connection %d", s.Connection))
	}
	t.endLine(other)
	show := min(len(s.Bytes), curlLimit-m.shown)
	m.shown += show
	m.hidden += len(s.Bytes) - show
	m.line = append(m.line, s.Bytes[:show]...)
	for {
		line, rest, complete := bytes.Cut(m.line, []byte("\n"))
		if !complete {
			return
		}
		t.print(m, bytes.TrimSuffix(line, []byte("\r")))
		m.line = rest
	}
}

func (t *curlTrace) print(m *curlMessage, line []byte) {
	fmt.Fprintf(t.w, "%s %s\n", m.mark, Printable(line))
}

// token prints a token that has bytes of its own.
func (t *curlTrace) token(s front.Step, m *curlMessage) {
	if len(s.Bytes) == 0 {
		return
	}
	if t.last != s.Connection {
		t.note(s, fmt.Sprintf("connection %d", s.Connection))
	}
	if m.shown >= curlLimit {
		m.hidden += len(s.Bytes)
		return
	}
	m.shown += len(s.Bytes)
	fmt.Fprintf(t.w, "%s %s: %s\n", m.mark, s.Name, describe(s))
}

// endLine prints the line that has no end yet.
func (t *curlTrace) endLine(m *curlMessage) {
	if len(m.line) > 0 {
		t.print(m, m.line)
		m.line = nil
	}
}

func (t *curlTrace) end(m *curlMessage) {
	t.endLine(m)
	if m.hidden > 0 {
		fmt.Fprintf(t.w, "* … and %d bytes more after %s\n", m.hidden, m.mark)
	}
}
