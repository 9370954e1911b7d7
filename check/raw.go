package check

import (
	"bytes"
	"strings"
)

// raw is the text of expect_raw: exact bytes, and {any} for whatever a line goes on with.
type raw struct {
	parts [][]byte // between them, the rest of a line
}

func newRaw(text string, n names) (r raw, err error) {
	for part := range strings.SplitSeq(text, "{any}") {
		expanded, err := n.expand(part)
		if err != nil {
			return r, err
		}
		r.parts = append(r.parts, expanded)
	}
	return r, nil
}

// match compares as far as there are bytes. It returns how many are right, what is missing or should be in the place of
// those that are wrong, and whether more bytes could still make it right.
func (r raw) match(got []byte) (right int, missing []byte, wrong bool) {
	for i, part := range r.parts {
		if i > 0 {
			end := bytes.IndexAny(got[right:], "\r\n")
			if end < 0 {
				return len(got), part, false
			}
			right += end
		}
		for j, c := range part {
			switch {
			case right == len(got):
				return right, part[j:], false
			case got[right] != c:
				return right, part[j:], true
			}
			right++
		}
	}
	return right, nil, false
}

// read waits for the bytes and takes them.
func (r raw) read(c *connection) error {
	var right int
	var missing []byte
	var wrong bool
	c.begin()
	c.wait(func() bool {
		right, missing, wrong = r.match(c.data[c.read:])
		return wrong || missing == nil || c.end != nil
	})
	start := c.read
	c.read += right
	c.seen = c.read
	switch {
	case wrong:
		f := c.wrongAt(start+right, say("these are not the bytes that should come"))
		f.Want = missing
		return f
	case missing != nil:
		return &Failure{Text: say("bytes are missing: %s", c.ending()), Want: missing}
	}
	return nil
}
