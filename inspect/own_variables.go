package inspect

import (
	"strconv"

	"glasswsgi/runtime/wsgi"
)

// Own is an entry of the environ that begins with "wsgi.": its value as Python would write it, and its type there.
type Own struct{ Name, Value, Type string }

// OwnVariables are those that PEP 3333 "environ Variables" asks of every server. A stream is told by what it is for.
func OwnVariables(e *wsgi.Environ) []Own {
	flag := func(name string, set bool) Own {
		text := strconv.FormatBool(set)
		return Own{name, string(text[0]-'a'+'A') + text[1:], "bool"}
	}
	return []Own{
		{"wsgi.version", "(1, 0)", "tuple"}, {"wsgi.url_scheme", e.URLScheme, "str"},
		{"wsgi.input", "a stream: the message body", "stream"}, {"wsgi.errors", "a stream: the server's log", "stream"},
		flag("wsgi.multithread", e.Multithread), flag("wsgi.multiprocess", e.Multiprocess), flag("wsgi.run_once", e.RunOnce),
	}
}

// PythonVariables are those that glass's worker adds for applications in Python.
var PythonVariables = []Own{
	{"wsgi.file_wrapper", "FileWrapper", "type"}, {"wsgi.input_terminated", "True", "bool"},
}
