// All of the server but the bytes of the response, which are in main.go.
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

// iterable is what an application returns. Its size is -1 where it is not known, as with a generator.
type iterable struct {
	size int
	each func(yield func(block []byte))
}

type application func(environ map[string]any, start startResponse) iterable

// pages is the application of the checks.
func pages(environ map[string]any, start startResponse) iterable {
	text := []byte(environ["QUERY_STRING"].(string))
	status, headers := "200 OK", []header{{"Content-Type", "text/plain"}}
	blocks, size := [][]byte{text}, -1
	switch environ["PATH_INFO"] {
	case "/one":
		blocks = [][]byte{append([]byte("hello "), text...)}
		size = len(blocks[0])
	case "/length":
		headers = append(headers, header{"Content-Length", strconv.Itoa(len(text))})
	case "/blocks":
		blocks = [][]byte{[]byte("chunk 0\n"), []byte("chunk 1 " + string(text) + "\n")}
	case "/empty":
		blocks = [][]byte{[]byte("a"), {}, text}
	case "/204":
		status, blocks, size = "204 No Content", nil, 0
	case "/304":
		status, headers, blocks = "304 Not Modified", []header{{"ETag", `"1"`}}, nil
	case "/inject":
		headers = append(headers, header{"X-Name", "x\r\nSet-Cookie: admin=1"})
	case "/hop":
		headers = append(headers, header{"Connection", "keep-alive"})
	}
	start(status, headers, nil)
	return iterable{size, func(yield func([]byte)) {
		if environ["PATH_INFO"] == "/ready" {
			yield([]byte("ready\n"))
			body, _ := io.ReadAll(environ["wsgi.input"].(io.Reader))
			blocks = [][]byte{body}
		}
		for _, block := range blocks {
			yield(block)
		}
	}}
}

// ---- the server side

// serve is one exchange: receive, parse, environ, call, respond.
func serve(socket net.Conn, app application) {
	defer socket.Close()
	socket.SetDeadline(time.Now().Add(patience))
	head, rest, err := receiveHead(socket)
	if err != nil {
		return // the peer left, or is silent
	}
	environ, err := parse(head, io.MultiReader(bytes.NewReader(rest), socket))
	http10, isHead := environ["SERVER_PROTOCOL"] == "HTTP/1.0", environ["REQUEST_METHOD"] == "HEAD"
	r := &response{out: assembler{socket: socket, http10: http10, isHead: isHead, framing: withoutBody}}
	if err != nil {
		r.fail(err.Error())
		return
	}
	r.run(app, environ)
	io.CopyN(io.Discard, environ["wsgi.input"].(io.Reader), maxDrain) // a close with unread bytes would eat the response
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

// ---- the response: the rules of PEP 3333, and the bytes of RFC 9112

// response holds the application to PEP 3333.
type response struct {
	out      assembler
	size     int
	status   string // "" before start_response
	headers  []header
	headSent bool
}

func (r *response) startResponse(status string, headers []header, excInfo error) write {
	switch {
	case excInfo != nil && r.headSent:
		panic(excInfo)
	case excInfo == nil && r.status != "":
		panic("start_response was called twice, without exc_info")
	}
	r.status, r.headers = status, headers
	return r.write
}

func (r *response) write(block []byte) {
	if r.status == "" {
		panic("start_response was not called before the first block")
	}
	if len(block) > 0 {
		r.sendHead()
	}
	if r.headSent { // the head waits for the first block that is not empty; after it, whatever comes is passed on
		must(r.out.sendBody(block))
	}
}

func (r *response) sendHead() {
	if !r.headSent {
		must(r.out.sendHead(r.status, r.headers, r.size))
		r.headSent = true
	}
}

// run calls the application and sends its blocks. A panic is what an exception is in Python.
func (r *response) run(app application, environ map[string]any) {
	defer func() {
		if raised := recover(); raised != nil {
			log.Print("the response ends here: ", raised)
			r.fail("500 Internal Server Error")
		}
	}()
	r.size = -1
	blocks := app(environ, r.startResponse)
	r.size = blocks.size
	blocks.each(r.write)
	if r.status == "" {
		panic("start_response was never called")
	}
	r.sendHead() // no block came
	must(r.out.finish())
}

// fail is an error page where that is still possible.
func (r *response) fail(status string) {
	if !r.headSent {
		fmt.Fprintf(r.out.socket, "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status)
	}
}

// must ends the application's work when the peer is gone.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
