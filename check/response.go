package check

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
)

// response is one response as a recipient reads it that is told to be lenient where that is harmless: lines may end in
// LF, and a malformed field value is only a value. What is not permitted all the same is for the condition grammar.
type response struct {
	head       []byte // with the empty line at its end
	at         int    // where it begins in what was received
	statusLine string
	status     int
	fields     []fieldLine
	body       []byte
	truncated  bool        // the connection ended before the body did
	interim    []*response // those that came before, unless they were asked for
}

type fieldLine struct{ name, value string }

var errNothing = errors.New("no response")

// readResponse reads the next response of a connection: a final one, unless interim ones are of interest.
func (c *connection) readResponse(interim bool) (*response, error) {
	var before []*response
	c.begin()
	for {
		r, err := c.readHead()
		if err != nil {
			return nil, err
		}
		if r.status < 200 && r.status != 101 {
			if interim {
				return r, nil
			}
			if before = append(before, r); len(before) > mostInterim {
				return nil, c.wrongAt(r.at, say("more than %d interim responses came, and no other", mostInterim))
			}
			continue
		}
		r.interim = before
		err = c.readBody(r, c.nextMethod())
		c.seen = c.read
		return r, err
	}
}

// readHead reads status-line, field lines, and the empty line.
func (c *connection) readHead() (*response, error) {
	r := &response{at: c.read}
	c.start, c.conversation.last = c.read, c
	line, err := c.line()
	if err != nil {
		if c.read == len(c.received()) {
			return nil, errNothing
		}
		return nil, err
	}
	r.statusLine = line
	if at := wrongStatusLine(line); at >= 0 {
		return nil, c.wrongAt(r.at+at, say("this is no status-line (RFC 9112 §4)"))
	}
	r.status, _ = strconv.Atoi(line[9:12])
	for {
		start := c.read
		line, err := c.line()
		switch {
		case err != nil:
			return nil, err
		case line == "":
			r.head = c.received()[r.at:c.read]
			c.seen = c.read
			return r, nil
		}
		name, value, colon := strings.Cut(line, ":")
		switch {
		case (line[0] == ' ' || line[0] == '\t') && len(r.fields) > 0: // obs-fold
			r.fields[len(r.fields)-1].value += " " + strings.Trim(line, " \t")
		case len(r.fields) == mostFieldLines:
			return nil, c.wrongAt(start, say("more than %d field lines came", mostFieldLines))
		case !colon:
			return nil, c.wrongAt(start, say("this is no field line: it has no colon (RFC 9112 §5)"))
		default:
			r.fields = append(r.fields, fieldLine{strings.TrimRight(name, " \t"), strings.Trim(value, " \t")})
		}
	}
}

// wrongStatusLine returns the first byte that cannot be part of a status-line, or -1. The space after the status code
// may be left out: see the condition grammar.
func wrongStatusLine(line string) int {
	for i, want := range []byte("HTTP/1.9 999") {
		switch {
		case i >= len(line):
			return i
		case want == '9' && (line[i] < '0' || line[i] > '9'), want != '9' && line[i] != want:
			return i
		}
	}
	if len(line) > 12 && line[12] != ' ' {
		return 12
	}
	return -1
}

// readBody finds the end of the body by RFC 9112 §6.3, in its order.
func (c *connection) readBody(r *response, method string) error {
	coding := strings.ToLower(r.combined("Transfer-Encoding"))
	lengths := r.lines("Content-Length")
	var err error
	switch {
	case method == "HEAD", r.status < 200, r.status == 204, r.status == 304:
		return nil
	case coding == "chunked" || strings.HasSuffix(strings.ReplaceAll(coding, " ", ""), ",chunked"):
		r.body, err = c.chunks()
	case coding != "":
		r.body, err = c.untilEnd()
	case len(lengths) > 0:
		n, wrong := strconv.ParseUint(lengths[0], 10, 40)
		if wrong != nil || len(lengths) > 1 {
			return &Failure{Text: say("the Content-Length of the response cannot be read: %s", strings.Join(lengths, ", "))}
		}
		r.body, err = c.bytes(int(n))
	default:
		r.body, err = c.untilEnd()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		r.truncated, err = true, nil
	}
	return err
}

// chunks reads a body in the chunked transfer coding (RFC 9112 §7.1).
func (c *connection) chunks() (body []byte, err error) {
	for {
		start := c.read
		line, err := c.line()
		if err != nil {
			return body, err
		}
		size, _, _ := strings.Cut(line, ";")
		n, wrong := strconv.ParseUint(strings.TrimRight(size, " \t"), 16, 40)
		if wrong != nil {
			return body, c.wrongAt(start, say("this is no chunk-size (RFC 9112 §7.1)"))
		}
		if n == 0 {
			return body, c.trailers()
		}
		chunk, err := c.bytes(int(n))
		body = append(body, chunk...)
		if err != nil {
			return body, err
		}
		start = c.read
		if line, err = c.line(); err != nil {
			return body, err
		}
		if line != "" {
			return body, c.wrongAt(start, say("the chunk should end here, with CR LF (RFC 9112 §7.1)"))
		}
	}
}

func (c *connection) trailers() error {
	for range mostFieldLines {
		if line, err := c.line(); err != nil || line == "" {
			return err
		}
	}
	return c.wrongAt(c.read, say("more than %d field lines came", mostFieldLines))
}

// line reads a line without its end.
func (c *connection) line() (string, error) {
	length := -1
	c.wait(func() bool {
		length = bytes.IndexByte(c.data[c.read:], '\n')
		return length >= 0 || c.end != nil
	})
	if length < 0 {
		return "", c.cutOff(say("in the middle of a line"))
	}
	line := c.received()[c.read : c.read+length]
	c.read += length + 1
	return string(bytes.TrimSuffix(line, []byte("\r"))), nil
}

// bytes reads n bytes, or fewer and an error.
func (c *connection) bytes(n int) ([]byte, error) {
	c.wait(func() bool { return len(c.data)-c.read >= n || c.end != nil })
	rest := c.received()[c.read:]
	if len(rest) < n {
		c.read += len(rest)
		return rest, c.cutOff(say("after %d of %d bytes", len(rest), n))
	}
	c.read += n
	return rest[:n], nil
}

// untilEnd reads a body that ends with the connection. A reset tells that it was not all.
func (c *connection) untilEnd() ([]byte, error) {
	c.wait(func() bool { return c.end != nil })
	rest := c.received()[c.read:]
	c.read += len(rest)
	if !errors.Is(c.ended(), io.EOF) {
		return rest, c.cutOff(say("in a body that ends with the connection"))
	}
	return rest, nil
}

// cutOff is the error of a wait for bytes: the end of the connection, or a time-out.
func (c *connection) cutOff(where Phrase) error {
	if c.closed() {
		return io.ErrUnexpectedEOF
	}
	return &Failure{Text: say("the response stops %s: %s", where, c.ending())}
}

// lines are the values of the field lines of a name.
func (r *response) lines(name string) (values []string) {
	for _, f := range r.fields {
		if strings.EqualFold(f.name, name) {
			values = append(values, f.value)
		}
	}
	return values
}

// combined is the value of a field (RFC 9110 §5.3).
func (r *response) combined(name string) string { return strings.Join(r.lines(name), ", ") }
