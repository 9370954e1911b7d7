package follow

import (
	"bytes"
	"encoding/json"
	"mime"
	"regexp"
	"strings"

	"glasswsgi/inspect/hub"
	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// value is what is followed: decoded bytes, and where they come from.
type value struct {
	name  string
	bytes []byte
	wire  parser.Span
}

// values collects them, each once, and none that is too short.
type values []value

func (all *values) add(name string, text string, wire parser.Span) {
	if len(text) < Least || len(*all) >= MaxValues {
		return
	}
	for _, v := range *all {
		if v.name == name && v.wire == wire {
			return
		}
	}
	*all = append(*all, value{name, []byte(text), wire})
}

// valuesOf are the variables that came from bytes of the request, and the body, whole and in their parts: segments of a path,
// values of a query, of cookies, of a form and of JSON.
func valuesOf(x *hub.Exchange) []value {
	var all values
	request := x.Request.Bytes()
	contentType := ""
	for _, v := range x.Environ {
		text, err := hub.Native(v.Value)
		if v.Name == "CONTENT_TYPE" {
			contentType = text
		}
		if err != nil || v.Wire.Len() <= 0 || v.Wire.End > len(request) {
			continue
		}
		all.add(v.Name, text, v.Wire)
		if v.Edited { // the bytes say something else
			continue
		}
		for _, wire := range append(v.More, v.Wire) {
			if 0 <= wire.Start && wire.Start <= wire.End && wire.End <= len(request) {
				all.parts(v.Name, stretchOf(request, []parser.Span{wire}))
			}
		}
	}
	all.body(stretchOf(request, x.Content()), contentType)
	return all
}

// parts adds those of a variable that has some.
func (all *values) parts(name string, s stretch) {
	switch name {
	case "PATH_INFO", "SCRIPT_NAME":
		all.split(name, s, "/", "", wsgi.PercentDecode)
	case "QUERY_STRING":
		all.split(name, s, "&;", "=", formDecode)
	case "HTTP_COOKIE":
		all.split(name, s, ";", "=", strings.TrimSpace)
	}
}

// formDecode reads a value of a query or form (WHATWG URL, application/x-www-form-urlencoded parsing).
func formDecode(s string) string { return wsgi.PercentDecode(strings.ReplaceAll(s, "+", " ")) }

// split adds what lies between separators: after a name, where there are names.
func (all *values) split(name string, s stretch, separators, afterName string, decode func(string) string) {
	for start := 0; start <= len(s.text); {
		end := len(s.text)
		if at := bytes.IndexAny(s.text[start:], separators); at >= 0 {
			end = start + at
		}
		from := start
		if afterName != "" {
			if at := bytes.Index(s.text[start:end], []byte(afterName)); at >= 0 {
				from += at + len(afterName)
			}
		}
		if from < end {
			all.add(name, decode(string(s.text[from:end])), s.wire(from, end))
		}
		start = end + 1
	}
}

const inBody = "wsgi.input"

var jsonText = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]+`)

// body adds the parts of the request's body, as its Content-Type has them; of what has none, the whole.
func (all *values) body(s stretch, contentType string) {
	if len(s.text) == 0 {
		return
	}
	kind, parameters, _ := mime.ParseMediaType(contentType)
	switch {
	case kind == "application/x-www-form-urlencoded":
		all.split(inBody, s, "&", "=", formDecode)
	case kind == "multipart/form-data" && parameters["boundary"] != "":
		all.multipart(s, "--"+parameters["boundary"])
	case kind == "application/json" || strings.HasSuffix(kind, "+json"):
		all.json(s)
	default:
		all.add(inBody, string(s.text), s.wire(0, len(s.text)))
	}
}

// json adds the strings and numbers of JSON, but not the names of members.
func (all *values) json(s stretch) {
	for _, at := range jsonText.FindAllIndex(s.text, MaxValues) {
		if bytes.HasPrefix(bytes.TrimLeft(s.text[at[1]:], " \t\r\n"), []byte(":")) {
			continue
		}
		var text string
		if literal := s.text[at[0]:at[1]]; json.Unmarshal(literal, &text) == nil {
			at[0], at[1] = at[0]+1, at[1]-1 // without its quotes
		} else {
			text = string(literal)
		}
		all.add(inBody, text, s.wire(at[0], at[1]))
	}
}

// multipart adds the content of each part (RFC 2046 §5.1.1).
func (all *values) multipart(s stretch, delimiter string) {
	at := bytes.Index(s.text, []byte(delimiter))
	for at >= 0 {
		rest := s.text[at+len(delimiter):]
		next := bytes.Index(rest, []byte("\r\n"+delimiter))
		if next < 0 {
			return
		}
		from := at + len(delimiter)
		if head := bytes.Index(rest[:next], []byte("\r\n\r\n")); head >= 0 && head+len("\r\n\r\n") < next {
			from += head + len("\r\n\r\n")
			end := at + len(delimiter) + next
			all.add(inBody, string(s.text[from:end]), s.wire(from, end))
		}
		at += len(delimiter) + next + len("\r\n")
	}
}
