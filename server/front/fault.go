package front

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// Side is who has to mend a fault.
type Side uint8

const (
	Nobody      Side = iota // a peer that left, or sent no other request
	Peer                    // it broke HTTP, or fell silent in a message
	Application             // it raised, or broke PEP 3333
	Runtime                 // the application could not be asked, or did not answer
	Glass                   // a bug of ours
)

// Fault is what an error means.
type Fault struct {
	Err     error
	Side    Side
	Status  int        // of the response that tells of it; 0 where there is no peer to be told
	Level   slog.Level // at which the log tells of it
	Message string     // of the log; "" is the error's own
	Told    string     // to the peer; "" is nothing beyond the status
	Refused bool       // the parser, or a rule about the request, refused it: the stage of the Step is Parse
}

var (
	// ErrNoRequest ends a connection over which no (other) request came.
	ErrNoRequest = errors.New("the peer sent no (other) request")
	// ErrGaveWay ends a connection that gave way to a new one.
	ErrGaveWay = errors.New("the connection gave way to a new one")
)

// FaultOf classifies the error by which an exchange ended. debug lets the peer see what is the application's business.
func FaultOf(err error, debug bool) Fault {
	var (
		syntax      *parser.SyntaxError
		peer        *PeerError
		contract    *wsgi.ContractError
		application *wsgi.ApplicationError
		failure     wsgi.Failure
		bug         *parser.StateError
	)
	inside := func(text string) string {
		if debug {
			return text
		}
		return ""
	}
	const refused, gone = "refused a request", "the peer is gone"
	whole := err.Error()
	switch {
	case errors.Is(err, ErrNoRequest), errors.Is(err, ErrGaveWay):
		return Fault{err, Nobody, 0, slog.LevelDebug, "", "", false}
	case errors.As(err, &peer) && !peer.Late:
		return Fault{err, Nobody, 0, slog.LevelDebug, gone, "", false}
	case errors.As(err, &peer):
		return Fault{err, Peer, 408, slog.LevelDebug, gone, peer.Error(), false}
	case errors.As(err, &syntax):
		return Fault{err, Peer, syntax.Status, slog.LevelInfo, refused, syntax.Error(), true}
	case errors.Is(err, errMisdirected):
		return Fault{err, Peer, 421, slog.LevelInfo, refused, whole, true}
	case errors.As(err, &bug):
		return Fault{err, Glass, 500, slog.LevelError, aBug, inside(whole), true}
	case errors.As(err, &failure):
		return Fault{err, Runtime, failure.StatusCode(), slog.LevelError, "", inside(whole), false}
	case errors.As(err, &application):
		return Fault{err, Application, 500, slog.LevelError, "", inside(application.Traceback), false}
	case errors.As(err, &contract):
		return Fault{err, Application, 500, slog.LevelError, "", inside(whole), false}
	}
	return Fault{err, Application, 500, slog.LevelError, "", inside(whole), false} // an error of its own, whatever its type
}

const aBug = "a bug in glass: please report it"

// reasons are the reason phrases of the statuses that a Fault can have (RFC 9110 §15, RFC 6585 §5).
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
	507: "Insufficient Storage",
}

// Response is the server's own response to a fault.
func (f *Fault) Response() (head wsgi.Head, text string) {
	status := fmt.Sprintf("%d %s", f.Status, reasons[f.Status])
	text = status + "\n"
	if f.Told != "" {
		text += "\n" + strings.TrimSuffix(f.Told, "\n") + "\n"
	}
	head = wsgi.Head{
		Status:  status,
		Headers: []wsgi.Header{{Name: "Content-Type", Value: "text/plain; charset=utf-8"}},
		Length:  int64(len(text)),
	}
	if f.Status == 405 { // RFC 9110 §15.5.6: MUST; an application may know any other
		head.Headers = append(head.Headers, wsgi.Header{Name: "Allow", Value: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE"})
	}
	return head, text
}

// LogFault logs a fault at the level of the one who can act on it: the application's author sees all of theirs.
func (c *Config) LogFault(f Fault, r *parser.Request, peer *wsgi.Connection) {
	var syntax *parser.SyntaxError
	switch {
	case f.Side == Application, f.Side == Runtime:
		c.LogApplicationError(f.Err, RequestLine(r))
	case f.Message != "":
		c.Log.Log(context.Background(), f.Level, f.Message, "peer", peer.RemoteAddr, "status", f.Status, "because", f.Err)
		if errors.As(f.Err, &syntax) && len(syntax.Line) > 0 {
			c.Log.Debug("the line in question\n" + syntax.Caret())
		}
	}
}

// LogApplicationError writes to the log what went wrong, and the traceback to wsgi.errors.
func (c *Config) LogApplicationError(err error, requestLine string) {
	c.Log.Error(err.Error(), "request", requestLine)
	var application *wsgi.ApplicationError
	if errors.As(err, &application) && application.Traceback != "" {
		io.WriteString(c.Errors, strings.TrimRight(application.Traceback, "\n")+"\n")
	}
}

// LogPanic reports a bug in glass itself, which must end one connection and not the server.
func (c *Config) LogPanic(bug any, stack []byte) {
	c.Log.Error(aBug, "panic", bug, "stack", string(stack))
}

// RequestLine is what is known of the request-line, made printable.
func RequestLine(r *parser.Request) string {
	if r.Version.Len() == 0 {
		return "-"
	}
	return fmt.Sprintf("%s %s %s", r.Bytes(r.Method), escapeHex(r.Text(r.Target)), r.Bytes(r.Version))
}
