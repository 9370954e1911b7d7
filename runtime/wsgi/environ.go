package wsgi

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"glasswsgi/parser"
)

// Environ is the environ dictionary of one request (PEP 3333 "environ Variables").
type Environ struct {
	Variables []Variable // the CGI variables and the HTTP_ variables, in the order in which they were derived

	URLScheme    string // wsgi.url_scheme
	Input        Input  // wsgi.input
	Errors       io.Writer
	Multithread  bool // wsgi.multithread
	Multiprocess bool // wsgi.multiprocess
	RunOnce      bool // wsgi.run_once
}

// Variable is one str entry of the environ, with the bytes of the request that it came from (an empty Span for those
// that the server adds). Value is a native string: byte n stands for code point n (PEP 3333 "Unicode Issues").
type Variable struct {
	Name, Value string
	Wire        parser.Span
	More        []parser.Span // where a repeated field was joined: the values after the first
}

// Input is wsgi.input: the message body with its transfer coding removed.
type Input interface {
	// Read returns at least one byte, or io.EOF at the end of the body, or the error by which the peer broke it.
	// It may wait for the peer.
	io.Reader
	// Whole returns the entire body if all of it has already arrived, so that a runtime can pass it along with the
	// environ; it never waits. false means that the body must be read with Read.
	Whole() ([]byte, bool)
}

// Connection is what the server knows of the connection and of itself, and the request does not say.
type Connection struct {
	ServerName, ServerPort string // never empty (PEP 3333 "environ Variables")
	ServerSoftware         string
	RemoteAddr, RemotePort string // empty on a Unix socket
	URLScheme              string // "http" or "https"
	Errors                 io.Writer
	Multithread            bool
	Multiprocess           bool
}

// ownVariables is how many variables NewEnviron can add to those that are named HTTP_.
const ownVariables = 13

// NewEnviron derives the environ from a request and its connection. Input is left for the server to set.
func NewEnviron(request *parser.Request, conn *Connection) *Environ {
	e := &Environ{
		Variables:    make([]Variable, 0, ownVariables+len(request.Fields)),
		URLScheme:    conn.URLScheme,
		Errors:       conn.Errors,
		Multithread:  conn.Multithread,
		Multiprocess: conn.Multiprocess,
	}
	head := string(request.Head) // the one copy of the head: every value is a part of it
	e.addRequestLine(head, request)
	e.addConnection(conn)
	for _, field := range request.Fields {
		e.addField(head, request, field)
	}
	e.setHost(head, request)
	return e
}

// addRequestLine derives what RFC 3875 §4.1 takes from the request-line.
func (e *Environ) addRequestLine(head string, r *parser.Request) {
	text := func(s parser.Span) string { return head[s.Start:s.End] }
	path, at := text(r.Path), r.Path
	switch {
	case r.Form == parser.AsteriskForm:
		path, at = "*", r.Target
	case path == "": // RFC 9110 §4.2.3: an empty path component is equivalent to "/"
		path = "/"
	}
	e.add("REQUEST_METHOD", text(r.Method), r.Method)
	e.add("SCRIPT_NAME", "", parser.Span{})
	e.add("PATH_INFO", PercentDecode(path), at)
	e.add("QUERY_STRING", text(r.Query), r.Query)
	e.add("REQUEST_URI", text(r.Target), r.Target)
	e.add("SERVER_PROTOCOL", text(r.Version), r.Version)
}

// addConnection adds what RFC 3875 §4.1 takes from the server and the connection.
func (e *Environ) addConnection(conn *Connection) {
	none := parser.Span{}
	e.add("SERVER_NAME", conn.ServerName, none)
	e.add("SERVER_PORT", conn.ServerPort, none)
	e.add("SERVER_SOFTWARE", conn.ServerSoftware, none)
	e.add("GATEWAY_INTERFACE", "CGI/1.1", none)
	e.add("REMOTE_ADDR", conn.RemoteAddr, none)
	if conn.RemotePort != "" {
		e.add("REMOTE_PORT", conn.RemotePort, none)
	}
}

// addField turns a field line into its HTTP_ variable (PEP 3333 "environ Variables", RFC 3875 §4.1.18).
func (e *Environ) addField(head string, r *parser.Request, field parser.FieldLine) {
	name, ok := VariableName(r.Bytes(field.Name))
	if !ok {
		return
	}
	value := head[field.Value.Start:field.Value.End]
	switch name {
	case "HTTP_CONTENT_TYPE":
		name = "CONTENT_TYPE"
	case "HTTP_CONTENT_LENGTH": // normalised: "007" and "7" are the same length
		name, value = "CONTENT_LENGTH", contentLength(value, r.ContentLength)
	case "HTTP_TRANSFER_ENCODING": // the server has removed the coding: an application must not do it again
		return
	}
	if v := e.find(name); v != nil {
		v.join(value, field.Value)
		return
	}
	e.add(name, value, field.Value)
}

// Join adds the value of a field that may come more than once.
func (e *Environ) Join(name, value string, wire parser.Span, more ...parser.Span) {
	if v := e.find(name); v != nil {
		v.join(value, wire)
		v.More = append(v.More, more...)
		return
	}
	e.SetFrom(name, value, wire, more...)
}

func contentLength(sent string, n int64) string {
	if len(sent) > 1 && sent[0] == '0' {
		return strconv.FormatInt(n, 10)
	}
	return sent
}

// setHost lets the authority of an absolute-form target replace the Host field (RFC 9112 §3.2.2, MUST).
func (e *Environ) setHost(head string, r *parser.Request) {
	if r.Form != parser.AbsoluteForm {
		return
	}
	host := head[r.Authority.Start:r.Authority.End]
	if v := e.find("HTTP_HOST"); v != nil {
		v.Value, v.Wire = host, r.Authority
		return
	}
	e.add("HTTP_HOST", host, r.Authority)
}

func (e *Environ) add(name, value string, wire parser.Span) {
	e.Variables = append(e.Variables, Variable{Name: name, Value: value, Wire: wire})
}

func (e *Environ) find(name string) *Variable {
	for i := range e.Variables {
		if e.Variables[i].Name == name {
			return &e.Variables[i]
		}
	}
	return nil
}

// join appends the value of a repeated field: RFC 9110 §5.3 combines field lines with ", ", and RFC 6265 §5.4's
// cookie-string needs "; ".
func (v *Variable) join(value string, wire parser.Span) {
	separator := ", "
	if v.Name == "HTTP_COOKIE" {
		separator = "; "
	}
	v.Value += separator + value
	v.More = append(v.More, wire)
}

// Lookup returns the value of a str entry, and whether the environ has it.
func (e *Environ) Lookup(name string) (string, bool) {
	if v := e.find(name); v != nil {
		return v.Value, true
	}
	return "", false
}

// Value returns the value of a str entry, or "".
func (e *Environ) Value(name string) string {
	value, _ := e.Lookup(name)
	return value
}

// Set gives a str entry a new value, or adds it: the way of middleware, and of a user who tries "what if".
func (e *Environ) Set(name, value string) { e.SetFrom(name, value, parser.Span{}) }

// SetFrom does the same where other bytes of the request say it.
func (e *Environ) SetFrom(name, value string, wire parser.Span, more ...parser.Span) {
	v := e.find(name)
	if v == nil {
		e.add(name, "", parser.Span{})
		v = &e.Variables[len(e.Variables)-1]
	}
	v.Value, v.Wire, v.More = value, wire, more
}

// Remove takes a str entry away.
func (e *Environ) Remove(name string) {
	e.Variables = slices.DeleteFunc(e.Variables, func(v Variable) bool { return v.Name == name })
}

// VariableName returns the name of the variable for a field name: upper-case, "-" as "_", after HTTP_. A name that has
// a "_" of its own has no variable: X_Forwarded_For would pose as X-Forwarded-For, which a proxy in front may have
// removed or set.
func VariableName(fieldName []byte) (string, bool) {
	var buffer [64]byte
	name := append(buffer[:0], "HTTP_"...)
	for _, c := range fieldName {
		switch {
		case c == '_':
			return "", false
		case c == '-':
			c = '_'
		case 'a' <= c && c <= 'z':
			c -= 'a' - 'A'
		}
		name = append(name, c)
	}
	if known, ok := knownNames[string(name)]; ok {
		return known, true
	}
	return string(name), true
}

// knownNames keeps the variable names of common request fields, so that they need no new string for every request.
var knownNames = func() map[string]string {
	names := map[string]string{}
	for field := range strings.FieldsSeq(`
		ACCEPT ACCEPT_CHARSET ACCEPT_ENCODING ACCEPT_LANGUAGE AUTHORIZATION CACHE_CONTROL CONNECTION CONTENT_ENCODING
		CONTENT_LENGTH CONTENT_TYPE COOKIE DATE DNT EXPECT FORWARDED FROM HOST IF_MATCH IF_MODIFIED_SINCE
		IF_NONE_MATCH IF_RANGE IF_UNMODIFIED_SINCE KEEP_ALIVE ORIGIN PRAGMA PRIORITY RANGE REFERER SEC_CH_UA
		SEC_CH_UA_MOBILE SEC_CH_UA_PLATFORM SEC_FETCH_DEST SEC_FETCH_MODE SEC_FETCH_SITE SEC_FETCH_USER SEC_GPC TE
		TRAILER TRANSFER_ENCODING UPGRADE UPGRADE_INSECURE_REQUESTS USER_AGENT VIA X_CSRFTOKEN X_FORWARDED_FOR
		X_FORWARDED_HOST X_FORWARDED_PROTO X_REAL_IP X_REQUEST_ID X_REQUESTED_WITH`) {
		name := "HTTP_" + field
		names[name] = name
	}
	return names
}()
