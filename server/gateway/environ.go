package gateway

import (
	"errors"
	"strconv"
	"strings"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/gateway/token"
)

var (
	noMethod = &parser.SyntaxError{Rule: "REQUEST_METHOD: missing", Spec: "RFC 3875 §4.1.12", Status: 400}
	noPath   = &parser.SyntaxError{Rule: "REQUEST_URI, PATH_INFO: there is neither", Spec: "RFC 3875 §4.1.5", Status: 400}
)

// derive makes the environ of the variables of a request, and the request-line that the web server has received. Web
// servers disagree about what the variables say of the path, and undo its escapes; REQUEST_URI is what was sent, so that
// the path comes from there, by the rules of HTTP. Without it, as in CGI, SCRIPT_NAME and PATH_INFO are as they come.
func (p Protocol) derive(variables []token.Variable, facts *wsgi.Connection) (*wsgi.Environ, *parser.Request, error) {
	e := &wsgi.Environ{
		URLScheme: facts.URLScheme, Errors: facts.Errors, Multithread: facts.Multithread, Multiprocess: facts.Multiprocess,
		RunOnce:   p.runOnce,
		Variables: make([]wsgi.Variable, 0, len(variables)+8),
	}
	for i := range variables {
		addVariable(e, &variables[i])
	}
	if isOn(e.Value("HTTPS")) || e.Value("REQUEST_SCHEME") == "https" {
		e.URLScheme = "https"
	}
	request, err := p.derivePath(e)
	if err != nil {
		return e, &parser.Request{}, err
	}
	fill(e, "SERVER_NAME", e.Value("SERVER_ADDR"), facts.ServerName)
	fill(e, "SERVER_PORT", facts.ServerPort)
	fill(e, "SERVER_PROTOCOL", "HTTP/1.1")
	fill(e, "SERVER_SOFTWARE", facts.ServerSoftware)
	fill(e, "GATEWAY_INTERFACE", "CGI/1.1")
	return e, request, nil
}

func isOn(https string) bool { return strings.EqualFold(https, "on") || https == "1" }

// fill gives a variable the first of some values that is not empty, where it has none: those that PEP 3333 wants are never
// empty.
func fill(e *wsgi.Environ, name string, values ...string) {
	for _, value := range values {
		if e.Value(name) == "" && value != "" {
			e.Set(name, value)
		}
	}
}

// addVariable takes over a variable. What the environ has over HTTP it has here: of a repeated field the values joined, no
// HTTP_CONTENT_TYPE beside CONTENT_TYPE, and no transfer coding, which the web server has removed. A name that comes twice
// and is no field's has its last value, as in the environment of a process; so has HTTP_HOST, of which the configuration of
// a web server can make a second one, but no client.
func addVariable(e *wsgi.Environ, v *token.Variable) {
	name := v.Name
	if v.Field {
		known, ok := wsgi.VariableName([]byte(name))
		if !ok {
			return
		}
		name = known
		switch name {
		case "HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH":
			name = name[len("HTTP_"):]
		}
	}
	switch name {
	case "HTTP_TRANSFER_ENCODING", "HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH":
		return
	case "CONTENT_TYPE", "CONTENT_LENGTH":
		if v.Value == "" {
			return
		}
	}
	if strings.HasPrefix(name, "HTTP_") && name != "HTTP_HOST" {
		e.Join(name, v.Value, v.Wire, v.More...)
	} else {
		e.SetFrom(name, v.Value, v.Wire, v.More...)
	}
}

// derivePath sets SCRIPT_NAME, PATH_INFO and QUERY_STRING.
func (p Protocol) derivePath(e *wsgi.Environ) (*parser.Request, error) {
	method := e.Value("REQUEST_METHOD")
	if method == "" {
		return nil, noMethod
	}
	uri, ok := e.Lookup("REQUEST_URI")
	if !ok {
		return pathAsItComes(e)
	}
	wire := wireOf(e, "REQUEST_URI")
	if query := e.Value("QUERY_STRING"); p.queryApart && query != "" {
		uri += "?" + query
		e.SetFrom("REQUEST_URI", uri, wire)
	}
	request, err := parseTarget(method, uri, wire)
	if err != nil {
		return nil, err
	}
	at := func(span parser.Span) parser.Span { // in the request: a value that lies in one piece has the same bytes there
		if wire.Len() < span.End-request.Target.Start {
			return parser.Span{}
		}
		return parser.Span{Start: wire.Start + span.Start - request.Target.Start, End: wire.Start + span.End - request.Target.Start}
	}
	path, span := request.Text(request.Path), request.Path
	switch {
	case request.Form == parser.AsteriskForm:
		path, span = "*", request.Target
	case path == "": // RFC 9110 §4.2.3: an empty path component is equivalent to "/"
		path = "/"
	}
	mount := mountOf(e, wsgi.PercentDecode(path))
	e.Set("SCRIPT_NAME", mount)
	e.SetFrom("PATH_INFO", wsgi.PercentDecode(path)[len(mount):], at(span))
	if _, ok := e.Lookup("QUERY_STRING"); !ok {
		e.SetFrom("QUERY_STRING", request.Text(request.Query), at(request.Query))
	}
	return request, nil
}

// pathAsItComes is for requests without REQUEST_URI, which RFC 3875 does not know.
func pathAsItComes(e *wsgi.Environ) (*parser.Request, error) {
	if e.Value("SCRIPT_NAME") == "" && e.Value("PATH_INFO") == "" {
		return nil, noPath
	}
	for _, name := range []string{"SCRIPT_NAME", "PATH_INFO", "QUERY_STRING"} {
		if _, ok := e.Lookup(name); !ok {
			e.Set(name, "")
		}
	}
	return &parser.Request{}, nil
}

// mountOf is the SCRIPT_NAME of a request whose path is decoded: what the web server says, if it means a part of the path,
// and has split it there. nginx sends the whole path as SCRIPT_NAME, and no PATH_INFO, where nothing is mounted.
func mountOf(e *wsgi.Environ, path string) string {
	script := e.Value("SCRIPT_NAME")
	if info, split := e.Lookup("PATH_INFO"); !split || script == "" || strings.HasSuffix(script, "/") || info == "" && script != path {
		return ""
	}
	if rest, ok := strings.CutPrefix(path, script); ok && (rest == "" || rest[0] == '/') {
		return script
	}
	return ""
}

// parseTarget reads the target, which stands in some bytes of the request, by the parser of HTTP, so that what is refused
// there is refused here.
func parseTarget(method, uri string, wire parser.Span) (*parser.Request, error) {
	p := parser.New(parser.Limits{RequestLine: token.Limits{}.OrDefaults().Head})
	p.Feed([]byte(method + " " + uri + " HTTP/1.1\r\n"))
	event, err := p.Next()
	var syntax *parser.SyntaxError
	switch {
	case errors.As(err, &syntax):
		syntax.Offset += wire.Start - len(method+" ")
		return nil, syntax
	case event.Kind != parser.GotRequestLine:
		return nil, noPath
	}
	return p.Request(), nil
}

func wireOf(e *wsgi.Environ, name string) parser.Span {
	for _, v := range e.Variables {
		if v.Name == name {
			return v.Wire
		}
	}
	return parser.Span{}
}

// contentLength is what the environ says of it.
func contentLength(e *wsgi.Environ) int64 {
	if n, err := strconv.ParseInt(e.Value("CONTENT_LENGTH"), 10, 64); err == nil {
		return n
	}
	return token.Unknown
}

// requestLine is what the client has sent to the web server, as far as the variables tell.
func requestLine(e *wsgi.Environ) string {
	return e.Value("REQUEST_METHOD") + " " + e.Value("REQUEST_URI") + " " + e.Value("SERVER_PROTOCOL")
}

// fieldOf is the value of a request field.
func fieldOf(e *wsgi.Environ, name string) string {
	variable, _ := wsgi.VariableName([]byte(name))
	switch variable {
	case "HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH":
		variable = variable[len("HTTP_"):]
	}
	return e.Value(variable)
}
