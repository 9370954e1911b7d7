package native_test

import (
	"errors"
	"iter"
	"strings"
	"testing"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

// start is a start_response that a test does not look at.
func start(string, []wsgi.Header, error) (wsgi.Write, error) { return nil, nil }

func raising() { panic("lost") }

// TestPanics: wherever an application panics, the caller gets an ApplicationError with its text and its stack.
func TestPanics(t *testing.T) {
	generator := func(blocks iter.Seq2[[]byte, error], onClose func() error) native.Callable {
		return func(*wsgi.Environ, wsgi.StartResponse) (wsgi.Iterable, error) {
			return native.Generator{Blocks: blocks, OnClose: onClose}, nil
		}
	}
	rows := []struct {
		name, blocks, where string
		app                 native.Callable
	}{
		{"in the callable", "", "call", func(*wsgi.Environ, wsgi.StartResponse) (wsgi.Iterable, error) { raising(); return nil, nil }},
		{"before the first block", "", "chunks", generator(func(func([]byte, error) bool) { raising() }, nil)},
		{"after a block", "one", "chunks", generator(func(yield func([]byte, error) bool) { yield([]byte("one"), nil); raising() }, nil)},
		{"in close()", "", "close", generator(func(func([]byte, error) bool) {}, func() error { raising(); return nil })},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			blocks, where, err := consume(row.app)
			var raised *wsgi.ApplicationError
			if !errors.As(err, &raised) || raised.Exception != "lost" || !strings.Contains(raised.Traceback, "raising") {
				t.Errorf("error %#v", err)
			}
			if blocks != row.blocks || where != row.where {
				t.Errorf("blocks %q, failed in %s; want %q, %s", blocks, where, row.blocks, row.where)
			}
		})
	}
}

// consume calls an application as a server does, and tells where it failed.
func consume(app native.Callable) (blocks, where string, err error) {
	body, err := app.Call(&wsgi.Environ{}, start)
	if err != nil {
		return "", "call", err
	}
	for block, err := range body.Chunks() {
		if err != nil {
			return blocks, "chunks", err
		}
		blocks += string(block)
	}
	return blocks, "close", body.Close()
}

// TestPanicAfterTheLastLook: a generator that fails while it is being stopped has nobody to tell.
func TestPanicAfterTheLastLook(t *testing.T) {
	app := native.Callable(func(*wsgi.Environ, wsgi.StartResponse) (wsgi.Iterable, error) {
		return native.Generator{Blocks: func(yield func([]byte, error) bool) { yield([]byte("one"), nil); raising() }}, nil
	})
	body, err := app.Call(&wsgi.Environ{}, start)
	if err != nil {
		t.Fatal(err)
	}
	for range body.Chunks() {
		break
	}
}

// TestConsumerPanics: what the consumer's own code raises is not the application's.
func TestConsumerPanics(t *testing.T) {
	body, err := native.Callable(native.Hello).Call(&wsgi.Environ{}, start)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() != "the consumer's" {
			t.Error("the panic did not pass")
		}
	}()
	for range body.Chunks() {
		panic("the consumer's")
	}
}

func TestNoIterable(t *testing.T) {
	_, err := native.Callable(func(*wsgi.Environ, wsgi.StartResponse) (wsgi.Iterable, error) { return nil, nil }).Call(&wsgi.Environ{}, start)
	var contract *wsgi.ContractError
	if !errors.As(err, &contract) {
		t.Errorf("error %v", err)
	}
}
