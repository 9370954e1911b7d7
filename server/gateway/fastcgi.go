package gateway

import (
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway/cgi"
	"glasswsgi/server/gateway/fastcgi"
	"glasswsgi/server/gateway/token"
)

// fastCGI carries the response of a CGI script in FCGI_STDOUT (FastCGI §6.2).
type fastCGI struct {
	*fastcgi.Decoder
	head     []byte // of the response
	headLeft int    // bytes of it that are not explained yet
}

func speakFastCGI(limits token.Limits, config *front.Config) dialect {
	most := max(config.MaxConnections, 0)
	return &fastCGI{Decoder: fastcgi.New(limits, fastcgi.Values{MaxConns: most, MaxReqs: most})}
}

func (d *fastCGI) canAnswer() bool { return d.RequestID() != 0 }

func (d *fastCGI) appendHead(b []byte, status string, fields []wsgi.Header) ([]byte, error) {
	d.head = appendCGIHead(d.head[:0], status, fields)
	d.headLeft = len(d.head)
	return fastcgi.AppendStream(b, fastcgi.Stdout, d.RequestID(), d.head), nil
}

func (d *fastCGI) appendBody(b, block []byte) []byte {
	d.headLeft = 0
	return fastcgi.AppendStream(b, fastcgi.Stdout, d.RequestID(), block)
}

// appendEnd ends the stream, and the request: "at least one record of the stream type is always transmitted" (§6.1).
func (d *fastCGI) appendEnd(b []byte, _ bool) []byte {
	b = fastcgi.AppendRecord(b, fastcgi.Stdout, d.RequestID(), nil)
	return fastcgi.AppendEndRequest(b, d.RequestID(), 0, fastcgi.RequestComplete)
}

// explain finds the records, and the lines of the head where it is in one record, as all but the longest are.
func (d *fastCGI) explain(b []byte, start int) (tokens []token.Event) {
	records, _ := fastcgi.ExplainResponse(b, start) // which we have made
	for _, e := range records {
		if e.Kind == token.GotContent && len(e.Data) == d.headLeft {
			tokens = append(tokens, cgi.ExplainHead(e.Data, e.Span.Start)...)
			continue
		}
		tokens = append(tokens, e)
	}
	return tokens
}

func (d *fastCGI) describe(e token.Event) string { return fastcgi.Describe(e) }
func (d *fastCGI) spec() string                  { return "FastCGI §3.3" }

// appendCGIHead appends the head of a script's response (RFC 3875 §6.2).
func appendCGIHead(b []byte, status string, fields []wsgi.Header) []byte {
	b = cgi.AppendStatus(b, status)
	return appendFields(b, fields)
}

// appendFields appends header fields, and the empty line behind them.
func appendFields(b []byte, fields []wsgi.Header) []byte {
	for _, field := range fields {
		b = cgi.AppendField(b, field.Name, field.Value)
	}
	return append(b, "\r\n"...)
}
