package load

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
)

// statusError is an answer that is none of the application's.
type statusError int

func (s statusError) Error() string { return fmt.Sprintf("status %d", int(s)) }

// wrong is an answer that breaks HTTP, or is another than the plan's.
type wrong string

func (w wrong) Error() string { return string(w) }

const (
	errHead    wrong = "not an answer of HTTP/1.x"
	errLength  wrong = "content of another length"
	errContent wrong = "other content"
	errChunks  wrong = "broken chunks"
	errCut     wrong = "an answer without its end"
	errMore    wrong = "more bytes than the answer announced"
	errLong    wrong = "a longer answer than it should be"
)

// kindOf names an error, so that a thousand of them are one line.
func kindOf(err error) string {
	var status statusError
	var operation *net.OpError
	var timeout interface{ Timeout() bool }
	var answer wrong
	switch {
	case errors.As(err, &status), errors.As(err, &answer):
		return err.Error()
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection reset"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "no free port for a new connection"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "no free file descriptor"
	case errors.Is(err, io.EOF):
		return "connection closed"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.As(err, &operation):
		return operation.Op + " failed"
	}
	return "not understood: " + err.Error()[:min(80, len(err.Error()))]
}
