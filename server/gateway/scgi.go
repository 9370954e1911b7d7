package gateway

import (
	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway/cgi"
	"glasswsgi/server/gateway/scgi"
	"glasswsgi/server/gateway/token"
	"glasswsgi/server/gateway/uwsgi"
)

// plain is a response without frames: a head, the body, and the end of the connection. Where its length is not known, the
// end of a body that breaks off would look like any other.
//
// Simplified: over a Unix socket, a response by SCGI or uwsgi that breaks off and has no Content-Length looks whole.
type plain struct{ headDue bool }

func (p *plain) canAnswer() bool                   { return true }
func (p *plain) appendEnd(b []byte, _ bool) []byte { return b }

func (p *plain) appendBody(b, block []byte) []byte {
	p.headDue = false
	return append(b, block...)
}

// explain finds the lines of a head that was just appended; a body is one token.
func (p *plain) explain(b []byte, start int, spec string, head func([]byte, int) []token.Event) []token.Event {
	if p.headDue {
		p.headDue = false
		return head(b, start)
	}
	return []token.Event{{Kind: token.GotContent, Name: "message-body", Spec: spec,
		Span: parser.Span{Start: start, End: start + len(b)}, Data: b}}
}

// simpleCGI is SCGI, whose response is that of CGI: "The format of the response is not specified by this protocol" (§2),
// and all web servers take this one.
type simpleCGI struct {
	*scgi.Decoder
	plain
}

func speakSCGI(limits token.Limits, _ *front.Config) dialect {
	return &simpleCGI{Decoder: scgi.New(limits)}
}

func (d *simpleCGI) appendHead(b []byte, status string, fields []wsgi.Header) ([]byte, error) {
	d.headDue = true
	return appendCGIHead(b, status, fields), nil
}

func (d *simpleCGI) explain(b []byte, start int) []token.Event {
	return d.plain.explain(b, start, "RFC 3875 §6.4", cgi.ExplainHead)
}

func (d *simpleCGI) describe(e token.Event) string { return scgi.Describe(e) }
func (d *simpleCGI) spec() string                  { return "SCGI §3" }

// uwsgiHTTP is the uwsgi protocol, whose response is that of HTTP.
type uwsgiHTTP struct {
	*uwsgi.Decoder
	plain
}

func speakUwsgi(limits token.Limits, _ *front.Config) dialect {
	return &uwsgiHTTP{Decoder: uwsgi.New(limits)}
}

// appendHead: "an HTTP response is a valid uwsgi packet (look at the modifier1 = 72)".
func (d *uwsgiHTTP) appendHead(b []byte, status string, fields []wsgi.Header) ([]byte, error) {
	d.headDue = true
	b = append(b, "HTTP/1.1 "...)
	b = append(b, status...)
	b = append(b, "\r\n"...)
	return appendFields(b, fields), nil
}

func (d *uwsgiHTTP) explain(b []byte, start int) []token.Event {
	if len(b) == len(uwsgi.Pong) && string(b) == uwsgi.Pong && !d.headDue {
		return []token.Event{{Kind: token.GotFrame, Name: "uwsgi_packet_header", Spec: d.spec(), Span: parser.Span{Start: start, End: start + len(b)}, Data: b}}
	}
	return d.plain.explain(b, start, "RFC 9112 §6", func(head []byte, start int) (tokens []token.Event) {
		front.HeadSteps(start, head, func(s front.Step) {
			tokens = append(tokens, token.Event{Kind: token.GotFrame, Name: s.Name, Spec: s.Spec, Span: s.Wire, Data: s.Bytes})
		})
		return tokens
	})
}

func (d *uwsgiHTTP) describe(e token.Event) string { return uwsgi.Describe(e) }
func (d *uwsgiHTTP) spec() string                  { return `uwsgi "Packet descriptions"` }
