package command

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

// init puts testdata/soak.py, in Go, into a test binary that is glass.
func init() {
	if path := os.Getenv(soakLedger); os.Getenv(beGlass) != "" && path != "" {
		runtimes = append([]runtimeKind{{language: "Go", runs: begins("soak:"), start: func(context.Context, *application, options) (runtime, error) {
			ledger, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
			return native.Callable((&soakNative{ledger}).call), err
		}}}, runtimes...)
	}
}

type soakNative struct{ ledger io.Writer }

func (s *soakNative) call(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	path := strings.Split(environ.Value("PATH_INFO"), "/")
	kind, id := path[1], path[2]
	count, err := strconv.Atoi(path[3])
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(s.ledger, "called %s\n", id)
	if kind == "raise" {
		return nil, errors.New("before start_response")
	}
	headers := []wsgi.Header{{Name: "Content-Type", Value: "text/plain"}, {Name: "X-Id", Value: environ.Value("HTTP_X_ID")}}
	if kind == "sized" {
		headers = append(headers, wsgi.Header{Name: "Content-Length", Value: strconv.Itoa(len(soakText(id, count)))})
	}
	write, err := startResponse("200 OK", headers, nil)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "write":
		for n := range count {
			if err := write(soakBlock(id, n)); err != nil {
				return nil, err
			}
		}
		return s.blocks(id, 0, false), nil
	case "sum":
		sum := sha256.New()
		length, err := io.Copy(sum, environ.Input)
		return native.Body(fmt.Sprintf("%s %d %x", id, length, sum.Sum(nil))), err
	case "pid":
		return native.Body(strconv.Itoa(os.Getpid())), nil
	case "hello":
		return native.Blocks{[]byte("hello "), []byte(id)}, nil
	}
	return s.blocks(id, count, kind == "break"), nil
}

func (s *soakNative) blocks(id string, count int, fails bool) wsgi.Iterable {
	return native.Generator{
		Blocks: func(yield func([]byte, error) bool) {
			for n := range count {
				if !yield(soakBlock(id, n), nil) {
					return
				}
			}
			if fails {
				yield(nil, errors.New("in the middle of a response"))
			}
		},
		OnClose: func() error {
			_, err := fmt.Fprintf(s.ledger, "closed %s\n", id)
			return err
		},
	}
}

// soakBlock is a block of a response, as testdata/soak.py makes it.
func soakBlock(id string, n int) []byte {
	return fmt.Appendf(nil, "%d of %s %s\n", n, id, strings.Repeat("x", 37*n%5000))
}

func soakText(id string, count int) []byte {
	var text bytes.Buffer
	for n := range count {
		text.Write(soakBlock(id, n))
	}
	return text.Bytes()
}
