package load

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/valyala/fasthttp"

	"glasswsgi/check/client"
)

// statusError is an answer that is none of the application's.
type statusError int

func (s statusError) Error() string { return fmt.Sprintf("status %d", int(s)) }

var errShort = errors.New("content of another length")

// kindOf names an error, so that a thousand of them are one line.
func kindOf(err error) string {
	var status statusError
	var operation *net.OpError
	var timeout interface{ Timeout() bool }
	var limit *client.LimitError
	switch {
	case errors.As(err, &limit) && !limit.Timeout(), errors.Is(err, fasthttp.ErrBodyTooLarge):
		return "a longer answer than it should be"
	case errors.As(err, &status), errors.Is(err, errShort):
		return err.Error()
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection reset"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "no free port for a new connection"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "no free file descriptor"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, fasthttp.ErrConnectionClosed):
		return "connection closed"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.As(err, &operation):
		return operation.Op + " failed"
	}
	return "not understood: " + err.Error()[:min(80, len(err.Error()))]
}
