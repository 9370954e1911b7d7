package front_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

type deaf struct{}

func (deaf) Error() string   { return "no worker listens" }
func (deaf) StatusCode() int { return 503 }

// TestFaultOf: whose fault an error is follows from its type, and from nothing that it says.
func TestFaultOf(t *testing.T) {
	application := &wsgi.ApplicationError{Exception: "E: secret", Traceback: "Traceback: secret\n"}
	rows := []struct {
		name   string
		err    error
		side   front.Side
		status int
		level  slog.Level
		told   string // to the peer, without and with --debug
		debug  string
	}{
		{"no request", front.ErrNoRequest, front.Nobody, 0, slog.LevelDebug, "", ""},
		{"gave way", front.ErrGaveWay, front.Nobody, 0, slog.LevelDebug, "", ""},
		{"the peer left", &front.PeerError{Err: io.EOF}, front.Nobody, 0, slog.LevelDebug, "", ""},
		{"the peer reset", &front.PeerError{Err: syscall.ECONNRESET}, front.Nobody, 0, slog.LevelDebug, "", ""},
		{"the peer is late", &front.PeerError{Err: os.ErrDeadlineExceeded, Late: true}, front.Peer, 408, slog.LevelDebug, "in time", "in time"},
		{"the peer broke HTTP", &parser.SyntaxError{Rule: "field-name", Status: 431}, front.Peer, 431, slog.LevelInfo, "field-name", "field-name"},
		{"the application passes on what the peer did", fmt.Errorf("upload: %w", &front.PeerError{Err: io.EOF}), front.Nobody, 0, slog.LevelDebug, "", ""},
		{"a bug of ours", &parser.StateError{}, front.Glass, 500, slog.LevelError, "", "state"},
		{"the application raised", application, front.Application, 500, slog.LevelError, "", "Traceback: secret"},
		{"the application broke PEP 3333", &wsgi.ContractError{Rule: "status"}, front.Application, 500, slog.LevelError, "", "status"},
		{"the runtime failed", deaf{}, front.Runtime, 503, slog.LevelError, "", "no worker"},
		{"the application's own end of file", io.EOF, front.Application, 500, slog.LevelError, "", "EOF"},
		{"the application's own socket", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, front.Application, 500, slog.LevelError, "", "refused"},
		{"the application's own deadline", context.DeadlineExceeded, front.Application, 500, slog.LevelError, "", "deadline"},
		{"the application's own error", errors.New("odd"), front.Application, 500, slog.LevelError, "", "odd"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			for _, debug := range []bool{false, true} {
				f := front.FaultOf(row.err, debug)
				if f.Side != row.side || f.Status != row.status || f.Level != row.level || f.Err != row.err {
					t.Errorf("%+v", f)
				}
				want := row.told
				if debug {
					want = row.debug
				}
				if !strings.Contains(f.Told, want) || want == "" && f.Told != "" {
					t.Errorf("debug %v: the peer is told %q, want %q", debug, f.Told, want)
				}
			}
		})
	}
}

// TestOwnResponses: each status that a fault can have has its reason phrase, and 405 says what is allowed.
func TestOwnResponses(t *testing.T) {
	for _, status := range []int{400, 405, 408, 413, 414, 417, 421, 431, 500, 501, 502, 503, 504, 505} {
		head, text := (&front.Fault{Status: status}).Response()
		if len(head.Status) < 5 || !strings.HasPrefix(text, head.Status+"\n") || head.Length != int64(len(text)) {
			t.Errorf("%d: %+v %q", status, head, text)
		}
		if allows := strings.Contains(fmt.Sprint(head.Headers), "Allow"); allows != (status == 405) {
			t.Errorf("%d: %v", status, head.Headers)
		}
	}
}
