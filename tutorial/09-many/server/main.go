// The server of chapter 9: many clients at a time, up to a limit.
//
//	go run . 8888
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	readTimeout   = 10 * time.Second // for a whole head, and again for a whole body
	writeTimeout  = 10 * time.Second // for a block
	connections   = 100              // at the same time: as many goroutines, as many heads in memory
	headerSection = 65536            // bytes of a head
	requestLine   = 8190             // bytes of the first line
	content       = 1 << 20          // bytes of a body
	lingerTime    = time.Second      // for a client that is still sending when it is refused
)

func main() {
	port := "8888"
	if len(os.Args) > 1 {
		port = os.Args[1]
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	slots := make(chan struct{}, connections)
	for {
		slots <- struct{}{} // waits while all are taken: new connections wait in the system's backlog
		socket, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer func() { <-slots }()
			c := &connection{socket: socket}
			c.serve(pages)
		}()
	}
}

// ---- the application side: PEP 3333 in Go

type (
	environ       map[string]any
	startResponse func(status string, headers []field, excInfo error) write
	write         func(block []byte)
	application   func(e environ, start startResponse) iterable
)

// iterable is what an application returns. Its size is -1 where it is not known, as with a generator.
type iterable struct {
	size int
	each func(yield func(block []byte))
}

// pages has pages of one block. /count has a hundred blocks, and makes each when it is asked for.
func pages(e environ, start startResponse) iterable {
	switch path := e["PATH_INFO"].(string); path {
	case "/raise":
		panic("the application broke")
	case "/count":
		start("200 OK", []field{{"Content-Type", "text/plain"}}, nil)
		return iterable{-1, func(yield func([]byte)) {
			for number := 0; number < 100; number++ {
				yield([]byte(fmt.Sprintf("number %d\n", number)))
				time.Sleep(time.Second / 10)
			}
		}}
	case "/blocks":
		start("200 OK", []field{{"Content-Type", "text/plain"}}, nil)
		return iterable{-1, func(yield func([]byte)) {
			yield([]byte("chunk 0\n"))
			yield([]byte("chunk 1\n"))
		}}
	default:
		start("200 OK", []field{{"Content-Type", "text/plain"}}, nil)
		page := []byte("hello " + path + "\n")
		return iterable{len(page), func(yield func([]byte)) { yield(page) }}
	}
}

// ---- the server side

// connection is one TCP connection. What has come and is not used up waits in the buffer.
type connection struct {
	socket  net.Conn
	buffer  []byte
	request request
	body    []byte
}

// serve is one exchange: receive, parse, environ, call, respond.
func (c *connection) serve(app application) {
	defer c.socket.Close()
	err := c.receiveRequest()
	r := &response{connection: c, size: -1}
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		r.fail(refused.status, err.Error()+"\n")
	case err == nil:
		r.run(app, c.environ())
	default:
		return
	}
	c.linger()
}

// ---- the response: the rules of PEP 3333

// response holds the application to PEP 3333, and lets the head wait for the first block that is not empty.
type response struct {
	*connection
	size     int
	status   string // "" before start_response
	headers  []field
	headSent bool
	framing  framing
}

// run calls the application and sends its blocks. A panic is what an exception is in Python.
func (r *response) run(app application, environ environ) {
	defer func() {
		if raised := recover(); raised != nil {
			log.Print("the response ends here: ", raised)
			r.fail("500 Internal Server Error", "the application raised, see the log\n")
		}
	}()
	blocks := app(environ, r.startResponse)
	r.size = blocks.size
	blocks.each(r.write)
	r.finish()
}

func (r *response) startResponse(status string, headers []field, excInfo error) write {
	switch {
	case excInfo != nil && r.headSent:
		panic(excInfo)
	case excInfo == nil && r.status != "":
		panic("start_response was called twice, without exc_info")
	}
	for _, h := range headers {
		if !token.MatchString(h.name) || control.MatchString(h.value) || hopByHop[strings.ToLower(h.name)] {
			panic(fmt.Sprintf("the application must not send the field %q: %q", h.name, h.value))
		}
	}
	r.status, r.headers = status, headers
	return r.write
}

// hopByHop are the fields about the connection, which is the server's.
var hopByHop = map[string]bool{
	"connection": true, "keep-alive": true, "te": true, "trailer": true, "transfer-encoding": true, "upgrade": true,
}

func (r *response) write(block []byte) {
	if r.status == "" {
		panic("start_response was not called before the first block")
	}
	if len(block) > 0 { // an empty chunk would be the end
		r.sendHead()
		r.sendBody(block)
	}
}

// finish comes after the last block.
func (r *response) finish() {
	if r.status == "" {
		panic("start_response was never called")
	}
	r.sendHead() // no block came
	if r.framing == byChunks {
		r.send([]byte("0\r\n\r\n"))
	}
}

// fail is an error page where that is still possible. Where it is not, the peer must see that the body is cut off: the last
// chunk is missing, or the connection ends with a reset.
func (r *response) fail(status, text string) {
	if !r.headSent {
		r.status, r.headers, r.size = status, []field{{"Content-Type", "text/plain"}}, len(text)
		defer func() { recover() }() // the peer is gone, too
		r.write([]byte(text))
	} else if socket, ok := r.socket.(*net.TCPConn); ok && r.framing == byClose {
		socket.SetLinger(0)
		socket.Close()
	}
}

// ---- the response: the bytes of RFC 9112

// framing is how the peer finds the end of the body.
type framing int

const (
	withoutBody framing = iota // HEAD, 204, 304: the head is all
	byLength                   // Content-Length
	byChunks                   // Transfer-Encoding: chunked
	byClose                    // the end of the connection: HTTP/1.0 knows nothing better
)

// chooseFraming decides in the order of RFC 9112 §6.3, seen from the sender.
func (r *response) chooseFraming(length bool) framing {
	switch {
	case r.request.method == "HEAD", strings.HasPrefix(r.status, "204"), strings.HasPrefix(r.status, "304"):
		return withoutBody
	case length:
		return byLength
	case r.request.version != "HTTP/1.0":
		return byChunks
	}
	return byClose
}

func (r *response) sendHead() {
	if r.headSent {
		return
	}
	r.headSent = true
	head, hasLength := "HTTP/1.1 "+r.status+"\r\n", false
	for _, h := range r.headers {
		head += h.name + ": " + h.value + "\r\n"
		hasLength = hasLength || strings.EqualFold(h.name, "Content-Length")
	}
	if r.size >= 0 && !hasLength && !strings.HasPrefix(r.status, "204") {
		head += fmt.Sprintf("Content-Length: %d\r\n", r.size)
	}
	if r.framing = r.chooseFraming(hasLength || r.size >= 0); r.framing == byChunks {
		head += "Transfer-Encoding: chunked\r\n"
	}
	r.send([]byte(head + "Date: " + time.Now().UTC().Format(imfDate) + "\r\nConnection: close\r\n\r\n"))
}

func (r *response) sendBody(block []byte) {
	switch r.framing {
	case withoutBody:
	case byChunks:
		r.send([]byte(fmt.Sprintf("%x\r\n%s\r\n", len(block), block)))
	default:
		r.send(block)
	}
}

// send sends at once. It ends the application's work when the peer is gone.
func (r *response) send(b []byte) {
	r.socket.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := r.socket.Write(b); err != nil {
		panic(err)
	}
}

// imfDate is the form of Date, as time.Format has it (RFC 9110 §5.6.7).
const imfDate = "Mon, 02 Jan 2006 15:04:05 GMT"

// ---- the request

// environ is the environ of PEP 3333. Values are native strings: byte n stands for code point n, and a Go string of those
// bytes needs no conversion.
func (c *connection) environ() environ {
	r := c.request
	target := r.target
	authority := ""
	if _, rest, absolute := strings.Cut(target, "://"); absolute && !strings.HasPrefix(target, "/") {
		at := strings.IndexAny(rest+"/", "/?")
		authority, target = rest[:at], rest[at:]
	}
	path, query, _ := strings.Cut(target, "?")
	if path == "" {
		path = "/"
	}
	host, port, _ := net.SplitHostPort(c.socket.LocalAddr().String())
	peer, _, _ := net.SplitHostPort(c.socket.RemoteAddr().String())
	e := environ{
		"REQUEST_METHOD": r.method, "SCRIPT_NAME": "", "PATH_INFO": percentDecode(path), "QUERY_STRING": query,
		"SERVER_NAME": host, "SERVER_PORT": port, "SERVER_PROTOCOL": r.version, "REMOTE_ADDR": peer,
		"wsgi.version": [2]int{1, 0}, "wsgi.url_scheme": "http", "wsgi.input": bytes.NewReader(c.body), "wsgi.errors": os.Stderr,
		"wsgi.multithread": true, "wsgi.multiprocess": false, "wsgi.run_once": false,
	}
	for _, f := range r.fields {
		e.addField(f)
	}
	if authority != "" { // it replaces the Host field (RFC 9112 §3.2.2)
		e["HTTP_HOST"] = authority
	}
	return e
}

// addField turns a field line into its variable (RFC 3875 §4.1.18). A name that has a "_" of its own has none: X_Y would
// pose as X-Y.
func (e environ) addField(f field) {
	name := "HTTP_" + strings.ReplaceAll(strings.ToUpper(f.name), "-", "_")
	switch {
	case strings.Contains(f.name, "_"), name == "HTTP_TRANSFER_ENCODING": // the coding has been removed
		return
	case name == "HTTP_CONTENT_TYPE", name == "HTTP_CONTENT_LENGTH":
		name = strings.TrimPrefix(name, "HTTP_")
	}
	separator := ", "
	if name == "HTTP_COOKIE" {
		separator = "; "
	}
	if before, there := e[name]; there {
		f.value = before.(string) + separator + f.value
	}
	e[name] = f.value
}

var triplet = regexp.MustCompile("%[0-9A-Fa-f]{2}")

// percentDecode replaces each triplet by its byte (RFC 3986 §2.1).
func percentDecode(text string) string {
	return triplet.ReplaceAllStringFunc(text, func(t string) string {
		b, _ := strconv.ParseUint(t[1:], 16, 8)
		return string([]byte{byte(b)})
	})
}

// receiveRequest has the head, and then the body, whose length the head says.
func (c *connection) receiveRequest() error {
	c.socket.SetReadDeadline(time.Now().Add(readTimeout))
	head, err := c.takeThrough("\r\n\r\n", headerSection, errHeadLong)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(string(head), "\r\n\r\n"), "\r\n")
	fmt.Printf("> %q\n", lines)
	if err := parseRequestLine([]byte(lines[0]), &c.request); err != nil {
		return err
	}
	if c.request.fields, err = parseFieldLines(lines[1:]); err != nil {
		return err
	}
	if err := c.request.findHost(); err != nil {
		return err
	}
	if err := c.request.findFraming(); err != nil {
		return err
	}
	c.sendContinue()
	c.socket.SetReadDeadline(time.Now().Add(readTimeout))
	if c.request.chunked {
		c.body, err = c.takeChunks()
	} else {
		c.body, err = c.take(c.request.contentLength)
	}
	return err
}

// request is what has been read of a head.
type request struct {
	method, target, version string
	fields                  []field // in their order, and with repetitions
	contentLength           int
	chunked                 bool
}

type field struct{ name, value string }

// find gives the values of all field lines with a name, which is in lower case.
func (r *request) find(name string) (values []string) {
	for _, f := range r.fields {
		if strings.ToLower(f.name) == name {
			values = append(values, f.value)
		}
	}
	return values
}

// refusal is the peer's fault, and the status that says so.
type refusal struct{ status, rule string }

func (r *refusal) Error() string { return r.rule }

func bad(rule string) error { return &refusal{"400 Bad Request", rule} }

var (
	errHeadLong = &refusal{"431 Request Header Fields Too Large", "head: too long"}
	errLineLong = &refusal{"414 URI Too Long", "request-line: too long"}
	errTimeout  = &refusal{"408 Request Timeout", "head: not there in time"}
	errBodyLong = &refusal{"413 Content Too Large", "message body: too long"}
	errCoding   = &refusal{"501 Not Implemented", "Transfer-Encoding: not chunked alone"}
	errVersion  = &refusal{"505 HTTP Version Not Supported", "HTTP-version: not HTTP/1.x"}
)

// token is RFC 9110 §5.6.2, version RFC 9112 §2.3. In a target, no byte may look like the end of it. A chunk's line may
// have extensions, which mean nothing to us.
var (
	token   = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	version = regexp.MustCompile(`^HTTP/[0-9]\.[0-9]$`)
	target  = regexp.MustCompile(`^(?s:[^\x00-\x20#\x7f])+$`)
	control = regexp.MustCompile(`[\x00-\x08\x0a-\x1f\x7f]`)
	digits  = regexp.MustCompile(`^[0-9]{1,9}$`)
	chunk   = regexp.MustCompile(`^([0-9A-Fa-f]{1,7})([ \t]*;[^\x00-\x08\x0a-\x1f\x7f]*)?$`)
)

// parseRequestLine splits the line at its two spaces, and at nothing else.
//
//	request-line = method SP request-target SP HTTP-version                                      (RFC 9112 §3)
func parseRequestLine(line []byte, r *request) error {
	if len(line) > requestLine {
		return errLineLong
	}
	parts := strings.Split(string(line), " ")
	if len(parts) != 3 {
		return bad("request-line: not three parts with one space between them")
	}
	r.method, r.target, r.version = parts[0], parts[1], parts[2]
	switch {
	case !token.MatchString(r.method):
		return bad("method: not a token")
	case !version.MatchString(r.version):
		return bad("HTTP-version: malformed")
	case r.version[len("HTTP/")] != '1':
		return errVersion
	case !target.MatchString(r.target):
		return bad("request-target: a byte that cannot be in it")
	}
	return checkForm(r)
}

// checkForm accepts three of the four forms of a target (RFC 9112 §3.2). The fourth is for CONNECT, to proxies.
func checkForm(r *request) error {
	origin := strings.HasPrefix(r.target, "/")
	absolute := strings.HasPrefix(r.target, "http://") || strings.HasPrefix(r.target, "https://")
	asterisk := r.target == "*" && r.method == "OPTIONS"
	if !origin && !absolute && !asterisk {
		return bad("request-target: none of the forms that are for a server")
	}
	return nil
}

// parseFieldLines keeps the order and the repetitions. No space stands before the colon, and no line begins with one.
//
//	field-line = field-name ":" OWS field-value OWS                                              (RFC 9112 §5)
func parseFieldLines(lines []string) (fields []field, err error) {
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		if len(name) == len(line) || !token.MatchString(name) {
			return nil, bad("field line: not a name with a colon behind it")
		}
		if control.MatchString(value) {
			return nil, bad("field-value: control character")
		}
		fields = append(fields, field{name, strings.Trim(value, " \t")})
	}
	return fields, nil
}

// findHost: exactly one, or none in HTTP/1.0 (RFC 9112 §3.2).
func (r *request) findHost() error {
	hosts := r.find("host")
	if len(hosts) > 1 || len(hosts) == 0 && r.version != "HTTP/1.0" {
		return bad("Host: there must be one")
	}
	return nil
}

// findFraming decides how the end of the body is found. Every doubt is refused (RFC 9112 §6.3).
func (r *request) findFraming() error {
	codings, lengths := r.find("transfer-encoding"), r.find("content-length")
	switch {
	case len(codings) > 0 && (len(lengths) > 0 || r.version == "HTTP/1.0"):
		return bad("Transfer-Encoding: together with Content-Length, or in HTTP/1.0")
	case len(codings) > 0:
		coding := strings.ToLower(strings.Join(codings, ","))
		switch r.chunked = coding == "chunked"; {
		case !strings.HasSuffix(coding, "chunked"):
			return bad("Transfer-Encoding: chunked is not the final coding")
		case !r.chunked:
			return errCoding
		}
	case len(lengths) > 1 || len(lengths) == 1 && !digits.MatchString(lengths[0]):
		return bad("Content-Length: not one number")
	case len(lengths) == 1:
		r.contentLength, _ = strconv.Atoi(lengths[0])
	}
	if r.contentLength > content {
		return errBodyLong
	}
	return nil
}

// sendContinue tells a client that waits for it to send the body (RFC 9110 §10.1.1).
func (c *connection) sendContinue() {
	expects := c.request.find("expect")
	waits := (c.request.chunked || c.request.contentLength > 0) && len(expects) == 1 && strings.ToLower(expects[0]) == "100-continue" && c.request.version != "HTTP/1.0"
	if waits && len(c.buffer) == 0 {
		c.socket.Write([]byte("HTTP/1.1 100 Continue\r\n\r\n"))
	}
}

// takeChunks joins the chunks, and reads the trailer section behind them.
//
//	chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF                                        (RFC 9112 §7.1)
func (c *connection) takeChunks() (body []byte, err error) {
	for {
		line, err := c.takeThrough("\r\n", requestLine, bad("chunk-size: line too long"))
		if err != nil {
			return nil, err
		}
		parts := chunk.FindSubmatch(line[:len(line)-2])
		if parts == nil {
			return nil, bad("chunk-size: malformed")
		}
		size, _ := strconv.ParseInt(string(parts[1]), 16, 64)
		if size == 0 {
			return body, c.takeTrailer()
		}
		if len(body)+int(size) > content {
			return nil, errBodyLong
		}
		data, err := c.take(int(size) + 2)
		if err != nil {
			return nil, err
		}
		if !bytes.HasSuffix(data, []byte("\r\n")) {
			return nil, bad("chunk-data: no CRLF after it")
		}
		body = append(body, data[:size]...)
	}
}

// takeTrailer reads field lines through the empty line. They come too late to change anything.
func (c *connection) takeTrailer() error {
	for left := headerSection; ; {
		line, err := c.takeThrough("\r\n", left, errHeadLong)
		if err != nil || len(line) == 2 {
			return err
		}
		if _, err := parseFieldLines([]string{string(line[:len(line)-2])}); err != nil {
			return err
		}
		left -= len(line)
	}
}

// takeThrough takes the bytes through an end, of which there may be limit.
func (c *connection) takeThrough(end string, limit int, tooLong error) ([]byte, error) {
	for {
		at := bytes.Index(c.buffer, []byte(end))
		switch {
		case at < 0 && len(c.buffer) > limit, at+len(end) > limit:
			return nil, tooLong
		case at >= 0:
			return c.take(at + len(end))
		}
		if err := c.receive(); err != nil {
			return nil, err
		}
	}
}

// take takes n bytes from the buffer, and waits until they are there.
func (c *connection) take(n int) ([]byte, error) {
	for len(c.buffer) < n {
		if err := c.receive(); err != nil {
			return nil, err
		}
	}
	taken := c.buffer[:n:n]
	c.buffer = c.buffer[n:]
	return taken, nil
}

// receive takes what the socket has to the buffer, and waits for at least one byte.
func (c *connection) receive() error {
	part := make([]byte, 4096)
	n, err := c.socket.Read(part)
	c.buffer = append(c.buffer, part[:n]...)
	switch {
	case n > 0:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errTimeout
	}
	return err // io.EOF: the client has closed
}

// linger reads on for a while: closing with unread bytes would let a reset overtake the response.
func (c *connection) linger() {
	if half, ok := c.socket.(*net.TCPConn); ok {
		half.CloseWrite()
	}
	c.socket.SetReadDeadline(time.Now().Add(lingerTime))
	io.Copy(io.Discard, c.socket)
}
