package relatives

import (
	"fmt"
	"strings"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// jsgiNames are the keys that JSGI has of its own for what CGI has in upper case.
var jsgiNames = map[string]string{
	"REQUEST_METHOD": "method", "SCRIPT_NAME": "scriptName", "PATH_INFO": "pathInfo", "QUERY_STRING": "queryString",
	"SERVER_NAME": "host", "SERVER_PORT": "port", "SERVER_PROTOCOL": "version", "REMOTE_ADDR": "remoteAddr", "SERVER_SOFTWARE": "serverSoftware",
}

// jsgiEntry is the entry of the WSGI environ in JSGI's words. "Servers MAY add additional information" in env.
func jsgiEntry(e *wsgi.Environ, entry Entry) Entry {
	name := entry.Of
	field, key := fieldName(name), jsgiNames[name]
	switch {
	case field != "":
		entry.Key = fmt.Sprintf("headers[%q]", wsgi.Latin1(field))
	case key == "":
		entry.Key = "env." + entry.Key
	default:
		entry.Key = key
	}
	switch name {
	case "SCRIPT_NAME":
		script, _ := encodedPath(e)
		entry.Value = wsgi.Latin1(script)
	case "PATH_INFO":
		_, info := encodedPath(e)
		entry.Value = wsgi.Latin1(info)
	case "SERVER_PORT": // "MUST be an integer"
		entry.Literal = true
	case "SERVER_PROTOCOL":
		major, minor, _ := strings.Cut(strings.TrimPrefix(entry.Value, "HTTP/"), ".")
		entry.Value, entry.Literal = "["+major+", "+minor+"]", true
	}
	return entry
}

// encodedPath is the path as the client has sent it, cut where SCRIPT_NAME ends: scriptName and pathInfo "MUST NOT be
// decoded". Where it is not known, it is what the environ says.
func encodedPath(e *wsgi.Environ) (script, info string) {
	script, info = e.Value("SCRIPT_NAME"), e.Value("PATH_INFO")
	path := sentPath(e)
	for end := 0; end <= len(path); end++ {
		if (end == len(path) || path[end] == '/') && wsgi.PercentDecode(path[:end]) == script && wsgi.PercentDecode(path[end:]) == info {
			return path[:end], path[end:]
		}
	}
	return script, info
}

// sentPath is the path of REQUEST_URI.
func sentPath(e *wsgi.Environ) string {
	p := parser.New(parser.Limits{})
	p.Feed([]byte(e.Value("REQUEST_METHOD") + " " + e.Value("REQUEST_URI") + " HTTP/1.1\r\n"))
	if event, err := p.Next(); err != nil || event.Kind != parser.GotRequestLine {
		return ""
	}
	return p.Request().Text(p.Request().Path)
}
