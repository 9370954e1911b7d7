package gateway_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway"
	"glasswsgi/server/gateway/ajp"
	"glasswsgi/server/gateway/fastcgi"
	"glasswsgi/server/gateway/scgi"
	"glasswsgi/server/gateway/token"
	"glasswsgi/server/gateway/uwsgi"
)

// client is the web server's side of a protocol.
type client struct {
	name    string
	request func(r request) string
	answer  func(b string) answer // of whatever the application sent
	kept    bool                  // connections are kept
}

// request is what a client has sent to the web server.
type request struct {
	method, uri string
	variables   []token.Variable // besides those that all requests have
	content     string
	length      string // CONTENT_LENGTH: "" is that of content, "-" none
}

// answer is a response as the web server understands it.
type answer struct {
	status string
	header textproto.MIMEHeader
	body   string
	whole  bool // it has the end that its protocol has for it
}

func (a answer) String() string {
	return fmt.Sprintf("%s, %d fields, %q, whole %v", a.status, len(a.header), a.body, a.whole)
}

var clients = []client{
	{"fastcgi", fastcgiRequest, fastcgiAnswer, true},
	{"scgi", scgiRequest, func(b string) answer { return parseAnswer(b, "Status: ") }, false},
	{"uwsgi", uwsgiRequest, func(b string) answer { return parseAnswer(b, "HTTP/1.1 ") }, false},
	{"ajp", ajpRequest, ajpAnswer, true},
}

// each runs a test for every protocol.
func each(t *testing.T, test func(t *testing.T, c client)) {
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) { test(t, c) })
	}
}

func variable(name, value string) token.Variable { return token.Variable{Name: name, Value: value} }

// all are the variables that web servers send with every request.
func (r request) all() []token.Variable {
	path, query, _ := strings.Cut(r.uri, "?")
	return append([]token.Variable{
		variable("REQUEST_METHOD", r.method), variable("REQUEST_URI", r.uri), variable("SCRIPT_NAME", path), variable("QUERY_STRING", query),
		variable("SERVER_NAME", ""), variable("SERVER_PORT", "80"), variable("SERVER_PROTOCOL", "HTTP/1.1"),
		variable("REMOTE_ADDR", "192.0.2.1"), variable("HTTP_HOST", "example"),
	}, r.variables...)
}

func (r request) contentLength() string {
	if r.length == "" {
		return strconv.Itoa(len(r.content))
	}
	return strings.Trim(r.length, "-")
}

func fastcgiRequest(r request) string {
	variables := append(r.all(), variable("CONTENT_LENGTH", r.contentLength()))
	return string(fastcgi.AppendRequest(nil, 1, true, variables, []byte(r.content)))
}

func scgiRequest(r request) string {
	return string(scgi.AppendRequest(nil, r.all(), []byte(r.content)))
}

func uwsgiRequest(r request) string {
	return string(uwsgi.AppendRequest(nil, r.all(), []byte(r.content)))
}

func ajpRequest(r request) string {
	uri, query, _ := strings.Cut(r.uri, "?")
	f := ajp.Request{Method: r.method, Protocol: "HTTP/1.1", URI: uri, QueryString: query, RemoteAddr: "192.0.2.1", ServerPort: 80}
	f.Headers = append(f.Headers, token.Variable{Name: "host", Value: "example"})
	for _, v := range r.variables {
		switch name, isField := strings.CutPrefix(v.Name, "HTTP_"); {
		case v.Name == "HTTPS":
			f.IsSSL = true
		case isField:
			f.Headers = append(f.Headers, token.Variable{Name: strings.ToLower(strings.ReplaceAll(name, "_", "-")), Value: v.Value})
		default:
			f.Attributes = append(f.Attributes, v)
		}
	}
	if n := r.contentLength(); n == "" {
		f.Headers = append(f.Headers, token.Variable{Name: "transfer-encoding", Value: "chunked"})
	} else if n != "0" {
		f.Headers = append(f.Headers, token.Variable{Name: "content-length", Value: n})
	}
	b := ajp.AppendForwardRequest(nil, f)
	for rest := []byte(r.content); len(rest) > 0; { // before it is asked for, which the decoder does not mind
		n := min(len(rest), 8000)
		b = ajp.AppendData(b, rest[:n])
		rest = rest[n:]
	}
	if r.contentLength() == "" {
		b = ajp.AppendData(b, nil)
	}
	return string(b)
}

func fastcgiAnswer(b string) answer {
	tokens, _ := fastcgi.ExplainResponse([]byte(b), 0)
	var out []byte
	whole := false
	for _, e := range tokens {
		switch e.Name {
		case "FCGI_STDOUT":
			out = append(out, e.Data...)
		case "FCGI_EndRequestBody":
			whole = fastcgi.Describe(e) == "appStatus 0, FCGI_REQUEST_COMPLETE"
		}
	}
	a := parseAnswer(string(out), "Status: ")
	a.whole = whole
	return a
}

// parseAnswer reads the response of CGI or HTTP. The end of the connection is its end.
func parseAnswer(b, first string) (a answer) {
	line, rest, _ := strings.Cut(b, "\r\n")
	status, ok := strings.CutPrefix(line, first)
	if !ok {
		return answer{status: "no status: " + line}
	}
	r := bufio.NewReader(strings.NewReader(rest))
	header, err := textproto.NewReader(r).ReadMIMEHeader()
	if err != nil {
		return answer{status: status + ", and the head breaks off"}
	}
	body, _ := io.ReadAll(r)
	whole := header.Get("Content-Length") == "" || header.Get("Content-Length") == strconv.Itoa(len(body))
	return answer{status, header, string(body), whole}
}

func ajpAnswer(b string) answer {
	tokens, _ := ajp.ExplainResponse([]byte(b), 0)
	a := answer{header: textproto.MIMEHeader{}}
	for _, e := range tokens {
		switch text := ajp.Describe(e); e.Name {
		case "http_status_code":
			a.status = text
		case "http_status_msg":
			a.status += " " + text
		case "res_header":
			name, value, _ := strings.Cut(text, ": ")
			a.header.Add(name, value)
		case "chunk":
			a.body += string(e.Data)
		case "reuse":
			a.whole = true
		}
	}
	return a
}

// log collects what the server says.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// pipes is a listener whose connections are in memory.
type pipes struct {
	accept chan net.Conn
	once   sync.Once
}

func (l *pipes) Accept() (net.Conn, error) {
	if conn, ok := <-l.accept; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (l *pipes) Close() error   { l.once.Do(func() { close(l.accept) }); return nil }
func (l *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func (l *pipes) connect() net.Conn {
	ours, theirs := net.Pipe()
	l.accept <- theirs
	return ours
}

const (
	readTime  = 30 * time.Second
	writeTime = 40 * time.Second
)

// inBubble serves for the time of a test, which has a clock of its own, and nothing is left running after it.
func inBubble(t *testing.T, c client, app wsgi.Application, test func(t *testing.T, connect func() net.Conn, said *log)) {
	t.Helper()
	configured(t, c, front.Config{Application: app}, func(t *testing.T, s *gateway.Server, connect func() net.Conn, said *log) { test(t, connect, said) })
}

func configured(t *testing.T, c client, config front.Config, test func(t *testing.T, s *gateway.Server, connect func() net.Conn, said *log)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		said := &log{}
		config.Software, config.ReadTimeout, config.WriteTimeout, config.Errors = "glass", readTime, writeTime, said
		config.Log = slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug}))
		s, listener := gateway.New(config, protocol(c.name)), &pipes{accept: make(chan net.Conn)}
		go s.Serve(t.Context(), listener)
		test(t, s, listener.connect, said)
		listener.Close()
		if err := s.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

func protocol(name string) gateway.Protocol {
	for _, p := range gateway.Protocols {
		if p.Name == name {
			return p
		}
	}
	panic(name)
}

// ask sends a request over a connection of its own, and returns the answer when nothing more comes.
func ask(t *testing.T, c client, connect func() net.Conn, r request) answer {
	t.Helper()
	conn := connect()
	defer conn.Close()
	return c.answer(talk(conn, c.request(r)))
}

// talk sends bytes, and returns what has come back when the server is idle, or has closed.
func talk(conn net.Conn, text string) string {
	go io.WriteString(conn, text)
	var got log
	done := make(chan struct{})
	go func() {
		io.Copy(&got, conn)
		close(done)
	}()
	synctest.Wait()
	return got.String()
}

// app is an application that answers with a status, fields and blocks.
func app(status string, headers []wsgi.Header, blocks ...string) wsgi.Application {
	return native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		if _, err := start(status, headers, nil); err != nil {
			return nil, err
		}
		return native.Blocks(toBytes(blocks)), nil
	})
}

func toBytes(texts []string) (blocks [][]byte) {
	for _, s := range texts {
		blocks = append(blocks, []byte(s))
	}
	return blocks
}

// quiet is a log that is not looked at.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))
