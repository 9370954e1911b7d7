// A server that calls an application, and sends what came of it once it has all of it. Its argument is the port.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	maxHead  = 64 << 10
	maxDrain = 256 << 10
	patience = 10 * time.Second // for a silent peer
)

// ---- the application side: PEP 3333 in Go

type header struct{ name, value string }
type write func(block []byte)
type startResponse func(status string, headers []header, excInfo error) write
type iterable func(yield func(block []byte))
type application func(environ map[string]any, start startResponse) iterable

// hello returns one block. At /ready it is a generator: it reads wsgi.input after its first block.
func hello(environ map[string]any, start startResponse) iterable {
	start("200 OK", []header{{"Content-Type", "text/plain"}}, nil)
	switch path := environ["PATH_INFO"].(string); path {
	case "/raise":
		panic("the application broke")
	case "/ready":
		return func(yield func([]byte)) {
			yield([]byte("ready\n"))
			body, _ := io.ReadAll(environ["wsgi.input"].(io.Reader))
			yield(body)
		}
	default:
		return func(yield func([]byte)) { yield([]byte("hello " + path + "\n")) }
	}
}

// ---- the server side

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	for {
		socket, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		serve(socket, hello)
	}
}

// serve is one exchange: receive, parse, environ, call, respond.
func serve(socket net.Conn, app application) {
	defer socket.Close()
	socket.SetDeadline(time.Now().Add(patience))
	head, rest, err := receiveHead(socket)
	if err != nil {
		return // the peer left, or is silent
	}
	environ, err := parse(head, io.MultiReader(bytes.NewReader(rest), socket))
	r := &response{}
	if err != nil {
		r.fail(err.Error())
	} else {
		r.run(app, environ)
	}
	socket.Write(r.assemble(environ["REQUEST_METHOD"] == "HEAD"))
	if input, ok := environ["wsgi.input"].(io.Reader); ok {
		io.CopyN(io.Discard, input, maxDrain) // a close with unread bytes resets the connection, and eats the response
	}
}

// receiveHead reads up to the empty line. The rest is the beginning of the body.
func receiveHead(socket net.Conn) (head string, rest []byte, err error) {
	var received []byte
	buffer := make([]byte, 4096)
	for {
		n, err := socket.Read(buffer)
		received = append(received, buffer[:n]...)
		if head, rest, found := bytes.Cut(received, []byte("\r\n\r\n")); found {
			return string(head), rest, nil
		}
		if err != nil || len(received) > maxHead {
			return "", nil, errors.Join(err, io.ErrUnexpectedEOF)
		}
	}
}

// parse makes the environ. Its error is the status that the peer gets.
func parse(head string, body io.Reader) (map[string]any, error) {
	refused := errors.New("400 Bad Request")
	lines := strings.Split(head, "\r\n")
	line := strings.Split(lines[0], " ")
	if len(line) != 3 || !isToken(line[0]) || !strings.HasPrefix(line[1], "/") || !strings.HasPrefix(line[2], "HTTP/1.") {
		return nil, refused
	}
	target, query, _ := strings.Cut(line[1], "?")
	path, err := url.PathUnescape(target)
	if err != nil {
		path = target // RFC 3986 §2.1 broken by the peer: an application sees what it sent
	}
	host, port, _ := net.SplitHostPort("127.0.0.1:" + os.Args[1])
	environ := map[string]any{
		"REQUEST_METHOD": line[0], "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
		"SERVER_NAME": host, "SERVER_PORT": port, "SERVER_PROTOCOL": line[2],
		"wsgi.version": [2]int{1, 0}, "wsgi.url_scheme": "http", "wsgi.errors": os.Stderr,
		"wsgi.multithread": false, "wsgi.multiprocess": false, "wsgi.run_once": false,
	}
	for _, l := range lines[1:] {
		name, value, colon := strings.Cut(l, ":")
		if !colon || !isToken(name) || strings.ContainsAny(value, "\r\n\x00") {
			return nil, refused
		}
		key := strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if key != "CONTENT_LENGTH" && key != "CONTENT_TYPE" {
			key = "HTTP_" + key
		}
		value = strings.Trim(value, " \t")
		if before, twice := environ[key]; twice && (key == "CONTENT_LENGTH" || key == "HTTP_HOST") {
			return nil, refused
		} else if twice {
			value = before.(string) + ", " + value
		}
		if !strings.Contains(name, "_") { // X_Y would become the same variable as X-Y
			environ[key] = value
		}
	}
	return environ, addBody(environ, body)
}

// addBody makes wsgi.input, which reads from the socket when the application reads, and ends with the body.
func addBody(environ map[string]any, body io.Reader) error {
	if environ["HTTP_TRANSFER_ENCODING"] != nil {
		return errors.New("501 Not Implemented")
	}
	text, given := environ["CONTENT_LENGTH"].(string)
	length, err := strconv.ParseUint(text, 10, 62)
	if given && err != nil || environ["SERVER_PROTOCOL"] == "HTTP/1.1" && environ["HTTP_HOST"] == nil {
		return errors.New("400 Bad Request")
	}
	environ["wsgi.input"] = io.LimitReader(body, int64(length))
	return nil
}

func isToken(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' || strings.IndexByte("\"(),/:;<=>?@[\\]{}", c) >= 0 {
			return false
		}
	}
	return s != ""
}

// response is what the application has said so far.
type response struct {
	status  string // "" before start_response
	headers []header
	body    bytes.Buffer
}

func (r *response) startResponse(status string, headers []header, excInfo error) write {
	if r.status != "" && excInfo == nil {
		panic("start_response was called twice, without exc_info")
	}
	r.status, r.headers = status, headers // with exc_info it replaces what was said: nothing has been sent
	return r.write
}

func (r *response) write(block []byte) {
	if r.status == "" {
		panic("start_response was not called before the first block")
	}
	r.body.Write(block)
}

// run calls the application and iterates what it returns. A panic is what an exception is in Python.
func (r *response) run(app application, environ map[string]any) {
	defer func() {
		if raised := recover(); raised != nil {
			log.Print("the application raised: ", raised)
			r.fail("500 Internal Server Error")
		}
	}()
	app(environ, r.startResponse)(r.write)
	r.write(nil) // where no block came, start_response must have been called all the same
}

func (r *response) fail(status string) {
	r.status, r.headers = status, []header{{"Content-Type", "text/plain"}}
	r.body.Reset()
	r.body.WriteString(status + "\n")
}

func (r *response) assemble(isHead bool) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %s\r\n", r.status)
	for _, h := range r.headers {
		fmt.Fprintf(&b, "%s: %s\r\n", h.name, h.value)
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\nDate: %s\r\nConnection: close\r\n\r\n", r.body.Len(),
		time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"))
	if !isHead {
		b.Write(r.body.Bytes())
	}
	return b.Bytes()
}
