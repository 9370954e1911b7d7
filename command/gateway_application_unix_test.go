//go:build unix

package command

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

// init adds the application that the tests of gateways serve, in a test binary that is glass.
func init() {
	if os.Getenv(beGlass) != "" {
		runtimes = append([]runtimeKind{{language: "test", runs: begins("gateway:"), start: func(context.Context, *application, options) (runtime, error) {
			return native.Callable(gatewayApplication), nil
		}}}, runtimes...)
	}
}

// gatewayApplication does what a gateway may get wrong. Its query is a file by which it and the test wait for each other.
func gatewayApplication(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	plain := []wsgi.Header{{Name: "Content-Type", Value: "text/plain"}}
	file := environ.Value("QUERY_STRING")
	switch environ.Value("PATH_INFO") {
	case "/204":
		_, err := start("204 No Content", nil, nil)
		return native.Blocks{}, err
	case "/304":
		_, err := start("304 Not Modified", []wsgi.Header{{Name: "ETag", Value: `"a"`}}, nil)
		return native.Blocks{}, err
	case "/cookies":
		_, err := start("200 Fine", append(plain, wsgi.Header{Name: "Set-Cookie", Value: "a=1"}, wsgi.Header{Name: "Set-Cookie", Value: "b=2"}), nil)
		return native.Body("two"), err
	case "/stream":
		_, err := start("200 OK", plain, nil)
		return native.Generator{Blocks: func(yield func([]byte, error) bool) {
			if yield([]byte("one\n"), nil) {
				appears(file)
				yield([]byte("two\n"), nil)
			}
		}}, err
	case "/raise":
		return nil, errors.New("mine")
	case "/late", "/late-with-length":
		if environ.Value("PATH_INFO") == "/late-with-length" {
			plain = append(plain, wsgi.Header{Name: "Content-Length", Value: "100000"})
		}
		_, err := start("200 OK", plain, nil)
		return native.Generator{Blocks: func(yield func([]byte, error) bool) {
			if yield(bytes.Repeat([]byte("x"), 70000), nil) {
				yield(nil, errors.New("mine"))
			}
		}}, err
	case "/endless":
		_, err := start("200 OK", plain, nil)
		block := bytes.Repeat([]byte("x"), 10000)
		return native.Generator{Blocks: func(yield func([]byte, error) bool) {
			for yield(block, nil) {
				time.Sleep(time.Millisecond)
			}
		}, OnClose: func() error { return os.WriteFile(file, nil, 0o644) }}, err
	}
	hash := sha256.New()
	n, err := io.Copy(hash, environ.Input)
	if err != nil {
		return nil, err
	}
	if _, err := start("200 OK", plain, nil); err != nil {
		return nil, err
	}
	return native.Body(fmt.Sprintf("%s %q %q %q %s %d %x", environ.Value("REQUEST_METHOD"), environ.Value("SCRIPT_NAME"), environ.Value("PATH_INFO"),
		environ.Value("QUERY_STRING"), environ.Value("CONTENT_LENGTH"), n, hash.Sum(nil)[:4])), nil
}

// appears waits until there is a file.
func appears(path string) bool {
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			return true
		}
	}
	return false
}
