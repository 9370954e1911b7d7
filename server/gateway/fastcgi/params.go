package fastcgi

import (
	"slices"

	"glasswsgi/parser"
	"glasswsgi/server/gateway/token"
)

// nextParam reads the next name-value pair of FCGI_PARAMS, or as much of it as the record has (FastCGI §5.2).
func (d *Decoder) nextParam() (token.Event, *parser.SyntaxError) {
	there := d.Unread()
	there = there[:min(len(there), d.left)]
	p, known := parsePair(d.begun.front(there))
	if known {
		if err := d.checkLengths(p); err != nil {
			return token.Event{}, err
		}
	}
	switch {
	case known && p.end()-len(d.begun.bytes) <= len(there):
		return d.wholeParam(p)
	case len(there) == d.left:
		return d.partOfParam(), nil
	}
	return token.Event{}, nil
}

// checkLengths refuses a pair that is too long before it has come.
func (d *Decoder) checkLengths(p pair) *parser.SyntaxError {
	for _, size := range []int{p.name, p.value} { // one by one: together they may not fit an int of 32 bits
		if err := d.request.Announced(&d.Buffer, size); err != nil {
			return err
		}
	}
	return d.request.Announced(&d.Buffer, p.name+p.value)
}

// wholeParam reads a pair that is there to its end.
func (d *Decoder) wholeParam(p pair) (token.Event, *parser.SyntaxError) {
	begun := d.begun
	n := p.end() - len(begun.bytes)
	whole := d.Unread()[:n]
	if len(begun.bytes) > 0 {
		whole = append(begun.bytes, whole...)
	}
	v := token.Variable{}
	v.Name, v.Value = p.cut(whole)
	begun.locate(&v, append(begun.pieces, d.Span(n)), p.lengths+p.name)
	if err := d.request.Add(&d.Buffer, &v); err != nil {
		return token.Event{}, err
	}
	if v.Name == "CONTENT_LENGTH" {
		if err := d.request.SetLength(&d.Buffer, v.Value); err != nil {
			return token.Event{}, err
		}
	}
	d.begun = cutPair{}
	event := d.Token(token.GotVariable, "FCGI_NameValuePair", "FastCGI §3.4", n)
	event.Variable = v
	d.taken(n)
	return event, nil
}

// partOfParam keeps the rest of the record for the pair that goes on in the next one.
func (d *Decoder) partOfParam() token.Event {
	event := d.Token(token.GotFrame, "part of FCGI_NameValuePair", "FastCGI §3.3", d.left)
	d.begun.bytes = append(d.begun.bytes, event.Data...)
	d.begun.pieces = append(d.begun.pieces, event.Span)
	d.taken(d.left)
	return event
}

// cutPair is a name-value pair whose first bytes came in earlier records: the value of a stream is independent of how
// many records it has and how its bytes are divided among them (FastCGI §3.3).
type cutPair struct {
	bytes  []byte
	pieces []parser.Span // where they stood
}

// front is the first bytes of the pair, of which more have come: enough to read its lengths.
func (c *cutPair) front(more []byte) []byte {
	const twoLengths = 8
	switch {
	case len(c.bytes) == 0:
		return more
	case len(c.bytes) >= twoLengths:
		return c.bytes
	}
	return append(slices.Clip(c.bytes), more[:min(len(more), twoLengths)]...)
}

// locate says which bytes of the message a value is, which begins at a byte of the pair and goes to its end.
func (c *cutPair) locate(v *token.Variable, pieces []parser.Span, at int) {
	for _, piece := range pieces {
		skipped := min(at, piece.Len())
		at -= skipped
		piece.Start += skipped
		switch {
		case piece.Len() == 0:
		case v.Wire == parser.Span{}:
			v.Wire = piece
		default:
			v.More = append(v.More, piece)
		}
	}
}
