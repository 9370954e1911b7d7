package fastcgi

import (
	"glasswsgi/parser"
	"strconv"

	"glasswsgi/server/gateway/token"
)

// Values is what the application tells those that ask by FCGI_GET_VALUES (FastCGI §4.1). Nothing is said of a number
// that is zero.
type Values struct {
	MaxConns int // FCGI_MAX_CONNS: transport connections at a time
	MaxReqs  int // FCGI_MAX_REQS: requests at a time
}

// checkManagement is for the records without a request.
func (d *Decoder) checkManagement(h Header) *parser.SyntaxError {
	switch h.Type {
	case GetValues:
		d.answer = nil
		if h.ContentLength > mostValueBytes {
			return d.Refuse(valuesTooLong, atContentLength).Exceeding(mostValueBytes)
		}
	case GetValuesResult, UnknownType:
		return d.Refuse(typeNotOurs, atType)
	case BeginRequest, AbortRequest, EndRequest, Params, Stdin, Stdout, Stderr, Data:
		return d.Refuse(typeNotNull, atID)
	}
	return nil
}

// nextValues reads one name-value pair of FCGI_GET_VALUES, and knows the answer to it.
func (d *Decoder) nextValues() (token.Event, *parser.SyntaxError) {
	if d.Len() < d.left { // it is short
		return token.Event{}, nil
	}
	there := d.Unread()[:d.left]
	p, known := parsePair(there)
	if !known || p.name > len(there) || p.value > len(there) || p.end() > len(there) {
		return token.Event{}, d.Refuse(pairCut, 0)
	}
	name, _ := p.cut(there)
	if value := d.values.of(name); value != "" {
		d.answer = AppendPair(d.answer, name, value)
	}
	event := d.Token(token.GotFrame, "FCGI_NameValuePair", "FastCGI §3.4", p.end())
	d.taken(p.end())
	return event, nil
}

// of is the answer about one name; a name that we do not understand is left out (§4.1).
func (v Values) of(name string) string {
	switch {
	case name == "FCGI_MAX_CONNS" && v.MaxConns > 0:
		return strconv.Itoa(v.MaxConns)
	case name == "FCGI_MAX_REQS" && v.MaxReqs > 0:
		return strconv.Itoa(v.MaxReqs)
	case name == "FCGI_MPXS_CONNS":
		return "0"
	}
	return ""
}

// answerManagement answers a management record that has ended.
func (d *Decoder) answerManagement() {
	if d.record.Type == GetValues {
		d.Due(token.GotReply, "FCGI_GET_VALUES_RESULT", "FastCGI §4.1", AppendRecord(nil, GetValuesResult, nullID, d.answer))
		return
	}
	d.Due(token.GotReply, "FCGI_UNKNOWN_TYPE", "FastCGI §4.2", appendUnknownType(nil, d.record.Type))
}
