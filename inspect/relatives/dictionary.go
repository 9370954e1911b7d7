package relatives

import (
	"fmt"
	"strconv"
	"strings"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// dictionaries are the forms that an application sees.
func dictionaries(e *wsgi.Environ, content int) []Form {
	forms := []Form{
		{Name: "wsgi", Title: "WSGI", Spec: `PEP 3333 "environ Variables"`},
		{Name: "cgi", Title: "CGI", Spec: "RFC 3875 §4.1"},
		{Name: "rack", Title: "Rack", Spec: `Rack 2.2 SPEC "The Environment"`},
		{Name: "psgi", Title: "PSGI", Spec: `PSGI 1.1 "The Environment"`},
		{Name: "jsgi", Title: "JSGI", Spec: `JSGI 0.3 "Request"`},
	}
	for _, v := range e.Variables {
		entry := Entry{Of: v.Name, Key: wsgi.Latin1(v.Name), Value: wsgi.Latin1(v.Value), Wire: wireOf(v.Wire, v.More)}
		for i := range forms {
			if forms[i].Name == "jsgi" {
				entry = jsgiEntry(e, entry)
			}
			forms[i].Entries = append(forms[i].Entries, entry)
		}
	}
	for _, row := range streamsAndFlags(e, content) {
		of := row.of()
		for i, cell := range row {
			if cell != none {
				forms[i].Entries = append(forms[i].Entries, Entry{Of: of, Key: cell.key, Value: cell.value, Literal: cell.literal})
			}
		}
	}
	return forms
}

// wireOf are the bytes of a value, which may have several places, or none.
func wireOf(first parser.Span, more []parser.Span) (wire []parser.Span) {
	for _, span := range append([]parser.Span{first}, more...) {
		if span.Len() > 0 {
			wire = append(wire, span)
		}
	}
	return wire
}

// cell is a key of a dictionary that comes from no part of the head.
type cell struct {
	key, value string
	literal    bool
}

// row has a cell for each dictionary: WSGI, CGI, Rack, PSGI, JSGI.
type row [5]cell

var none cell

// of is the first key that there is: WSGI's, or that of the only relative that knows such a thing.
func (r row) of() string {
	for _, cell := range r {
		if cell != none {
			return cell.key
		}
	}
	return ""
}

// streamsAndFlags are what WSGI has under wsgi. names, and what its relatives have beside. Rack 3 has none of the flags,
// and no version.
func streamsAndFlags(e *wsgi.Environ, content int) []row {
	code := func(key, value string) cell { return cell{key, value, true} }
	text := func(key, value string) cell { return cell{key, value, false} }
	size := strconv.Itoa(content)
	if length, known := e.Lookup("CONTENT_LENGTH"); known {
		size = wsgi.Latin1(length)
	}
	input, output := "a stream of "+size+" bytes", "a stream"
	flag := func(name, jsgi string, is bool) row {
		perl := map[bool]string{true: "1", false: "''"}[is]
		python := map[bool]string{true: "True", false: "False"}[is]
		return row{code("wsgi."+name, python), none, code("rack."+name, fmt.Sprint(is)), code("psgi."+name, perl), code("jsgi."+jsgi, fmt.Sprint(is))}
	}
	https := none
	if e.URLScheme == "https" {
		https = text("HTTPS", "on")
	}
	return []row{
		{code("wsgi.version", "(1, 0)"), none, code("rack.version", "[1, 3]"), code("psgi.version", "[1, 1]"), code("jsgi.version", "[0, 3]")},
		{text("wsgi.url_scheme", e.URLScheme), https, text("rack.url_scheme", e.URLScheme), text("psgi.url_scheme", e.URLScheme), text("scheme", e.URLScheme)},
		{code("wsgi.input", input), code("standard input", input), code("rack.input", input), code("psgi.input", input), code("input", input)},
		{code("wsgi.errors", output), code("standard error", output), code("rack.errors", output), code("psgi.errors", output), code("jsgi.errors", output)},
		flag("multithread", "multithread", e.Multithread),
		flag("multiprocess", "multiprocess", e.Multiprocess),
		flag("run_once", "runOnce", e.RunOnce),
		{none, none, code("rack.hijack?", "false"), none, none},
		{none, none, none, code("psgi.nonblocking", "''"), none},
		{none, none, none, code("psgi.streaming", "1"), none},
		{none, none, none, code("psgix.input.buffered", "1"), none},
		{none, none, none, none, code("jsgi.async", "true")},
		{none, none, none, none, code("jsgi.ext", "{}")},
	}
}

// fieldName is the name of the field that a variable has the value of: "HTTP_USER_AGENT" is "user-agent". "": it has none.
func fieldName(variable string) string {
	name, isField := strings.CutPrefix(variable, "HTTP_")
	if !isField && name != "CONTENT_TYPE" && name != "CONTENT_LENGTH" {
		return ""
	}
	return strings.ToLower(strings.ReplaceAll(name, "_", "-"))
}
