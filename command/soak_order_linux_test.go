package command

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
)

// soakKind is a kind of request that the application knows.
type soakKind struct {
	method  string
	blocks  bool // of the response, as many as the path says
	closes  bool // its iterable has a close()
	fails   bool // 500
	isCut   bool // the application fails in the middle
	uploads bool
}

var soakKinds = map[string]soakKind{
	"hello":  {method: "GET"},
	"head":   {method: "HEAD", blocks: true, closes: true},
	"stream": {method: "GET", blocks: true, closes: true},
	"sized":  {method: "GET", blocks: true, closes: true},
	"write":  {method: "GET", blocks: true}, // where write() fails there is no iterable yet
	"sum":    {method: "POST", uploads: true},
	"raise":  {method: "GET", fails: true},
	"break":  {method: "GET", blocks: true, closes: true, isCut: true},
	"pid":    {method: "GET"},
}

// soakOrder is one request, and what it asks for.
type soakOrder struct {
	ledger    *ledger
	id, harms int
	kind      string
	count     int    // of blocks
	body      []byte // of an upload
	chunked   bool
	expect    bool // 100-continue
	protocol  string
	last      bool // on its connection
}

func (l *ledger) order(kind string) *soakOrder {
	o := &soakOrder{ledger: l, kind: kind, protocol: "HTTP/1.1"}
	o.id, o.harms = l.begin(kind)
	if soakKinds[kind].blocks {
		o.count = 1 + rand.IntN(20)
	}
	if soakKinds[kind].uploads {
		size := rand.IntN(3000)
		if rand.IntN(8) == 0 {
			size = rand.IntN(300_000) // more than is received before the call
		}
		o.body = bytes.Repeat(fmt.Appendf(nil, "%d ", o.id), size/8)
		o.chunked, o.expect = rand.IntN(2) == 0, rand.IntN(4) == 0
	}
	return o
}

// head is the request without its body.
func (o *soakOrder) head() []byte {
	kind := o.kind
	if kind == "head" {
		kind = "stream"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s /%s/%d/%d %s\r\nHost: soak\r\nX-Id: %d\r\n", soakKinds[o.kind].method, kind, o.id, o.count, o.protocol, o.id)
	switch {
	case !soakKinds[o.kind].uploads:
	case o.chunked:
		b.WriteString("Transfer-Encoding: chunked\r\n")
	default:
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(o.body))
	}
	if o.expect {
		b.WriteString("Expect: 100-continue\r\n")
	}
	if o.last {
		b.WriteString("Connection: close\r\n")
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// pieces is the body as it goes over the wire, in pieces of any size.
func (o *soakOrder) pieces() (pieces [][]byte) {
	for left := o.body; len(left) > 0; {
		n := min(1+rand.IntN(20_000), len(left))
		piece := left[:n]
		if o.chunked {
			piece = fmt.Appendf(nil, "%x\r\n%s\r\n", n, piece)
		}
		pieces, left = append(pieces, piece), left[n:]
	}
	if o.chunked {
		pieces = append(pieces, []byte("0\r\n\r\n"))
	}
	return pieces
}

// whole is the request in one piece.
func (o *soakOrder) whole() []byte { return append(o.head(), bytes.Join(o.pieces(), nil)...) }

// want is the body that answers it.
func (o *soakOrder) want() []byte {
	id := strconv.Itoa(o.id)
	switch {
	case o.kind == "hello":
		return []byte("hello " + id)
	case o.kind == "head":
		return nil
	case soakKinds[o.kind].uploads:
		return fmt.Appendf(nil, "%s %d %x", id, len(o.body), sha256.Sum256(o.body))
	}
	return soakText(id, o.count)
}

// receive reads the answer and notes what became of the request. It returns the body, and whether another answer may
// come over the connection.
func (o *soakOrder) receive(in *bufio.Reader) (body []byte, more bool) {
	if _, err := in.Peek(1); err != nil {
		o.ended(unanswered, err)
		return nil, false
	}
	response, err := http.ReadResponse(in, &http.Request{Method: soakKinds[o.kind].method})
	for err == nil && response.StatusCode == http.StatusContinue {
		response, err = http.ReadResponse(in, &http.Request{Method: soakKinds[o.kind].method})
	}
	if err != nil {
		o.ended(cut, err)
		return nil, false
	}
	body, err = io.ReadAll(response.Body)
	switch {
	case err != nil:
		o.ended(cut, err)
		return nil, false
	case response.StatusCode >= 500:
		o.ended(refused, fmt.Errorf("%s: %.300q", response.Status, body))
	case response.StatusCode != 200:
		o.ledger.end(o.id, o.harms, refused)
		o.ledger.note("request %d (%s): %s", o.id, o.kind, response.Status)
	default:
		o.compare(response, body)
	}
	return body, !response.Close && !o.last && o.protocol == "HTTP/1.1"
}

// compare says whether an answer is that of this request.
func (o *soakOrder) compare(response *http.Response, body []byte) {
	o.ledger.end(o.id, o.harms, answered)
	kind := soakKinds[o.kind]
	if got := response.Header.Values("X-Id"); len(got) != 1 || got[0] != strconv.Itoa(o.id) {
		o.ledger.note("request %d (%s) got the head of %q", o.id, o.kind, got)
	}
	switch {
	case kind.fails || kind.isCut:
		o.ledger.note("request %d (%s) got %d bytes that pass for a whole answer", o.id, o.kind, len(body))
	case o.kind == "pid":
	case !bytes.Equal(body, o.want()):
		o.ledger.note("request %d (%s) got %d bytes, %.100q, and not the %d of %.100q", o.id, o.kind, len(body), body, len(o.want()), o.want())
	}
}

// ended notes an outcome that is no answer. The soak's harm, or what the request itself asks for, has to explain it; but
// nothing excuses silence.
func (o *soakOrder) ended(as outcome, err error) {
	excused := o.ledger.end(o.id, o.harms, as)
	kind := soakKinds[o.kind]
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		o.ledger.note("request %d (%s) was lost in silence: %v", o.id, o.kind, err)
	case excused: // whether it was executed is in the application's lines
	case as == cut && kind.isCut, as == refused && kind.fails:
	default:
		o.ledger.note("request %d (%s) was %v: %s", o.id, o.kind, as, strings.TrimSpace(err.Error()))
	}
}
