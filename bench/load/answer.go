package load

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
)

// answer reads a response as its bytes come, and says when it is complete, or what is wrong with it. It keeps no content.
//
// A server repeats its header section byte for byte, but for the Date once a second. A head that is the last one again
// is not parsed again.
type answer struct {
	plan *Plan

	came    int64  // bytes
	begun   []byte // a head that is not complete
	headed  bool   // the head is complete, and framing is of this answer
	content int64  // bytes

	head    []byte // the last one that was complete, through its empty line
	framing framing
	chunks  chunks
}

// framing says how long the content is, and what becomes of the connection (RFC 9112 §6.3, §9.3).
type framing struct {
	length int64 // bytes, or one of these two
	closes bool  // no other request may follow
}

const (
	inChunks      int64 = -1
	untilItCloses int64 = -2
)

// begin makes it ready for the next answer.
func (a *answer) begin() {
	a.came, a.begun, a.headed, a.content, a.chunks = 0, a.begun[:0], false, 0, chunks{}
}

// keeps says whether another request may follow a complete answer.
func (a *answer) keeps() bool { return a.headed && !a.framing.closes && !a.plan.Close }

// feed takes bytes in their order. Those that come behind the end are more than the server announced.
func (a *answer) feed(data []byte) (done bool, err error) {
	a.came += int64(len(data))
	if most := a.plan.mostBytes(); most > 0 && a.came > most {
		return false, errLong
	}
	for !a.headed {
		var complete bool
		if data, complete, err = a.takeHead(data); err != nil || !complete {
			return false, err
		}
	}
	var rest []byte
	switch a.framing.length {
	case untilItCloses:
		return false, a.accept(data)
	case inChunks:
		rest, done, err = a.chunks.take(data, a.accept)
	default:
		n := min(int64(len(data)), a.framing.length-a.content)
		err = a.accept(data[:n])
		rest, done = data[n:], a.content == a.framing.length
	}
	switch {
	case err != nil || !done:
		return false, err
	case len(rest) > 0:
		return false, errMore
	}
	return true, a.judge()
}

// end is the end of the connection.
func (a *answer) end() error {
	switch {
	case a.came == 0:
		return io.EOF
	case a.headed && a.framing.length == untilItCloses:
		return a.judge()
	}
	return errCut
}

// accept looks at content as it comes.
func (a *answer) accept(content []byte) error {
	at := a.content
	a.content += int64(len(content))
	switch {
	case a.plan.Content >= 0 && a.content > a.plan.Content:
		return errLength
	case a.plan.Body != "" && a.plan.Body[at:a.content] != string(content):
		return errContent
	}
	return nil
}

// judge looks at the length of a complete answer.
func (a *answer) judge() error {
	if a.plan.Content >= 0 && a.content != a.plan.Content {
		return errLength
	}
	return nil
}

var emptyLine = []byte("\r\n\r\n")

// takeHead takes the head from the front of data, or what there is of it. One that is not final is followed by another.
func (a *answer) takeHead(data []byte) (rest []byte, complete bool, err error) {
	if len(a.head) > 0 && len(a.begun) == 0 && bytes.HasPrefix(data, a.head) {
		a.headed = true
		return data[len(a.head):], true, nil
	}
	text, had := data, len(a.begun)
	if had > 0 {
		a.begun = append(a.begun, data[:min(len(data), mostHead+1-had)]...)
		text = a.begun
	}
	from := max(had-len(emptyLine)+1, 0)
	end := bytes.Index(text[from:], emptyLine)
	if end < 0 {
		if len(text) > mostHead {
			return nil, false, errLong
		}
		if had == 0 {
			a.begun = append(a.begun, data...)
		}
		return nil, false, nil
	}
	end += from + len(emptyLine)
	a.begun = a.begun[:0]
	return data[end-had:], true, a.learn(text[:end])
}

// learn takes what a head says. A length that is another than the plan's is refused before its content comes.
func (a *answer) learn(head []byte) error {
	f, final, err := parse(head)
	if err != nil || !final {
		return err
	}
	a.framing, a.headed = f, true
	if a.head = append(a.head[:0], head...); a.plan.Content >= 0 && f.length >= 0 && f.length != a.plan.Content {
		a.head = a.head[:0]
		return errLength
	}
	return nil
}

// parse reads a head; an interim one (RFC 9110 §15.2) is not final.
func parse(head []byte) (f framing, final bool, err error) {
	response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), nil)
	switch {
	case err != nil:
		return f, false, errHead
	case response.StatusCode/100 == 1 && response.StatusCode != http.StatusSwitchingProtocols:
		return f, false, nil
	case response.StatusCode != http.StatusOK:
		return f, false, statusError(response.StatusCode)
	}
	f = framing{response.ContentLength, response.Close}
	switch {
	case len(response.TransferEncoding) > 0:
		f.length = inChunks
	case response.ContentLength < 0:
		f = framing{untilItCloses, true}
	}
	return f, true, nil
}
