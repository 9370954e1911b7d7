package hub

import (
	"slices"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// While no session has control, a step is only noted: as few small values, and its bytes. It is written out, as what faces
// show, when one of them asks for its exchange. Of most exchanges of a busy server no face ever does.

// noted is a step that is not written out yet.
type noted struct {
	what       *kindOfStep
	at         time.Duration // since Exchange.Began
	sending    time.Duration
	wire       parser.Span
	start, end int // of its bytes in record.notedBytes
	value      any // of Step.Value, what does not change any more
	python     *Place
}

// kindOfStep is what a step is, whichever the exchange, and where it is made.
type kindOfStep struct {
	stepName
	spec   string
	source Place
}

// Limits of what waits to be written out, of one exchange: a stream of blocks is written out as it comes.
const (
	mostNoted      = 64
	mostNotedBytes = 64 << 10
)

// note keeps a step. The caller holds the lock.
func (h *Hub) note(r *record, s front.Step, now time.Time) {
	if len(r.noted) >= mostNoted || len(r.notedBytes) > 0 && len(r.notedBytes)+len(s.Bytes) > mostNotedBytes {
		h.writeOut(r)
	}
	if r.noted == nil { // in the place of one that was forgotten
		r.noted, r.notedBytes = h.spare.noted[:0], h.spare.bytes[:0]
		h.spare = unread{}
	}
	start := len(r.notedBytes)
	r.notedBytes = append(r.notedBytes, s.Bytes...)
	r.keeps(len(s.Bytes), h)
	n := noted{what: h.kindOf(r.connection, s), at: now.Sub(r.Began), sending: s.Sending, wire: s.Wire, start: start, end: len(r.notedBytes), value: lasting(s)}
	if s.Stage == front.Call && s.Name != "call" {
		n.python, r.place = r.place, nil
	}
	if s.Stage == front.Receive {
		r.connection.latest = r.notedBytes[start:]
	}
	r.Took = n.at
	r.noted = append(r.noted, n)
}

// unread is what was noted of an exchange that was forgotten before a face asked for it.
type unread struct {
	noted []noted
	bytes []byte
}

// writeOut makes of what was noted what faces show. The caller holds the lock.
func (h *Hub) writeOut(r *record) {
	all, data, place := r.noted, r.notedBytes, r.place
	if len(all) == 0 {
		return
	}
	r.noted, r.notedBytes = nil, nil
	r.keeps(-len(data), h)
	for _, n := range all {
		r.place = n.python
		s := front.Step{Stage: n.what.stage, Name: n.what.name, Spec: n.what.spec, Wire: n.wire, Bytes: data[n.start:n.end:n.end], Sending: n.sending, Value: n.value}
		h.add(r, s, n.at, n.what.source)
	}
	r.place = place
	if r.State == Ended {
		r.settleBlock()
	}
}

// find is a record in which everything is written out. The caller holds the lock.
func (h *Hub) find(id uint64) (*record, bool) {
	r, ok := h.records[id]
	if ok {
		h.writeOut(r)
	}
	return r, ok
}

// lastStep is the index of the latest step.
func (r *record) lastStep() int { return len(r.Steps) + len(r.noted) - 1 }

// lasting is what can be kept of a step's value until it is written out: what the server goes on with is copied.
func lasting(s front.Step) any {
	switch value := s.Value.(type) {
	case *parser.Request:
		if s.Name == "message-body-length" {
			return front.Meaning(framing(value))
		}
		return nil // text is made of the bytes
	case *wsgi.Environ:
		return &wsgi.Environ{Variables: slices.Clone(value.Variables), URLScheme: value.URLScheme,
			Multithread: value.Multithread, Multiprocess: value.Multiprocess, RunOnce: value.RunOnce}
	case *wsgi.Head:
		return &wsgi.Head{Status: value.Status, Headers: slices.Clone(value.Headers), Length: value.Length}
	case wsgi.Iterable:
		kept := returned{size: value.Size()}
		if who, ok := value.(wsgi.Answerer); ok {
			kept.by = who.By()
		}
		return kept
	}
	return s.Value
}

// returned is what is known of an iterable without it.
type returned struct {
	wsgi.Iterable // none
	size          int64
	by            string
}

func (r returned) Size() int64 { return r.size }
func (r returned) By() string  { return r.by }
