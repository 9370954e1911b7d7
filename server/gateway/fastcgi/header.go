package fastcgi

import (
	"glasswsgi/parser"
	"glasswsgi/server/gateway/token"
)

var (
	versionBad    = token.Rule{Name: "FCGI_Header: version is not 1", Spec: "FastCGI §3.3"}
	typeUnknown   = token.Rule{Name: "FCGI_Header: unknown type", Spec: "FastCGI §8"}
	typeNotOurs   = token.Rule{Name: "FCGI_Header: only an application sends this type", Spec: "FastCGI §A"}
	typeNotNull   = token.Rule{Name: "FCGI_Header: a type that needs a request ID", Spec: "FastCGI §A"}
	typeNull      = token.Rule{Name: "FCGI_Header: a management record with a request ID", Spec: "FastCGI §A"}
	bodySizeBad   = token.Rule{Name: "FCGI_Header: contentLength is not that of the type", Spec: "FastCGI §5"}
	beginTwice    = token.Rule{Name: "FCGI_BEGIN_REQUEST: the request has begun", Spec: "FastCGI §3.3"}
	paramsOver    = token.Rule{Name: "FCGI_PARAMS: after its end", Spec: "FastCGI §6.1"}
	stdinEarly    = token.Rule{Name: "FCGI_STDIN: before the end of FCGI_PARAMS", Spec: "FastCGI §6.1"}
	dataNotOurs   = token.Rule{Name: "FCGI_DATA: only for a Filter", Spec: "FastCGI §6.4"}
	valuesTooLong = token.Rule{Name: "FCGI_GET_VALUES: too long", Spec: "FastCGI §4.1"}
	pairCut       = token.Rule{Name: "name-value pair: incomplete at the end", Spec: "FastCGI §3.4"}
)

// nextHeader reads the header of a record.
func (d *Decoder) nextHeader() (token.Event, *parser.SyntaxError) {
	if d.Len() < headerSize {
		return token.Event{}, nil
	}
	d.record = parseHeader(d.Unread())
	if d.record.Version != version1 {
		return token.Event{}, token.LooksLikeHTTP(d.Refuse(versionBad, 0))
	}
	if err := d.checkHeader(d.record); err != nil {
		return token.Event{}, err
	}
	d.left = d.record.ContentLength
	event := d.Token(token.GotFrame, "FCGI_Header", "FastCGI §3.3", headerSize)
	d.state = expectContent
	if d.left == 0 {
		d.endContent()
	}
	return event, nil
}

// Where in a header its components lie.
const atType, atID, atContentLength = 1, 2, 4

// checkHeader decides what becomes of a record: whether it is refused, ignored or read.
func (d *Decoder) checkHeader(h Header) *parser.SyntaxError {
	d.ignored = false
	if h.RequestID == nullID {
		return d.checkManagement(h)
	}
	switch h.Type {
	case EndRequest, Stdout, Stderr:
		return d.Refuse(typeNotOurs, atType)
	case GetValues, GetValuesResult, UnknownType:
		return d.Refuse(typeNull, atID)
	case BeginRequest:
		return d.checkBegin(h)
	}
	if h.RequestID != d.id { // §3.3, "Managing Request IDs": the application ignores records of inactive requests
		d.ignored = true
		return nil
	}
	return d.checkApplication(h)
}

// checkBegin: a request that begins while another one is active will be told so, and not be read.
func (d *Decoder) checkBegin(h Header) *parser.SyntaxError {
	switch {
	case h.ContentLength != bodySize:
		return d.Refuse(bodySizeBad, atContentLength)
	case h.RequestID == d.id:
		return d.Refuse(beginTwice, atID)
	}
	return nil
}

// checkApplication is for the records of the active request, in their order: "role protocols are designed to use nearly
// sequential marshalling" (§6.1).
func (d *Decoder) checkApplication(h Header) *parser.SyntaxError {
	n := int64(h.ContentLength)
	switch h.Type {
	case AbortRequest:
		if h.ContentLength != 0 {
			return d.Refuse(bodySizeBad, atContentLength)
		}
	case Params:
		switch {
		case d.phase != inParams:
			return d.Refuse(paramsOver, atType)
		case n == 0 && len(d.begun.bytes) > 0:
			return d.Refuse(pairCut, atContentLength)
		}
	case Stdin:
		switch {
		case d.phase != inStdin:
			return d.Refuse(stdinEarly, atType)
		case n == 0:
			return d.request.Ends(&d.Buffer)
		}
		return d.request.Brings(&d.Buffer, n)
	case Data:
		return d.Refuse(dataNotOurs, atType)
	default:
		return d.Refuse(typeUnknown, atType)
	}
	return nil
}
