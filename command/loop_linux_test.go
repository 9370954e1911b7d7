package command

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"glasswsgi/check/suite"
)

// loopApplication answers with all of its environ, or in ways that the event loop leaves to goroutines.
const loopApplication = `
import tempfile, time
kept = []
large = tempfile.NamedTemporaryFile()
large.write(b"0123456789" * 10000)
large.flush()

def application(environ, start_response):
    path = environ["PATH_INFO"]
    environ_file_wrapper = environ["wsgi.file_wrapper"]
    fields = [("Content-Type", "text/plain")]
    assert type(environ) is dict and environ["wsgi.input"].tell() == 0
    if path.startswith("/keep"):
        kept.append((start_response, environ))  # neither may be another request's later
    if path == "/late":
        try:
            kept[0][0]("200 OK", fields)
        except Exception as error:
            environ["late"] = type(error).__name__
    if path == "/raise":
        raise ValueError("on purpose")
    if path == "/short":
        start_response("200 OK", fields + [("Content-Length", "100")])
        return [b"short"]
    if path == "/no-length":
        start_response("200 OK", fields)
        return [1]
    if path == "/no-bytes":
        start_response("200 OK", fields)
        return ["text"]
    if path == "/bad-field":
        start_response("200 OK", [("Bad Name", "x")])
        return [b""]
    if path == "/none":
        start_response("204 No Content", [])
        return []
    if path == "/large":
        start_response("200 OK", fields)
        return [b"x" * 100000]
    write = start_response("200 OK", fields)
    text = "".join("%s=%r\n" % (name, environ[name]) for name in sorted(environ) if name not in ("wsgi.errors", "wsgi.input", "wsgi.file_wrapper"))
    block = text.encode() + environ["wsgi.input"].read()
    environ.clear()  # it is this request's alone
    if path == "/write":
        write(block)
        return []
    if path == "/two":
        return [block, b"two"]
    if path == "/close":
        class Closing:
            def __iter__(self): return iter([block])
            def close(self): kept.append(None)
        return Closing()
    if path == "/fails-at-close":
        class Failing:
            def __iter__(self): return iter([block])
            def close(self): raise ValueError("at close")
        return Failing()
    if path == "/file":
        return environ_file_wrapper(open(large.name, "rb"))
    if path == "/many":
        return (b"%d " % n * 300 for n in range(60))
    if path == "/empty":
        return iter([])
    if path == "/breaks-off":
        return (1 / (n < 2) and b"x" for n in range(9))
    if path == "/slow":
        return (time.sleep(0.1) or b"x" for n in range(3))
    if path == "/generator":
        return (b for b in (block, b"two"))
    return [block]
`

// loopTargets are conversations over one connection each. What the loop leaves to a goroutine comes last: the connection goes
// along.
var loopTargets = [][]string{
	{"GET /", "GET /", "GET /a?b", "GET /c", "GET /", "HEAD /", "HEAD /", "GET /%41", "GET /a", "POST /", "POST /", "GET /", "GET /none", "GET /"},
	{"GET /", "GET /c", "GET /a", "GET /", "GET /", "GET /"}, // of two workers, each gets every other one
	{"GET /", "GET /keep/1", "GET /keep/2", "GET /late", "GET /", "GET /late", "GET /write", "GET /"},
	{"GET /", "GET /two", "GET /"}, {"GET /", "GET /generator", "GET /"}, {"GET /", "GET /large", "GET /"}, {"GET /", "GET /raise", "GET /"},
	{"GET /", "GET /short", "GET /"}, {"GET /", "GET /no-bytes", "GET /"}, {"GET /", "GET /bad-field", "GET /"}, {"GET /", "GET /no-length", "GET /"},
	{"GET /", "GET /close", "GET /close", "GET /", "HEAD /close", "GET /close", "GET /"}, {"GET /", "GET /fails-at-close", "GET /"}, {"GET /", "GET /file", "GET /"},
	{"GET /", "GET /many", "GET /"}, {"GET /many"}, {"GET /", "GET /many"}, {"GET /many"}, {"GET /", "GET /many"}, {"GET /many"},
	{"GET /", "GET /empty", "GET /", "GET /empty"}, {"GET /", "GET /breaks-off", "GET /"}, {"GET /", "GET /slow", "GET /"},
}

// TestLoopIsNoOtherServer: with an event loop, real workers answer each request of a connection as with goroutines.
func TestLoopIsNoOtherServer(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	folder := t.TempDir()
	app := write(t, folder, "app.py", loopApplication)
	varies := regexp.MustCompile(`(REMOTE|SERVER)_PORT='\d+'|Date: [^\r]*|HTTP_HOST='[^']*'|127.0.0.1:\d+`)
	for _, flags := range [][]string{{}, {"--workers", "2"}, {"--preload"}} {
		t.Run(strings.Join(flags, " "), func(t *testing.T) {
			t.Parallel()
			loop := serve(t, append(flags, "--debug", "--model", "loop", app)...)
			goroutines := serve(t, append(flags, "--debug", "--model", "threaded", app)...)
			for _, targets := range loopTargets {
				if got, want := converse(t, loop.url, targets, varies), converse(t, goroutines.url, targets, varies); got != want {
					t.Errorf("%s: got\n%s\nwant\n%s", targets, got, want)
				}
			}
			loop.err.await(t, "ValueError: at close") // is nothing that a client could see
		})
	}
}

// converse asks for one target after the other, over one connection as long as that goes on, and returns all that came.
func converse(t *testing.T, url string, targets []string, varies *regexp.Regexp) string {
	t.Helper()
	var all strings.Builder
	var conn net.Conn
	var in *bufio.Reader
	for _, target := range targets {
		if conn == nil {
			var err error
			if conn, err = net.Dial("tcp", strings.TrimPrefix(url, "http://")); err != nil {
				t.Fatal(err)
			}
			conn.SetDeadline(time.Now().Add(time.Minute))
			in = bufio.NewReader(conn)
			fmt.Fprintln(&all, "connects")
		}
		method, path, _ := strings.Cut(target, " ")
		body := ""
		if method == "POST" {
			body = "Content-Length: 4\r\n\r\nbody"
		} else {
			body = "\r\n"
		}
		io.WriteString(conn, method+" "+path+" HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\n"+body)
		r, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			fmt.Fprintln(&all, target, err)
			conn.Close()
			conn = nil
			continue
		}
		content, err := io.ReadAll(r.Body)
		fmt.Fprintln(&all, target, r.Status, r.ContentLength, r.Header["Content-Type"], string(content), err)
		if r.Close || err != nil {
			conn.Close()
			conn = nil
		}
	}
	if conn != nil {
		conn.Close()
	}
	return varies.ReplaceAllString(all.String(), "")
}
