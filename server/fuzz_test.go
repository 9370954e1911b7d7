package server_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"glasswsgi/parser"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
	"glasswsgi/server/front"
)

// conversation sends bytes to a server, in pieces that seed decides, and returns what comes back until the server has
// closed. It owns the clock: every time-out passes at once, a server that hangs is a deadlock that synctest reports, and
// so is a goroutine that stays.
func conversation(t *testing.T, config server.Config, input []byte, seed uint64) (answer []byte) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, listener := server.New(config), &pipes{accept: make(chan net.Conn)}
		go s.Serve(t.Context(), listener)
		ours, theirs := net.Pipe()
		listener.accept <- theirs
		go func() {
			cuts := rand.New(rand.NewPCG(seed, 0))
			for rest := input; len(rest) > 0; {
				n := min(len(rest), 1+cuts.IntN(1<<cuts.IntN(12)))
				if _, err := ours.Write(rest[:n]); err != nil {
					return
				}
				rest = rest[n:]
			}
		}()
		answer, _ = io.ReadAll(ours)
		ours.Close()
		listener.Close()
		shutdown(t, s)
	})
	return answer
}

// readResponse reads the final response to a request with a method, and its body as far as it came.
func readResponse(in *bufio.Reader, method string) (response *http.Response, body []byte, err error) {
	for response == nil || response.StatusCode < 200 {
		if response, err = http.ReadResponse(in, &http.Request{Method: method}); err != nil {
			return nil, nil, err
		}
	}
	body, err = io.ReadAll(response.Body)
	return response, body, err
}

// moody is an application that the request-target chooses.
func moody(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	switch environ.Value("PATH_INFO") {
	case "/echo":
		return native.Echo(environ, start)
	case "/stream":
		return generator("200 OK", nil, "one", "two")(environ, start)
	case "/empty":
		return app("204 No Content", nil)(environ, start)
	case "/raise":
		panic("raised")
	case "/break": // after the head is sent
		if _, err := start("200 OK", nil, nil); err != nil {
			return nil, err
		}
		return native.Generator{Blocks: blocks("one", errors.New("broken"))}, nil
	}
	return app("200 OK", nil, "ok")(environ, start)
}

// FuzzExchange sends any bytes. Whatever comes back are whole responses, one for each request and one for what is no
// request; where the application broke off, the last one is cut short and nothing follows it.
func FuzzExchange(f *testing.F) {
	for i, row := range requests {
		f.Add([]byte(row.request), uint64(i))
	}
	for i, path := range []string{"echo", "stream", "empty", "raise", "break"} {
		request := "POST /" + path + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
		f.Add([]byte(request+strings.Replace(head11, "/", "/"+path, 1)+get11), uint64(i))
		f.Add([]byte(strings.Replace(get10, "/", "/"+path, 1)), uint64(i))
	}
	for i, row := range endless {
		f.Add([]byte(row.begin+row.piece+row.piece), uint64(i))
	}
	f.Fuzz(func(t *testing.T, input []byte, seed uint64) {
		input = input[:min(len(input), 4000)]
		var methods []string
		c := config(native.Callable(moody), io.Discard)
		c.Limits = parser.Limits{RequestLine: 200, Fields: 10, FieldSize: 200, HeaderSection: 1000, Body: 2000}
		c.Observer = func(step front.Step) {
			if step.Name == "request-line" {
				r := step.Value.(*parser.Request)
				methods = append(methods, r.Text(r.Method))
			}
		}
		answer := conversation(t, c, input, seed)
		mustBeResponses(t, answer, methods)
	})
}

func mustBeResponses(t *testing.T, answer []byte, methods []string) {
	in := bufio.NewReader(bytes.NewReader(answer))
	for i := 0; ; i++ {
		if _, err := in.Peek(1); err == io.EOF {
			return
		}
		method := "GET" // of what is no request
		if i < len(methods) {
			method = methods[i]
		}
		response, _, err := readResponse(in, method)
		switch {
		case response == nil:
			t.Fatalf("response %d: %v in %q", i, err, answer)
		case i > len(methods):
			t.Fatalf("%d request-lines, and another response in %q", len(methods), answer)
		case i == len(methods) && !response.Close && err == nil:
			t.Fatalf("the connection is kept after what is no request: %q", answer)
		case response.Header.Get("Date") == "" || response.Header.Get("Server") == "":
			t.Fatalf("response %d has no Date or no Server: %q", i, answer)
		case err != nil || response.Close:
			if rest, _ := io.ReadAll(in); len(rest) > 0 {
				t.Fatalf("%q after the last response (%v) in %q", rest, err, answer)
			}
		}
	}
}

// saying is what an application in the hands of the fuzzer says.
type saying struct {
	status  string
	headers []wsgi.Header
	blocks  []string
	how     uint8 // bits: see below
}

const (
	asGenerator = 1 << iota // the number of blocks is not known
	byWrite                 // the first block goes through write()
	raises                  // after the last block
	startsTwice             // with exc_info
	ofHTTP10                // the peer speaks HTTP/1.0
)

// parseSaying takes header fields and blocks from texts in which control characters separate them.
func parseSaying(status, headers, body string, how uint8) saying {
	s := saying{status: status, how: how}
	for field := range strings.SplitSeq(headers, "\x1e") {
		if name, value, ok := strings.Cut(field, "\x1f"); ok {
			s.headers = append(s.headers, wsgi.Header{Name: name, Value: value})
		}
	}
	if body != "" {
		s.blocks = strings.Split(body, "\x1e")
	}
	return s
}

func (s saying) call(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	if environ.Value("PATH_INFO") != "/first" {
		return app("200 OK", nil, "second")(environ, start)
	}
	blocks := s.blocks
	if s.how&startsTwice != 0 {
		if _, err := start("503 Replaced", header("X-Replaced", "1"), nil); err != nil {
			return nil, err
		}
	}
	var excInfo error
	if s.how&startsTwice != 0 {
		excInfo = errors.New("why")
	}
	write, err := start(s.status, s.headers, excInfo)
	if err != nil {
		return nil, err
	}
	if s.how&byWrite != 0 && len(blocks) > 0 {
		if err := write([]byte(blocks[0])); err != nil {
			return nil, err
		}
		blocks = blocks[1:]
	}
	body := native.Generator{Blocks: func(yield func([]byte, error) bool) {
		for _, block := range blocks {
			if !yield([]byte(block), nil) {
				return
			}
		}
		if s.how&raises != 0 {
			yield(nil, errors.New("raised"))
		}
	}}
	if s.how&(asGenerator|raises) != 0 {
		return body, nil
	}
	return counted{body, len(blocks)}, nil
}

type counted struct {
	native.Generator
	length int
}

func (c counted) Len() int { return c.length }

// FuzzAssembler lets an application say anything. On the wire net/http reads one response for each request, with no
// header field that the application did not give as one, and no byte of a body where there is none; a response that is
// not whole ends the connection.
func FuzzAssembler(f *testing.F) {
	seeds := []struct{ method, status, headers, body string }{
		{"GET", "200 OK", "Content-Type\x1ftext/plain", "one\x1etwo"},
		{"HEAD", "200 OK", "Content-Length\x1f3", "one"},
		{"GET", "204 No Content", "Content-Length\x1f3", "one"},
		{"GET", "304 Not Modified", "ETag\x1f\"1\"", "one"},
		{"GET", "205 Reset Content", "", "one"},
		{"GET", "200 OK\r\nX: y", "", "one"},
		{"GET", "200 OK", "X\x1fy\r\nZ: 1", "one"},
		{"GET", "200 OK", "X: y\r\nZ\x1f1", "one"},
		{"GET", "200 OK", "Transfer-Encoding\x1fchunked", "0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"},
		{"GET", "200 OK", "Content-Length\x1f1\x1econtent-length\x1f2", "one"},
		{"GET", "200 OK", "Content-Length\x1f2", "one\x1etwo"},
		{"GET", "200 OK", "Content-Length\x1f9", "one\x1etwo"},
		{"GET", "200 OK", "Content-Length\x1f0003", "one"},
		{"GET", "200 ", "", ""}, {"GET", "200", "", ""}, {"GET", "100 Continue", "", ""}, {"GET", "101 Switching Protocols", "", "x"},
	}
	for i, s := range seeds {
		for how := range uint8(32) {
			if i == 0 || how == 0 || how == asGenerator {
				f.Add(s.method, s.status, s.headers, s.body, how)
			}
		}
	}
	f.Fuzz(func(t *testing.T, method, status, headers, body string, how uint8) {
		if !slices.Contains([]string{"GET", "HEAD", "POST"}, method) || len(body) > 4000 {
			return
		}
		s := parseSaying(status, headers, body, how)
		version := "1.1\r\nHost: x"
		if how&ofHTTP10 != 0 {
			version = "1.0\r\nConnection: keep-alive"
		}
		request := fmt.Sprintf("%s /first HTTP/%s\r\n\r\n", method, version) + "GET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
		answer := conversation(t, config(native.Callable(s.call), io.Discard), []byte(request), uint64(how))
		in := bufio.NewReader(bytes.NewReader(answer))
		first, content, err := readResponse(in, method)
		if first == nil {
			t.Fatalf("%v in %q", err, answer)
		}
		s.mustMean(t, first, content, err, answer)
		if err != nil || first.Close {
			if rest, _ := io.ReadAll(in); len(rest) > 0 {
				t.Fatalf("%q after the last response in %q", rest, answer)
			}
			return
		}
		if _, err := in.Peek(1); err == io.EOF && (how&raises != 0 || len(content) < len(strings.Join(s.blocks, ""))) {
			return // the application broke its promise when the head had left, which does not say close
		}
		if second, content, err := readResponse(in, "GET"); err != nil || second.StatusCode != 200 || string(content) != "second" {
			t.Fatalf("the second response is %q, %v in %q", content, err, answer)
		}
		if in.Buffered() > 0 {
			t.Fatalf("more than two responses in %q", answer)
		}
	})
}

// mustMean compares a response with what the application said. err is that of reading the body.
func (s saying) mustMean(t *testing.T, got *http.Response, content []byte, err error, answer []byte) {
	said := strings.Join(s.blocks, "")
	failed := string(content) == "500 Internal Server Error\n" || got.Request.Method == "HEAD" && got.StatusCode == 500
	line, _, _ := strings.Cut(string(answer), "\r\n")
	if line != "HTTP/1.1 "+s.status && !failed {
		t.Fatalf("status-line %q, said was %q", line, s.status)
	}
	for name, values := range got.Header {
		for _, value := range values {
			if !s.gave(name, value) && !serversOwn(name, failed) {
				t.Fatalf("nobody gave %q: %q in %q", name, value, answer)
			}
		}
	}
	bodiless := got.Request.Method == "HEAD" || got.StatusCode == 204 || got.StatusCode == 304
	switch {
	case failed:
	case bodiless && len(content) > 0:
		t.Fatalf("a body where there is none: %q", answer)
	case !strings.HasPrefix(said, string(content)):
		t.Fatalf("body %q, said was %q", content, said)
	case err == nil && !bodiless && s.how&raises == 0 && got.Header.Get("Content-Length") == "" && string(content) != said:
		t.Fatalf("body %q passes for a whole one, said was %q", content, said)
	}
}

func (s saying) gave(name, value string) bool {
	for _, h := range s.headers {
		if http.CanonicalHeaderKey(h.Name) == name && strings.Trim(h.Value, " ") == value {
			return true
		}
	}
	return false
}

// serversOwn are the fields that the server may add; Content-Type for its own text about a failure.
func serversOwn(name string, failed bool) bool {
	return slices.Contains([]string{"Date", "Server", "Content-Length", "Connection"}, name) || failed && name == "Content-Type"
}
