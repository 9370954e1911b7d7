package server

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

var (
	errIdle        = errors.New("the peer sent no (other) request")
	ErrTimeout     = errors.New("the peer did not send the rest of its request in time")
	errTooMuchLeft = errors.New("too much of the body was left unread")
	errMisdirected = errors.New("request-target: https over a connection without TLS (RFC 9110 §7.4)")
)

// StatusOf maps an error to the status of the response that tells of it, by whose fault it is; 0 where nobody is there
// to be told.
func StatusOf(err error) int {
	var syntax *parser.SyntaxError
	var contract *wsgi.ContractError
	var application *wsgi.ApplicationError
	var failure wsgi.Failure
	switch {
	case errors.As(err, &syntax): // the peer's
		return syntax.Status
	case errors.Is(err, ErrTimeout):
		return 408
	case errors.Is(err, errMisdirected):
		return 421
	case errors.As(err, &contract), errors.As(err, &application): // the application's
		return 500
	case errors.As(err, &failure): // the runtime's
		return failure.StatusCode()
	case errors.Is(err, errIdle), peerGone(err):
		return 0
	}
	return 500
}

// peerGone says that the connection is of no use any more.
func peerGone(err error) bool {
	var network net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) ||
		errors.As(err, &network)
}

// reasons are the reason phrases of the statuses that StatusOf gives (RFC 9110 §15, RFC 6585 §5).
var reasons = map[int]string{
	400: "Bad Request",
	405: "Method Not Allowed",
	408: "Request Timeout",
	413: "Content Too Large",
	414: "URI Too Long",
	417: "Expectation Failed",
	421: "Misdirected Request",
	431: "Request Header Fields Too Large",
	500: "Internal Server Error",
	501: "Not Implemented",
	502: "Bad Gateway",
	503: "Service Unavailable",
	504: "Gateway Timeout",
	505: "HTTP Version Not Supported",
}

// fail ends an exchange that went wrong: with a response that says so, or, where another has begun, by cutting it off.
func (x *exchange) fail(err error) {
	if x.body.err != nil && !x.response.HeadSent() && !peerGone(err) {
		err = x.body.err // the application failed over a body that the peer broke
	}
	status := StatusOf(err)
	x.logFailure(err, status)
	switch {
	case x.response.Complete() && status != 0:
		x.out.SendEnd() // as many bytes as were promised: only the application is to blame
		x.out.keep = false
	case x.response.HeadSent():
		x.out.flush()
		x.out.keep = false
		x.out.truncated = x.out.framing == byClose
	case status == 0:
		x.out.keep = false
	default:
		x.sendErrorResponse(status, err)
	}
}

// sendErrorResponse makes the server's own response.
func (x *exchange) sendErrorResponse(status int, err error) {
	head, text := x.server.ErrorResponse(status, err)
	if PeersFault(err) {
		x.request.KeepAlive = false
	}
	x.body.err = nil // this response is the answer to it
	if x.out.SendHead(head) == nil && x.out.framing != withoutBody {
		x.out.SendBody([]byte(text))
	}
	x.out.flush()
}

// PeersFault says that the peer is not listened to any more: what its next bytes mean is anybody's guess.
func PeersFault(err error) bool {
	var syntax *parser.SyntaxError
	return errors.As(err, &syntax) || errors.Is(err, ErrTimeout) || errors.Is(err, errMisdirected)
}

// ErrorResponse is the server's own response to what went wrong.
func (c *Config) ErrorResponse(status int, err error) (head wsgi.Head, text string) {
	text = fmt.Sprintf("%d %s\n%s", status, reasons[status], c.explain(err))
	head = wsgi.Head{
		Status:  fmt.Sprintf("%d %s", status, reasons[status]),
		Headers: []wsgi.Header{{Name: "Content-Type", Value: "text/plain; charset=utf-8"}},
		Length:  int64(len(text)),
	}
	if status == 405 { // RFC 9110 §15.5.6: MUST; an application may know any other
		head.Headers = append(head.Headers, wsgi.Header{Name: "Allow", Value: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE"})
	}
	return head, text
}

// explain says to the peer what is the peer's business: its own mistakes; the application's only with --debug.
func (c *Config) explain(err error) string {
	var syntax *parser.SyntaxError
	var application *wsgi.ApplicationError
	switch {
	case errors.As(err, &syntax):
		return "\n" + syntax.Error() + "\n"
	case errors.Is(err, ErrTimeout), errors.Is(err, errMisdirected):
		return "\n" + err.Error() + "\n"
	case !c.Debug:
		return ""
	case errors.As(err, &application):
		return "\n" + application.Traceback
	}
	return "\n" + err.Error() + "\n"
}

// logFailure shows a failure to the observer, and tells the log.
func (x *exchange) logFailure(err error, status int) {
	var syntax *parser.SyntaxError
	switch {
	case errors.As(err, &syntax), errors.Is(err, errMisdirected):
		x.sawRefusal(err)
	case status != 0 && !errors.Is(err, ErrTimeout):
		x.sawFailure(err)
	}
	x.server.LogFailure(err, x.request, &x.facts)
}

// LogFailure tells the one who can do something about it.
func (c *Config) LogFailure(err error, r *parser.Request, peer *wsgi.Connection) {
	var syntax *parser.SyntaxError
	status := StatusOf(err)
	switch {
	case errors.Is(err, errIdle):
		return
	case errors.As(err, &syntax), errors.Is(err, errMisdirected):
		c.Log.Info("refused a request", "peer", peer.RemoteAddr, "status", status, "because", err)
		if syntax != nil && len(syntax.Line) > 0 {
			c.Log.Debug("the line in question\n" + syntax.Caret())
		}
	case status == 0, errors.Is(err, ErrTimeout):
		c.Log.Debug("the peer is gone", "peer", peer.RemoteAddr, "error", err)
	default:
		c.LogApplicationError(err, r)
	}
}

// LogApplicationError writes to the log what went wrong, and the traceback to wsgi.errors.
func (c *Config) LogApplicationError(err error, r *parser.Request) {
	c.Log.Error(err.Error(), "request", RequestLine(r))
	var application *wsgi.ApplicationError
	if errors.As(err, &application) && application.Traceback != "" {
		io.WriteString(c.Errors, strings.TrimRight(application.Traceback, "\n")+"\n")
	}
}

// RequestLine is what is known of the request-line, made printable.
func RequestLine(r *parser.Request) string {
	if r.Version.Len() == 0 {
		return "-"
	}
	return fmt.Sprintf("%s %s %s", r.Bytes(r.Method), escape(r.Text(r.Target)), r.Bytes(r.Version))
}
