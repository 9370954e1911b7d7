//go:build linux

package loop

import (
	"bytes"
	"strconv"
	"time"

	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
	"glasswsgi/server/front"
)

// knownHead is the head of the latest response, of a kind that most responses are of: 200, with a body in one block, to
// whose length the server adds a Content-Length. The next response often differs in that length alone.
type knownHead struct {
	status  string
	headers []wsgi.Header // the slice itself is compared: a lane gives the same one for the same fields
	fields  server.Fields
	second  int64  // of Date
	before  []byte // up to the length
	after   []byte // behind it
}

var lengthLine = []byte("\r\nContent-Length: 0\r\n")

// append appends a whole response, if its head is known. Everything that the rules of a response look at is the same, but for
// the length.
func (k *knownHead) append(out []byte, whole *wsgi.Whole, f server.Fields, now time.Time) (_ []byte, known bool) {
	status, headers := whole.Status, whole.Headers
	if len(whole.Blocks) != 1 || whole.Length != int64(len(whole.Blocks[0])) {
		return out, false
	}
	block := whole.Blocks[0]
	if len(k.before) == 0 || len(headers) == 0 || len(headers) != len(k.headers) || &headers[0] != &k.headers[0] || status != k.status || f != k.fields || now.Unix() != k.second {
		return out, false
	}
	out = append(out, k.before...)
	out = strconv.AppendInt(out, int64(len(block)), 10)
	out = append(out, k.after...)
	return append(out, block...), true
}

// remember keeps the head of a response that the rules have let pass.
func (k *knownHead) remember(head *wsgi.Head, f server.Fields, now time.Time) {
	k.before = k.before[:0]
	if head.HasLength || head.WithoutBody() || f.Framing != front.ByLength || len(head.Headers) == 0 {
		return
	}
	same := *head
	same.Length = 0
	all := server.AppendHead(nil, &same, f)
	at := bytes.LastIndex(all, lengthLine)
	if at < 0 {
		return
	}
	digit := at + len(lengthLine) - len("0\r\n")
	k.status, k.headers, k.fields, k.second = head.Status, head.Headers, f, now.Unix()
	k.before, k.after = append(k.before, all[:digit]...), append(k.after[:0], all[digit+1:]...)
}
