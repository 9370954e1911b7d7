package check_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"glasswsgi/check"
	"glasswsgi/check/suite"
	"glasswsgi/parser"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
)

// flaw makes a broken server of a correct one, by changing what it receives or what it sends. The flaws of the WSGI side
// are in testdata/broken/flaws.py.
type flaw struct {
	name      string
	receiving func([]byte) []byte // what the server is told that the client sent
	sending   func([]byte) []byte // what the client gets of what the server sends
	with      []string            // probes to run that need no more of the application than router has
	fails     []string            // patterns of ids: the first must fail, the others may, no others must
}

// broken has a row for each flaw. A new probe should have one that fails it.
var broken = []flaw{
	{
		name: "none",
		with: []string{"rfc9110-9.3.2-head-no-body", "rfc9112-6.3-truncated-body", "rfc9112-9.3.2-pipelining-order", "rfc9112-2.2-byte-by-byte"},
	},
	{
		name:      "sends a body with HEAD",
		receiving: pattern(`^HEAD`, "GET"),
		with:      []string{"rfc9110-9.3.2-head-no-body"},
		fails:     []string{"rfc9110-9.3.2-head-no-body", "rfc9110-*head*"},
	},
	{
		name:      "hands a truncated body on",
		receiving: pattern(`Content-Length: 10(\r\n\r\n.{5})$`, "Content-Length: 5$1"),
		with:      []string{"rfc9112-6.3-truncated-body"},
		fails:     []string{"rfc9112-6.3-truncated-body"},
	},
	{
		name:      "answers pipelined requests in another order",
		receiving: pattern(`^(GET \S+)( [^G]*POST(?s:.*))(GET \S+)`, "$3$2$1"),
		with:      []string{"rfc9112-9.3.2-pipelining-order"},
		fails:     []string{"rfc9112-9.3.2-pipelining-order"},
	},
	{
		name:      "takes what one recv() returns for a request",
		receiving: request,
		with:      []string{"rfc9112-2.2-byte-by-byte"},
		fails:     []string{"rfc9112-2.2-byte-by-byte"},
	},
	{
		name:    "ends lines with LF",
		sending: replace("\r\n", "\n"),
		fails:   []string{"rfc9110-6.6.1-date", "*grammar*"},
	},
	{
		name:    "sends no Date",
		sending: pattern(`Date: [^\r]*\r\n`, ""),
		fails:   []string{"rfc9110-6.6.1-date", "*date*"},
	},
	{
		name:    "sends a Date of another format",
		sending: pattern(`Date: (...), (..) (...) (....) ([0-9:]*) GMT`, "Date: $1 $3 $2 $5 $4"),
		fails:   []string{"rfc9110-6.6.1-date", "*date*"},
	},
	{
		name:      "takes Content-Length and ignores Transfer-Encoding",
		receiving: pattern(`(Content-Length: \d+\r\n)Transfer-Encoding: chunked\r\n`, "$1"),
		fails:     []string{"rfc9112-6.3-cl-and-te", "rfc9112-6*", "rfc9112-11*"},
	},
	{
		name:      "takes the first of two lengths",
		receiving: pattern(`(Content-Length: \d+\r\n)Content-Length: \d+\r\n`, "$1"),
		fails:     []string{"rfc9112-6.3-two-lengths", "rfc9112-6*", "rfc9110-8.6*", "rfc9112-11*"},
	},
	{
		name:      "takes the last of two lengths",
		receiving: pattern(`Content-Length: \d+\r\n(Content-Length: \d+\r\n)`, "$1"),
		fails:     []string{"rfc9112-6.3-two-lengths", "rfc9112-6*", "rfc9110-8.6*", "rfc9112-11*"},
	},
	{
		name:      "computes chunk sizes modulo 2^64",
		receiving: pattern(`(?m)^1000000000000000`, ""),
		fails:     []string{"rfc9112-7.1-chunk-size-overflow", "rfc9112-7*"},
	},
	{
		name:      "does without Host",
		receiving: pattern(`(HTTP/1.1\r\n)\r\n`, "${1}Host: x\r\n\r\n"),
		fails:     []string{"rfc9112-3.2-no-host", "rfc9112-3.2*"},
	},
	{
		name:      "does not close when asked to",
		receiving: replace("Connection: close", "X-Ignored: close"),
		fails:     []string{"rfc9112-9.6-close-announced", "rfc9112-9*"},
	},
	{
		name:    "closes without saying so",
		sending: replace("Connection: close\r\n", ""),
		fails:   []string{"rfc9112-9.6-close-announced", "rfc9112-9*", "rfc9110-7.6.1*"},
	},
}

// request makes a request of its own of each piece that is not a whole one. On a busy machine a piece is more than the one
// byte that the probe sent by itself.
func request(b []byte) []byte {
	if bytes.Contains(b, []byte("\n\r\n")) || bytes.Contains(b, []byte("\n\n")) {
		return b
	}
	return append(b, " / HTTP/1.1\r\nHost: x\r\n\r\n"...)
}

func replace(old, by string) func([]byte) []byte {
	return func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(old), []byte(by)) }
}

func pattern(expression, by string) func([]byte) []byte {
	re := regexp.MustCompile(expression)
	return func(b []byte) []byte { return re.ReplaceAll(b, []byte(by)) }
}

// TestBroken: each flaw is found by the probes that were made for it, and by no others.
func TestBroken(t *testing.T) {
	suite.Long(t)
	probes, err := check.Load()
	if err != nil {
		t.Fatal(err)
	}
	for number, f := range broken {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			var wanted []*check.Probe
			for place, p := range probes {
				can := !p.NeedsApplication() || slices.Contains(f.with, p.ID)
				if can && (slices.ContainsFunc(f.fails, matches(p.ID)) || suite.Sample(number+place)) {
					wanted = append(wanted, p)
				}
			}
			target := check.Target{Address: serve(t, f), Application: true, Timeout: time.Second, Jobs: 64}
			var failed []string
			for _, r := range target.Run(t.Context(), wanted, func(check.Result) {}) {
				switch {
				case len(f.fails) > 0 && r.Probe.ID == f.fails[0]:
					r = target.Again(t.Context(), r, check.Failed)
				case r.Outcome == check.Failed && !slices.ContainsFunc(f.fails, matches(r.Probe.ID)):
					r = target.Again(t.Context(), r, check.Passed)
				}
				if r.Outcome == check.Failed {
					failed = append(failed, r.Probe.ID)
					if !slices.ContainsFunc(f.fails, matches(r.Probe.ID)) {
						var report strings.Builder
						check.Report(&report, []check.Result{r})
						t.Errorf("%s should not fail\n%s", r.Probe.ID, report.String())
					}
				}
			}
			if len(f.fails) > 0 && !slices.Contains(failed, f.fails[0]) {
				t.Errorf("%s did not find it; what failed: %v", f.fails[0], failed)
			}
		})
	}
}

// matches says whether a pattern matches the id of a probe.
func matches(id string) func(pattern string) bool {
	return func(pattern string) bool { ok, _ := path.Match(pattern, id); return ok }
}

// router is as much of the probe application as the flaws need.
func router(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	if asksForEnviron(environ) {
		return answerEnviron(environ, startResponse)
	}
	switch text, isSay := strings.CutPrefix(environ.Value("QUERY_STRING"), "text="); {
	case environ.Value("PATH_INFO") == "/echo":
		return native.Echo(environ, startResponse)
	case isSay:
		if _, err := startResponse("200 OK", nil, nil); err != nil {
			return nil, err
		}
		return native.Body(text), nil
	}
	return native.Hello(environ, startResponse)
}

// serve runs a server with a flaw on a free port for the time of a test.
func serve(t *testing.T, f flaw) (address string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, flawedListener{listener, f}, server.New, router)
}

// serveOn runs glass's server with a callable for the time of a test.
func serveOn(t *testing.T, listener net.Listener, model func(server.Config) *server.Server, application native.Callable) (address string) {
	s := model(server.Config{
		Application: application, Software: "glass", Limits: parser.DefaultLimits,
		ReadTimeout: 20 * time.Second, WriteTimeout: 20 * time.Second, KeepAlive: 5 * time.Second,
		Errors: io.Discard, Log: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	go s.Serve(ctx, listener)
	return listener.Addr().String()
}

type flawedListener struct {
	net.Listener
	flaw
}

func (l flawedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &flawedConn{TCPConn: c.(*net.TCPConn), flaw: l.flaw}, nil
}

// flawedConn changes each piece by itself: good enough for requests and responses that come in one.
type flawedConn struct {
	*net.TCPConn
	flaw
	changed []byte // received, and not yet read by the server
}

func (c *flawedConn) Read(p []byte) (int, error) {
	if c.receiving == nil {
		return c.TCPConn.Read(p)
	}
	if len(c.changed) == 0 {
		buffer := make([]byte, 64<<10)
		n, err := c.TCPConn.Read(buffer)
		if err != nil {
			return n, err
		}
		c.changed = c.receiving(buffer[:n])
	}
	n := copy(p, c.changed)
	c.changed = c.changed[n:]
	return n, nil
}

func (c *flawedConn) Write(p []byte) (int, error) {
	if c.sending == nil {
		return c.TCPConn.Write(p)
	}
	changed := c.sending(p)
	if len(changed) == 0 { // it closes instead
		c.TCPConn.CloseWrite()
		return 0, net.ErrClosed
	}
	_, err := c.TCPConn.Write(changed)
	return len(p), err
}
