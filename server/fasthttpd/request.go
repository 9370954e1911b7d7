package fasthttpd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/valyala/fasthttp"

	"glasswsgi/parser"
	"glasswsgi/server/front"
)

// refusal is what a peer did wrong that fasthttp leaves to its user.
func refusal(status int, spec, rule string) error {
	return &parser.SyntaxError{Rule: rule, Spec: spec, Status: status}
}

// setRequest writes down the tokens that fasthttp found, in the form that the environ is derived from. Head is not what
// the peer sent byte for byte: the white space round values is gone.
func setRequest(r *parser.Request, h *fasthttp.RequestHeader) {
	*r = parser.Request{Head: r.Head[:0], Fields: r.Fields[:0]}
	token := func(text []byte, end string) parser.Span {
		start := len(r.Head)
		r.Head = append(append(r.Head, text...), end...)
		return parser.Span{Start: start, End: start + len(text)}
	}
	r.Method = token(h.Method(), " ")
	r.Target = token(h.RequestURI(), " ")
	r.Version = token(h.Protocol(), "\r\n")
	for name, value := range h.AllInOrder() {
		n := token(name, ": ")
		v := token(value, "\r\n")
		r.Fields = append(r.Fields, parser.FieldLine{Name: n, Value: v, Line: parser.Span{Start: n.Start, End: v.End}})
	}
	r.Head = append(r.Head, "\r\n"...)
	splitTarget(r)
	if h.IsHTTP11() {
		r.Minor = 1
	}
	r.KeepAlive = !h.ConnectionClose() && r.WantsKeepAlive() // fasthttp knows "close" only when it is all there is
	switch length := h.ContentLength(); {
	case length == -1:
		r.Framing = parser.ByChunks
	case length > 0:
		r.Framing, r.ContentLength = parser.ByLength, int64(length)
	}
}

// splitTarget finds the parts of a request-target that fasthttp has let through (RFC 9112 §3.2).
func splitTarget(r *parser.Request) {
	target := r.Bytes(r.Target)
	at := r.Target.Start
	switch {
	case string(r.Bytes(r.Method)) == "CONNECT":
		r.Form, r.Authority = parser.AuthorityForm, r.Target
		return
	case string(target) == "*":
		r.Form = parser.AsteriskForm
		return
	case target[0] != '/':
		scheme, rest, _ := bytes.Cut(target, []byte("://"))
		authority := len(rest)
		if n := bytes.IndexAny(rest, "/?#"); n >= 0 {
			authority = n
		}
		r.Form = parser.AbsoluteForm
		r.Scheme = parser.Span{Start: at, End: at + len(scheme)}
		at = r.Scheme.End + len("://")
		r.Authority = parser.Span{Start: at, End: at + authority}
		at = r.Authority.End
	}
	end := r.Target.End
	if n := bytes.IndexByte(r.Head[at:end], '#'); n >= 0 { // fasthttp takes a fragment, and throws it away
		end = at + n
	}
	r.Path = parser.Span{Start: at, End: end}
	if n := bytes.IndexByte(r.Head[at:end], '?'); n >= 0 {
		r.Path.End = at + n
		r.Query = parser.Span{Start: at + n + 1, End: end}
	}
}

// settleExpectation has fasthttp say 100 (Continue) to those that wait for it, and to no others: by itself it overlooks
// an Expect in other letters, and answers in HTTP/1.0 and without a body, too (RFC 9110 §10.1.1). The environ gets the
// field as it was sent.
func settleExpectation(h *fasthttp.RequestHeader) (defaults fasthttp.RequestConfig) {
	const field, leave = "Expect", "100-continue"
	h.Del(field)
	if length := h.ContentLength(); !h.IsHTTP11() || length == 0 || length < -1 {
		return defaults
	}
	for name, value := range h.AllInOrder() {
		if bytes.EqualFold(name, []byte(field)) && bytes.EqualFold(value, []byte(leave)) {
			h.Set(field, leave)
		}
	}
	return defaults
}

// checkRequest holds a request to the limits of glass, which fasthttp does not know, and refuses what no application is
// meant to see.
func checkRequest(r *parser.Request, limits parser.Limits) error {
	if line := r.Version.End; line > limits.RequestLine {
		return refusal(414, "RFC 9112 §3", fmt.Sprintf("request-line: longer than %d bytes", limits.RequestLine))
	}
	if len(r.Fields) > limits.Fields {
		return refusal(431, "RFC 6585 §5", fmt.Sprintf("header section: more than %d field lines", limits.Fields))
	}
	length, coding := false, false
	for _, f := range r.Fields {
		if f.Line.Len() > limits.FieldSize {
			return refusal(431, "RFC 6585 §5", fmt.Sprintf("field-line: longer than %d bytes", limits.FieldSize))
		}
		length = length || bytes.EqualFold(r.Bytes(f.Name), []byte("Content-Length"))
		coding = coding || bytes.EqualFold(r.Bytes(f.Name), []byte("Transfer-Encoding"))
	}
	switch {
	case length && coding: // fasthttp takes the coding; a proxy before us may have taken the length
		return refusal(400, "RFC 9112 §6.3", "Transfer-Encoding: together with Content-Length")
	case r.Form == parser.AuthorityForm:
		return refusal(405, "RFC 9110 §9.3.6", "method: CONNECT is not for this server")
	case limits.Body > 0 && r.ContentLength > limits.Body:
		return front.ContentTooLarge(limits.Body)
	}
	return nil
}

// receiveError says by its type whose fault an error of fasthttp is, one while it received a head or a body.
func receiveError(err error) error {
	var network net.Error
	var small *fasthttp.ErrSmallBuffer
	switch {
	case errors.As(err, &network), errors.Is(err, net.ErrClosed):
		return &front.PeerError{Err: err, Late: front.IsTimeout(err)}
	case errors.As(err, &small):
		return refusal(431, "RFC 6585 §5", "head: larger than the buffer that fasthttp has for it")
	case errors.Is(err, fasthttp.ErrUnsupportedTransferEncoding):
		return refusal(501, "RFC 9112 §6.1", "Transfer-Encoding: not chunked")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return refusal(400, "RFC 9112 §8", "message: incomplete")
	}
	return refusal(400, "RFC 9112 §2", err.Error())
}
