// A server for many clients at a time. Its argument is the port.
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

	maxConnections = 100 // as many goroutines, and as many heads in memory
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

// hello returns one block. At /ready and /blocks it is a generator; at /ready it reads wsgi.input after its first block.
func hello(environ map[string]any, start startResponse) iterable {
	start("200 OK", []header{{"Content-Type", "text/plain"}}, nil)
	switch path := environ["PATH_INFO"].(string); path {
	case "/raise":
		panic("the application broke")
	case "/ready":
		return iterable{-1, func(yield func([]byte)) {
			yield([]byte("ready\n"))
			body, _ := io.ReadAll(environ["wsgi.input"].(io.Reader))
			yield(body)
		}}
	case "/blocks":
		return iterable{-1, func(yield func([]byte)) {
			yield([]byte("chunk 0\n"))
			yield([]byte("chunk 1\n"))
		}}
	default:
		page := []byte("hello " + path + "\n")
		return iterable{len(page), func(yield func([]byte)) { yield(page) }}
	}
}

// ---- the server side

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	slots := make(chan struct{}, maxConnections)
	for {
		slots <- struct{}{} // waits while all are taken: new connections wait in the system's backlog
		socket, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer func() { <-slots }()
			serve(socket, hello)
		}()
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
	r := &response{out: assembler{socket: socket, version: environ["SERVER_PROTOCOL"], isHead: environ["REQUEST_METHOD"] == "HEAD"}}
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
		"wsgi.multithread": true, "wsgi.multiprocess": false, "wsgi.run_once": false,
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
	r.write(nil)
	r.sendHead() // no block came
	must(r.out.finish())
}

// fail is an error page where that is still possible; where it is not, the peer must see that the body is cut off.
func (r *response) fail(status string) {
	if !r.headSent {
		page := []byte(status + "\n")
		r.out.sendHead(status, []header{{"Content-Type", "text/plain"}}, len(page))
		r.out.sendBody(page)
	} else if r.out.framing == byClose {
		r.out.socket.(*net.TCPConn).SetLinger(0) // a reset: with a plain close, half a body looks like a whole one
	}
}

// must ends the application's work when the peer is gone.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// framing is how the peer finds the end of the body.
type framing int

const (
	withoutBody framing = iota // HEAD, 204, 304: the head is all
	byLength                   // Content-Length
	byChunks                   // Transfer-Encoding: chunked
	byClose                    // the end of the connection: HTTP/1.0 knows nothing better
)

// assembler makes the bytes: sendHead comes once, then sendBody for each block, then finish if the body is whole.
type assembler struct {
	socket  net.Conn
	version any // of the request
	isHead  bool
	framing framing
}

func (a *assembler) sendHead(status string, headers []header, length int) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %s\r\n", status)
	for _, h := range headers {
		if !isToken(h.name) || strings.ContainsAny(h.value, "\r\n\x00") || hopByHop[strings.ToLower(h.name)] {
			return fmt.Errorf("the application must not send the field %q: %q", h.name, h.value)
		}
		if strings.EqualFold(h.name, "Content-Length") {
			length, _ = strconv.Atoi(h.value)
		} else {
			fmt.Fprintf(&b, "%s: %s\r\n", h.name, h.value)
		}
	}
	a.framing = a.chooseFraming(status, length)
	if length >= 0 && !strings.HasPrefix(status, "204") {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", length)
	}
	if a.framing == byChunks {
		b.WriteString("Transfer-Encoding: chunked\r\n")
	}
	fmt.Fprintf(&b, "Date: %s\r\nConnection: close\r\n\r\n", time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"))
	_, err := a.socket.Write(b.Bytes())
	return err
}

var hopByHop = map[string]bool{"connection": true, "keep-alive": true, "te": true, "trailer": true, "transfer-encoding": true, "upgrade": true}

// chooseFraming decides in the order of RFC 9112 §6.3, seen from the sender.
func (a *assembler) chooseFraming(status string, length int) framing {
	switch {
	case a.isHead, strings.HasPrefix(status, "204"), strings.HasPrefix(status, "304"):
		return withoutBody
	case length >= 0:
		return byLength
	case a.version == "HTTP/1.1":
		return byChunks
	}
	return byClose
}

func (a *assembler) sendBody(block []byte) (err error) {
	switch {
	case a.framing == withoutBody || len(block) == 0: // an empty chunk would be the end
	case a.framing == byChunks:
		_, err = fmt.Fprintf(a.socket, "%x\r\n%s\r\n", len(block), block)
	default:
		_, err = a.socket.Write(block)
	}
	return err
}

func (a *assembler) finish() (err error) {
	if a.framing == byChunks {
		_, err = io.WriteString(a.socket, "0\r\n\r\n")
	}
	return err
}
