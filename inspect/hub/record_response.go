package hub

import (
	"bytes"
	"strings"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// This file finds out who wrote each byte of a response.

// depths are how deep the steps lie below the request's own way; those that are not named lie on it.
var depths = map[string]int{
	"need-data": 1, "field-line": 1, "chunk-size": 1, "trailer-field": 1, "status-line": 1, "end-of-header-section": 1,
	"start_response": 2, "write()": 2,
}

// depth is how deep a step lies: what the application causes, while its callable runs, lies below the application.
func (r *record) depth(s front.Step) int {
	depth := depths[s.Name]
	if r.inside && depth < 2 && s.Name != "iterable" && s.Name != "failed" {
		depth += 2
	}
	return depth
}

func (r *record) responded(step *Step, s front.Step, h *Hub) {
	switch s.Name {
	case "head":
		if r.Failure != nil && r.Head == nil { // an error page of the server's own
			return
		}
		if head, ok := s.Value.(*wsgi.Head); ok {
			r.takeFinalHead(head)
		}
	case "status-line":
		r.interim = isInterim(s.Bytes)
		r.statusLine(s)
	case "field-line":
		r.fieldLine(s)
	case "end-of-header-section":
		r.wrote(s.Wire, ByServer, nil)
		r.headEnd = s.Wire.End
	case "send":
		r.sent(step, s, h)
	}
}

// isInterim says that a status-line begins a head that is not the final one.
func isInterim(line []byte) bool { return bytes.HasPrefix(line, []byte("HTTP/1.1 1")) }

// takeFinalHead copies the head that will be sent.
func (r *record) takeFinalHead(head *wsgi.Head) {
	place := r.place
	if r.Head != nil {
		place = r.Head.Python
	}
	r.takeHead(head)
	r.Head.Python = place
}

// statusLine: the version is the server's, the rest the application's, unless it is the server that answers.
func (r *record) statusLine(s front.Step) {
	version := len("HTTP/1.1 ")
	if r.interim || r.serverAnswers() || len(s.Bytes) < version+len("\r\n") {
		r.wrote(s.Wire, ByServer, nil)
		return
	}
	at := s.Wire.Start
	r.wrote(parser.Span{Start: at, End: at + version}, ByServer, nil)
	r.wrote(parser.Span{Start: at + version, End: s.Wire.End - 2}, ByStartResponse, r.headPlace())
	r.wrote(parser.Span{Start: s.Wire.End - 2, End: s.Wire.End}, ByServer, nil)
}

// fieldLine: the application's fields come first and in its order; the server may leave some out.
func (r *record) fieldLine(s front.Step) {
	line := strings.TrimSuffix(string(s.Bytes), "\r\n")
	if line == "Transfer-Encoding: chunked" {
		r.chunked = true
	}
	for i, field := range r.head {
		if line == field.Name+": "+field.Value && !r.interim && !r.serverAnswers() {
			r.head = r.head[i+1:]
			r.wrote(s.Wire, ByStartResponse, r.headPlace())
			return
		}
	}
	r.wrote(s.Wire, ByServer, nil)
}

// serverAnswers says that the response is the server's own, because something failed.
func (r *record) serverAnswers() bool { return r.Head == nil || r.Failure != nil }

func (r *record) headPlace() *Place {
	if r.Head == nil {
		return nil
	}
	return r.Head.Python
}

func (r *record) sent(step *Step, s front.Step, h *Hub) {
	start := s.Wire.Start
	keep := min(len(s.Bytes), max(0, MaxStream-start))
	r.Response.add(Piece{At: step.At, Start: start, Size: len(s.Bytes), Data: bytes.Clone(s.Bytes[:keep])})
	r.keeps(keep, h)
	body := parser.Span{Start: max(start, r.headEnd), End: s.Wire.End}
	if r.interim || body.Len() <= 0 {
		return
	}
	content := body
	if r.chunked {
		if line := bytes.Index(s.Bytes[body.Start-start:], []byte("\r\n")); line >= 0 && r.pending != nil {
			content.Start += line + 2
		} else {
			content.Start = body.End // the last chunk: all of it is framing
		}
		content.End = max(content.Start, body.End-2)
	}
	r.wrote(parser.Span{Start: body.Start, End: content.Start}, ByServer, nil)
	if b := r.pending; b != nil && b.Size > 0 {
		b.Wire = content
		step.Block, step.Python = b.Number, b.Python
		r.add(Origin{Wire: content, By: b.By, Block: b.Number, Python: b.Python})
		r.settleBlock()
	} else {
		r.wrote(content, ByServer, nil)
	}
	r.wrote(parser.Span{Start: content.End, End: body.End}, ByServer, nil)
}

func (r *record) wrote(wire parser.Span, by Author, place *Place) {
	r.add(Origin{Wire: wire, By: by, Python: place})
}

// add keeps the origins of what is kept, and one for bytes of the same author that follow each other.
func (r *record) add(o Origin) {
	if o.Wire.Len() <= 0 || o.Wire.Start >= MaxStream {
		return
	}
	r.Response.Origins = append(r.Response.Origins, o)
}
