package command

import (
	"errors"
	"strings"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

// mounted is an application below a path, --mount: what a request has of that path is SCRIPT_NAME, and the rest is
// PATH_INFO (RFC 3875 §4.1.13, §4.1.5). Elsewhere there is nothing.
type mounted struct {
	application wsgi.Application
	prefix      string // such as /shop
}

// mountPrefix reads --mount.
func mountPrefix(path string) (string, error) {
	prefix := strings.TrimRight(path, "/")
	if prefix != "" && prefix[0] != '/' || strings.ContainsAny(prefix, "?#%") {
		return "", errors.New("--mount " + path + ": write a path, such as /shop, as it reads when nothing in it is percent-encoded")
	}
	return prefix, nil
}

// Call implements wsgi.Application.
func (m *mounted) Call(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	path := environ.Value("PATH_INFO")
	rest, below := strings.CutPrefix(path, m.prefix)
	if below && (rest == "" || rest[0] == '/') {
		environ.Set("SCRIPT_NAME", environ.Value("SCRIPT_NAME")+m.prefix)
		environ.Set("PATH_INFO", rest)
		return m.application.Call(environ, startResponse)
	}
	text := []wsgi.Header{{Name: "Content-Type", Value: "text/plain; charset=utf-8"}}
	if _, err := startResponse("404 Not Found", text, nil); err != nil {
		return nil, err
	}
	return native.Body("404 Not Found\nThe application is at " + m.prefix + "/\n"), nil
}
