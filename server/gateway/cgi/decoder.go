package cgi

import (
	"strings"

	"glasswsgi/parser"
	"glasswsgi/server/gateway/token"
)

const specMeta = "RFC 3875 §4.1"

var (
	contentCut = token.Rule{Name: "content: shorter than CONTENT_LENGTH", Spec: "RFC 3875 §4.2", Status: 400}
)

// metaVariables are the variables of RFC 3875 §4.1, beside those that begin with HTTP_, and others that web servers set.
// What else is in the environment is the process's.
var metaVariables = func() map[string]bool {
	names := map[string]bool{}
	for name := range strings.FieldsSeq(`
		AUTH_TYPE CONTENT_LENGTH CONTENT_TYPE GATEWAY_INTERFACE PATH_INFO PATH_TRANSLATED QUERY_STRING REMOTE_ADDR
		REMOTE_HOST REMOTE_IDENT REMOTE_USER REQUEST_METHOD SCRIPT_NAME SERVER_NAME SERVER_PORT SERVER_PROTOCOL
		SERVER_SOFTWARE
		CONTEXT_DOCUMENT_ROOT CONTEXT_PREFIX DOCUMENT_ROOT HTTPS REDIRECT_STATUS REMOTE_PORT REQUEST_SCHEME REQUEST_URI
		SCRIPT_FILENAME SERVER_ADDR SERVER_ADMIN UNIQUE_ID`) {
		names[name] = true
	}
	return names
}()

// IsMetaVariable says whether a variable of the environment is about the request.
func IsMetaVariable(name string) bool {
	return metaVariables[name] || strings.HasPrefix(name, "HTTP_") || strings.HasPrefix(name, "SSL_")
}

// state says what comes next.
type state uint8

const (
	expectVariable state = iota // of the environment; then itself, and after the last expectContent or expectNothing
	expectContent               // on the standard input; then itself, and at its end expectNothing
	expectNothing               // the request is complete; the process has no other
)

// Decoder implements token.Decoder.
type Decoder struct {
	token.Stream
	state       state
	environment []string // that is still to be told
	request     token.Request
}

// New makes a decoder for the environment of a process, as os.Environ returns it.
func New(environment []string, limits token.Limits) *Decoder {
	d := &Decoder{request: token.NewRequest(limits.OrDefaults(), 0)}
	for _, variable := range environment {
		if name, _, _ := strings.Cut(variable, "="); IsMetaVariable(name) {
			d.environment = append(d.environment, variable)
		}
	}
	return d
}

// Keeps implements token.Decoder: a process has one request.
func (d *Decoder) Keeps() bool { return false }

// WantsNoMore implements token.Decoder: the script need not read its standard input to the end (RFC 3875 §4.2).
func (d *Decoder) WantsNoMore() {}

// NextRequest implements token.Decoder: there is none.
func (d *Decoder) NextRequest() {}

// EndOfInput implements token.Decoder. It is the end of a content whose length is not known; Next then tells so.
func (d *Decoder) EndOfInput() error {
	switch {
	case d.Failure() != nil:
		return d.Failure()
	case d.state == expectContent && d.request.Length == token.Unknown:
		d.end()
	case d.state == expectContent:
		return d.Refuse(contentCut, d.Len())
	}
	return nil
}

// Next implements token.Decoder.
func (d *Decoder) Next() (token.Event, error) { return d.Pull(d.next) }

func (d *Decoder) next() (token.Event, *parser.SyntaxError) {
	switch d.state {
	case expectVariable:
		return d.nextVariable()
	case expectContent:
		event := d.Some(token.GotContent, "content", "RFC 3875 §4.2", d.request.Left())
		if err := d.request.Brings(&d.Buffer, int64(len(event.Data))); err != nil {
			return token.Event{}, err
		}
		if d.request.Complete() {
			d.end()
		}
		return event, nil
	}
	return token.Event{}, nil
}

// nextVariable tells the next meta-variable. A chunked content, whose length a web server does not know either, comes to
// the end of the standard input: that is what Apache does, and beyond RFC 3875 §4.2, which knows no such content.
func (d *Decoder) nextVariable() (token.Event, *parser.SyntaxError) {
	if len(d.environment) == 0 {
		return d.endVariables(), nil
	}
	text := d.environment[0]
	name, value, _ := strings.Cut(text, "=")
	v := token.Variable{Name: name, Value: value}
	err := d.request.Add(&d.Buffer, &v)
	switch {
	case err != nil:
		return token.Event{}, err
	case name == "CONTENT_LENGTH":
		err = d.request.SetLength(&d.Buffer, value)
	case name == "HTTP_TRANSFER_ENCODING" && parser.EqualFold([]byte(value), "chunked") && d.request.Length == 0:
		d.request.Length = token.Unknown
	}
	if err != nil {
		return token.Event{}, err
	}
	d.environment = d.environment[1:]
	return token.Event{Kind: token.GotVariable, Name: "meta-variable", Spec: specMeta, Data: []byte(text), Variable: v}, nil
}

func (d *Decoder) endVariables() token.Event {
	d.state = expectContent
	if d.request.Complete() {
		d.end()
	}
	return token.Event{Kind: token.GotHead, Name: "meta-variables", Spec: specMeta}
}

func (d *Decoder) end() {
	d.state = expectNothing
	d.Due(token.GotEnd, "content", "RFC 3875 §4.2", nil)
}

// Describe says what a token means, for people; "" where its bytes say it themselves.
func Describe(token.Event) string { return "" }
