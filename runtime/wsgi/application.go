// Package wsgi is PEP 3333 in plain Go: the environ, start_response, write, the iterable and the rules that bind both
// sides. In goes a parsed request; out come the environ for an application, and its status, header fields and body
// chunks for the server. It does no network I/O, and it knows nothing of Python: a runtime is anything that can
// implement Application.
//
// Start reading at Application, then at NewEnviron and Response.
package wsgi

import (
	"io"
	"iter"
)

// Application is the application callable (PEP 3333 "The Application/Framework Side"). A runtime implements it; the
// server calls it once for each request, from as many goroutines at a time as it has requests in hand.
type Application interface {
	// Call invokes the callable with its two positional arguments. It returns when the callable has returned. The
	// callable may call startResponse before it returns or while its iterable is iterated; Call and the iterator
	// invoke startResponse on the goroutine of their caller.
	//
	// The error is a *ContractError when the application broke PEP 3333, an *ApplicationError when it raised, and
	// another error when the runtime failed. A nil error means that the Iterable must be closed.
	Call(environ *Environ, startResponse StartResponse) (Iterable, error)
}

// StartResponse is the second argument of the callable (PEP 3333 "The start_response() Callable"). status is
// "200 OK", without a line end. excInfo is nil unless the application is handling an error; then a response whose head
// is not sent yet is replaced, and otherwise excInfo itself is returned ("re-raised"). A broken rule is a
// *ContractError. headers may be shared with other responses: code that wants to change them makes a copy.
type StartResponse func(status string, headers []Header, excInfo error) (Write, error)

// Write is the imperative way to send body bytes (PEP 3333 "The write() Callable").
type Write func(chunk []byte) error

// Header is one (name, value) tuple of response_headers. Both are native strings: see NativeString.
type Header struct{ Name, Value string }

// FileBody is an Iterable that may be a part of an open file (PEP 3333 "Optional Platform-Specific File Handling"). A
// server that asks for it sends Size bytes of it, or as many as there are, before it takes the chunks, which are none
// then.
type FileBody interface {
	Iterable
	// File returns the file at its position, or nil where the body is not in a file.
	File() io.Reader
}

// Answerer is an Iterable that knows who made it: a worker process, or a node on another machine and its worker.
type Answerer interface {
	Iterable
	By() string
}

// Iterable is what the callable returns: the response body as blocks of bytes.
type Iterable interface {
	// Size is the number of bytes of all blocks where that is known before they are asked for, as in a list, and -1
	// elsewhere. A server may make Content-Length of it (PEP 3333 "Handling the Content-Length Header").
	Size() int64
	// Chunks yields each block as it comes from the application. A block is valid until the next one is asked for.
	// A pair with an error is the last.
	Chunks() iter.Seq2[[]byte, error]
	// Close calls the iterable's close() if it has one, and gives its resources back, whether or not it was
	// exhausted. It is called exactly once. The error is the application's own.
	Close() error
}
