package fastcgi

import (
	"encoding/binary"
	"fmt"

	"glasswsgi/server/gateway/token"
)

// Describe says what a token of either direction means, for people; "" where its bytes say it themselves.
func Describe(e token.Event) string {
	switch e.Name {
	case "FCGI_Header":
		return parseHeader(e.Data).String()
	case "FCGI_BeginRequestBody":
		text := Role(binary.BigEndian.Uint16(e.Data)).String()
		if e.Data[2]&keepConn != 0 {
			text += ", FCGI_KEEP_CONN"
		}
		return text
	case "FCGI_NameValuePair":
		p, _ := parsePair(e.Data)
		if e.Kind == token.GotVariable { // it may have begun in another record
			return e.Variable.Name + "=" + e.Variable.Value
		}
		name, value := p.cut(e.Data)
		return name + "=" + value
	case "FCGI_EndRequestBody":
		return fmt.Sprintf("appStatus %d, %v", binary.BigEndian.Uint32(e.Data), ProtocolStatus(e.Data[4]))
	case "FCGI_UnknownTypeBody":
		return Type(e.Data[0]).String()
	}
	return ""
}

var notAnswer = token.Rule{Name: "FCGI_Header: only a web server sends this type", Spec: "FastCGI §A"}

// ExplainResponse finds the tokens in whole records that an application sends, the first of which begins at a byte of the
// response. The content of FCGI_STDOUT and FCGI_STDERR is left as it is.
func ExplainResponse(records []byte, start int) (tokens []token.Event, err error) {
	in := token.StreamAt(start, records)
	add := func(kind token.Kind, name, spec string, n int) {
		if n > 0 {
			tokens = append(tokens, in.Token(kind, name, spec, n))
		}
	}
	for in.Len() > 0 {
		if in.Len() < headerSize {
			return tokens, in.Refuse(recordCut, in.Len())
		}
		h := parseHeader(in.Unread())
		if in.Len() < headerSize+h.ContentLength+h.PaddingLength {
			return tokens, in.Refuse(recordCut, in.Len())
		}
		add(token.GotFrame, "FCGI_Header", "FastCGI §3.3", headerSize)
		switch h.Type {
		case Stdout, Stderr:
			add(token.GotContent, h.Type.String(), "FastCGI §5.3", h.ContentLength)
		case EndRequest:
			add(token.GotFrame, "FCGI_EndRequestBody", "FastCGI §5.5", h.ContentLength)
		case UnknownType:
			add(token.GotFrame, "FCGI_UnknownTypeBody", "FastCGI §4.2", h.ContentLength)
		case GetValuesResult:
			for content := in.Unread()[:h.ContentLength]; len(content) > 0; {
				p, known := parsePair(content)
				if !known || p.end() > len(content) {
					return tokens, in.Refuse(pairCut, 0)
				}
				content = content[p.end():]
				add(token.GotFrame, "FCGI_NameValuePair", "FastCGI §3.4", p.end())
			}
		default:
			return tokens, in.Refuse(notAnswer, 0)
		}
		add(token.GotSkipped, "paddingData", "FastCGI §3.3", h.PaddingLength)
	}
	return tokens, nil
}
