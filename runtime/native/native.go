// Package native is a runtime whose application callables are Go functions. In goes what PEP 3333 gives to any
// callable, the environ and start_response; out comes an iterable. With it the server runs, and is tested, without a
// Python; and it shows how little a runtime has to be.
//
// Start reading at Callable.Call. Applications has the ones that `glass go:NAME` serves.
package native

import (
	"fmt"
	"iter"
	"runtime/debug"

	"glasswsgi/runtime/wsgi"
)

// Callable is an application callable in Go. A panic in it, or in its iterable, is what an exception is in Python.
type Callable func(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error)

// Call implements wsgi.Application.
func (c Callable) Call(environ *wsgi.Environ, startResponse wsgi.StartResponse) (body wsgi.Iterable, err error) {
	defer recoverAs(&err, &always)
	body, err = c(environ, startResponse)
	if err == nil && body == nil {
		err = &wsgi.ContractError{Rule: "iterable: none", Section: "The Application/Framework Side",
			Detail: "the callable returned nil; it must return an iterable, which may be empty"}
	}
	if err != nil {
		return nil, err
	}
	return guarded{body}, nil
}

// String names the language, for messages.
func (c Callable) String() string { return "Go" }

// Concurrency says what a callable has to expect: calls from several goroutines at a time, and in this process alone.
func (c Callable) Concurrency() (multithread, multiprocess bool) { return true, false }

// recoverAs, deferred, turns a panic into an ApplicationError, unless it is not ours to recover.
func recoverAs(err *error, ours *bool) {
	if !*ours {
		return
	}
	if raised := recover(); raised != nil {
		*err = &wsgi.ApplicationError{Exception: fmt.Sprint(raised), Traceback: string(debug.Stack())}
	}
}

// always is for a panic that can only be ours.
var always = true

// guarded is an iterable whose panics are errors.
type guarded struct{ wsgi.Iterable }

// Chunks turns a panic of the iterable into the last pair. A panic of the consumer, in yield, is the consumer's own.
func (g guarded) Chunks() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		var raised error
		ours, more := true, true
		func() {
			defer recoverAs(&raised, &ours)
			g.Iterable.Chunks()(func(block []byte, err error) bool {
				ours = false
				more = yield(block, err)
				ours = true
				return more
			})
		}()
		if raised != nil && more {
			yield(nil, raised)
		}
	}
}

func (g guarded) Close() (err error) {
	defer recoverAs(&err, &always)
	return g.Iterable.Close()
}

// Blocks is an iterable with a length, as a Python list of bytes is.
type Blocks [][]byte

// Body makes the iterable of one block, which lets the server compute Content-Length.
func Body(text string) Blocks { return Blocks{[]byte(text)} }

func (b Blocks) Size() (size int64) {
	for _, block := range b {
		size += int64(len(block))
	}
	return size
}

func (b Blocks) Close() error { return nil }
func (b Blocks) Chunks() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, block := range b {
			if !yield(block, nil) {
				return
			}
		}
	}
}

// Generator is an iterable without a length, as a Python generator is: its code runs while it is iterated.
type Generator struct {
	Blocks  iter.Seq2[[]byte, error]
	OnClose func() error // nil when there is no close()
}

func (g Generator) Size() int64                      { return -1 }
func (g Generator) Chunks() iter.Seq2[[]byte, error] { return g.Blocks }
func (g Generator) Close() error {
	if g.OnClose == nil {
		return nil
	}
	return g.OnClose()
}
