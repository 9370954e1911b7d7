//go:build linux

package loop_test

import (
	"errors"
	"io"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
)

// faults are applications with something wrong, by the path that asks for them.
var faults = map[string]native.Callable{
	"/raise":  func(*wsgi.Environ, wsgi.StartResponse) (wsgi.Iterable, error) { panic("raised") },
	"/none":   func(*wsgi.Environ, wsgi.StartResponse) (wsgi.Iterable, error) { return nil, nil },
	"/silent": func(*wsgi.Environ, wsgi.StartResponse) (wsgi.Iterable, error) { return native.Body("x"), nil },
	"/long":   answering(native.Body("longer"), "3"),
	"/short":  answering(native.Body("short"), "30"),
	"/breaks": answering(native.Generator{Blocks: breaks("one", "two")}, ""),
	"/begins": answering(native.Generator{Blocks: breaks()}, ""),
	"/length": answering(native.Generator{Blocks: breaks("one")}, "9"),
	"/closes": answering(native.Generator{Blocks: native.Body("x").Chunks(), OnClose: func() error { return errors.New("of close()") }}, ""),
	"/both":   answering(native.Generator{Blocks: breaks("one"), OnClose: func() error { return errors.New("of close()") }}, ""),
	"/writes": func(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		write, _ := start("200 OK", text, nil)
		write([]byte("written"))
		return nil, errors.New("after that")
	},
	"/changes": func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		seen := environ.Value("HTTP_HOST") + environ.Value("changed")
		environ.Set("changed", "yes")
		environ.Set("HTTP_HOST", "y")
		environ.Remove("PATH_INFO")
		_, err := start("200 OK", text, nil)
		return native.Body(seen), err
	},
	"/input": func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		all, err := io.ReadAll(environ.Input)
		start("200 OK", text, nil)
		return native.Body(string(all)), err
	},
}

var text = []wsgi.Header{{Name: "Content-Type", Value: "text/plain"}}

func answering(body wsgi.Iterable, length string) native.Callable {
	return func(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		headers := text
		if length != "" {
			headers = append([]wsgi.Header{{Name: "Content-Length", Value: length}}, text...)
		}
		_, err := start("200 OK", headers, nil)
		return body, err
	}
}

// breaks yields blocks, and fails.
func breaks(blocks ...string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, block := range blocks {
			if !yield([]byte(block), nil) {
				return
			}
		}
		yield(nil, errors.New("it broke off"))
	}
}

// TestAtOnce: an application that the loop itself calls is answered for as one that a goroutine calls, whatever is wrong with it,
// with the same in the log; it is called once; and what it does to an environ is not seen by the next request, which has the
// same bytes.
func TestAtOnce(t *testing.T) {
	var calls atomic.Int32
	app := func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		calls.Add(1)
		return faults[environ.Value("PATH_INFO")](environ, start)
	}
	var loopLog, otherLog lines
	loop, _ := serve(t, &express{Callable: app, atOnce: true}, func(c *server.Config) { c.Log = loopLog.logger() })
	other, _ := serve(t, native.Callable(app), func(c *server.Config) { c.Log = otherLog.logger() })
	for path := range faults {
		for _, head := range []string{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.0\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"} {
			all := strings.Repeat(strings.Replace(head, "/", path, 1), 2)
			calls.Store(0)
			got, by := talk(t, loop, all), calls.Swap(0)
			want := talk(t, other, all)
			if got != want || by != calls.Load() {
				t.Errorf("%q:\n%s, by %d calls\nwant\n%s, by %d", all, got, by, want, calls.Load())
			}
			if got, want := loopLog.take(), otherLog.take(); got != want {
				t.Errorf("%q: the log has\n%s\nand not\n%s", all, got, want)
			}
		}
	}
}

// lines is a log.
type lines struct {
	mu  sync.Mutex
	all strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

func (l *lines) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.all.Reset()
	return l.all.String()
}

func (l *lines) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if _, ok := a.Value.Any().(time.Time); ok {
			return slog.Attr{}
		}
		return a
	}}))
}
