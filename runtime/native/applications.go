package native

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"glasswsgi/runtime/wsgi"
)

// Application is a Callable, or one that answers AtOnce.
type Application interface {
	wsgi.Application
	String() string
	Concurrency() (multithread, multiprocess bool)
}

// Applications are the callables that `glass go:NAME` serves.
var Applications = map[string]Application{
	"hello":   AtOnce(Hello),
	"echo":    Callable(Echo),
	"environ": AtOnce(Environ),
	"stream":  Callable(Stream),
}

// Find returns the application of a name.
func Find(name string) (Application, error) {
	if callable, ok := Applications[name]; ok {
		return callable, nil
	}
	names := slices.Sorted(maps.Keys(Applications))
	return nil, fmt.Errorf("there is no go:%s; there are go:%s", name, strings.Join(names, ", go:"))
}

func text(headers ...wsgi.Header) []wsgi.Header {
	return append([]wsgi.Header{{Name: "Content-Type", Value: "text/plain; charset=utf-8"}}, headers...)
}

// Hello answers every request with the same page.
func Hello(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	if _, err := startResponse("200 OK", text(), nil); err != nil {
		return nil, err
	}
	return Body("Hello, world\n"), nil
}

// Echo sends the request body back, a block at a time.
func Echo(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	headers := []wsgi.Header{{Name: "Content-Type", Value: "application/octet-stream"}}
	if length, ok := environ.Lookup("CONTENT_LENGTH"); ok {
		headers = append(headers, wsgi.Header{Name: "Content-Length", Value: length})
	}
	if _, err := startResponse("200 OK", headers, nil); err != nil {
		return nil, err
	}
	return Generator{Blocks: func(yield func([]byte, error) bool) {
		block := make([]byte, 64<<10)
		for {
			n, err := environ.Input.Read(block)
			if err == io.EOF || !yield(block[:n], err) || err != nil {
				return
			}
		}
	}}, nil
}

// Environ shows the environ, an entry a line.
func Environ(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	if _, err := startResponse("200 OK", text(), nil); err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, v := range environ.Variables {
		fmt.Fprintf(&b, "%s = %q\n", v.Name, wsgi.Latin1(v.Value))
	}
	fmt.Fprintf(&b, "wsgi.url_scheme = %q\n", environ.URLScheme)
	return Body(b.String()), nil
}

// Stream is a generator: it yields as many lines as the query says (3 when it says nothing), each as soon as the
// server asks for it.
func Stream(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	lines, err := strconv.Atoi(environ.Value("QUERY_STRING"))
	if err != nil {
		lines = 3
	}
	if _, err := startResponse("200 OK", text(), nil); err != nil {
		return nil, err
	}
	return Generator{Blocks: func(yield func([]byte, error) bool) {
		for n := range lines {
			if !yield(fmt.Appendf(nil, "line %d of %s\n", n, environ.Value("PATH_INFO")), nil) {
				return
			}
		}
	}}, nil
}
