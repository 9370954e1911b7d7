package relatives

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/gateway/ajp"
	"glasswsgi/server/gateway/fastcgi"
	"glasswsgi/server/gateway/scgi"
	"glasswsgi/server/gateway/token"
	"glasswsgi/server/gateway/uwsgi"
)

// largestPacket is what the size of a packet of uwsgi or AJP can say.
const largestPacket = 1<<16 - 1

var errTooLarge = fmt.Errorf("the head of this request is too large for a packet, which has at most %d bytes", largestPacket)

// protocol is a way to say a request in bytes.
type protocol struct {
	Form
	encode   func(e *wsgi.Environ, content []byte) ([]byte, error)
	decoder  token.Decoder
	describe func(token.Event) string
}

// messages are the forms that a web server sends.
func messages(e *wsgi.Environ, content []byte) (forms []Form) {
	limits := token.Limits{Variables: largestPacket, Head: 1 << 20}
	all := []protocol{
		{Form{Name: "fastcgi", Title: "FastCGI", Spec: "FastCGI §3.3"}, encodeFastCGI, fastcgi.New(limits, fastcgi.Values{}), fastcgi.Describe},
		{Form{Name: "scgi", Title: "SCGI", Spec: "SCGI §3"}, encodeSCGI, scgi.New(limits), scgi.Describe},
		{Form{Name: "uwsgi", Title: "uwsgi", Spec: `uwsgi "Packet descriptions"`}, encodeUwsgi, uwsgi.New(limits), uwsgi.Describe},
		{Form{Name: "ajp", Title: "AJP", Spec: `AJPv13 "Request Packet Structure"`}, encodeAJP, ajp.New(limits), ajp.Describe},
	}
	incomplete := checkContent(e, content)
	for _, p := range all {
		err := incomplete
		if err == nil {
			err = p.say(e, content)
		}
		if err != nil {
			p.Form = Form{Name: p.Name, Title: p.Title, Spec: p.Spec, Problem: err.Error()}
		}
		forms = append(forms, p.Form)
	}
	return forms
}

// checkContent says what is missing of the content.
func checkContent(e *wsgi.Environ, content []byte) error {
	length, known := e.Lookup("CONTENT_LENGTH")
	if known && length != strconv.Itoa(len(content)) {
		return fmt.Errorf("the content is not all there: it has %s bytes, of which %d are known", wsgi.Latin1(length), len(content))
	}
	return nil
}

// say encodes the request, and lets the decoder explain it.
func (p *protocol) say(e *wsgi.Environ, content []byte) (err error) {
	if p.Message, err = p.encode(e, content); err != nil {
		return err
	}
	p.Length = len(p.Message)
	p.decoder.Feed(p.Message)
	for {
		event, err := p.decoder.Next()
		switch {
		case err != nil:
			return err
		case event.Kind == token.NeedData:
			return errors.New("the request is not whole")
		case event.Kind == token.GotEnd:
			return nil
		case event.Kind != token.GotHead && event.Kind != token.GotReply:
			p.add(event)
		}
	}
}

// add takes over a token.
func (p *protocol) add(event token.Event) {
	one := Token{Start: event.Span.Start, End: event.Span.End, Name: event.Name, Spec: event.Spec, Text: wsgi.Latin1(p.describe(event))}
	switch event.Kind {
	case token.GotVariable:
		v := event.Variable
		one.Of = keyOf(v)
		entry := Entry{Of: one.Of, Key: wsgi.Latin1(v.Name), Value: wsgi.Latin1(v.Value), Wire: wireOf(v.Wire, v.More)}
		if p.Name == "ajp" {
			entry.Key = event.Name
		}
		p.Entries = append(p.Entries, entry)
	case token.GotContent:
		one.Of = "wsgi.input"
		p.Entries = append(p.Entries, Entry{Of: one.Of, Key: event.Name, Value: fmt.Sprintf("%d bytes", event.Span.Len()), Literal: true, Wire: []parser.Span{event.Span}})
	}
	p.Tokens = append(p.Tokens, one)
}

// keyOf is the key of the WSGI environ that a variable becomes.
func keyOf(v token.Variable) string {
	name := v.Name
	if v.Field {
		name, _ = wsgi.VariableName([]byte(name))
	}
	switch name {
	case "HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH":
		return name[len("HTTP_"):]
	case "HTTPS":
		return "wsgi.url_scheme"
	case remotePort:
		return "REMOTE_PORT"
	}
	return name
}

// variables are what a web server sends in the first three protocols: those of CGI. SCGI and uwsgi have CONTENT_LENGTH put
// before them by their encoders.
func variables(e *wsgi.Environ, withLength bool) (all []token.Variable) {
	for _, v := range e.Variables {
		if withLength || v.Name != "CONTENT_LENGTH" {
			all = append(all, token.Variable{Name: v.Name, Value: v.Value})
		}
	}
	if e.URLScheme == "https" {
		all = append(all, token.Variable{Name: "HTTPS", Value: "on"})
	}
	return all
}

func encodeFastCGI(e *wsgi.Environ, content []byte) ([]byte, error) {
	return fastcgi.AppendRequest(nil, 1, true, variables(e, true), content), nil
}

func encodeSCGI(e *wsgi.Environ, content []byte) ([]byte, error) {
	return scgi.AppendRequest(nil, variables(e, false), content), nil
}

func encodeUwsgi(e *wsgi.Environ, content []byte) ([]byte, error) {
	all, size := variables(e, false), 0
	for _, v := range append(all, token.Variable{Name: "CONTENT_LENGTH", Value: strconv.Itoa(len(content))}) {
		size += len("\x00\x00") + len(v.Name) + len("\x00\x00") + len(v.Value)
	}
	if size > largestPacket {
		return nil, errTooLarge
	}
	return uwsgi.AppendRequest(nil, all, content), nil
}

// remotePort is an attribute that mod_proxy_ajp sends: AJP has no other place for it.
const remotePort = "AJP_REMOTE_PORT"

func encodeAJP(e *wsgi.Environ, content []byte) ([]byte, error) {
	uri, _, _ := strings.Cut(e.Value("REQUEST_URI"), "?")
	port, _ := strconv.Atoi(e.Value("SERVER_PORT"))
	r := ajp.Request{
		Method: e.Value("REQUEST_METHOD"), Protocol: e.Value("SERVER_PROTOCOL"), URI: uri, QueryString: e.Value("QUERY_STRING"),
		RemoteAddr: e.Value("REMOTE_ADDR"), RemoteHost: e.Value("REMOTE_HOST"), ServerName: e.Value("SERVER_NAME"), ServerPort: port,
		IsSSL: e.URLScheme == "https",
	}
	for _, v := range e.Variables {
		if name := fieldName(v.Name); name != "" {
			r.Headers = append(r.Headers, token.Variable{Name: name, Value: v.Value})
		}
	}
	if remote := e.Value("REMOTE_PORT"); remote != "" {
		r.Attributes = append(r.Attributes, token.Variable{Name: remotePort, Value: remote})
	}
	b := ajp.AppendForwardRequest(nil, r)
	if len(b) > largestPacket {
		return nil, errTooLarge
	}
	for len(content) > 0 {
		n := min(len(content), ajp.LargestData)
		b = ajp.AppendData(b, content[:n])
		content = content[n:]
	}
	return b, nil
}
