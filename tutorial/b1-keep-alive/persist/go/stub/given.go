// What chapters 3 to 9 wrote: the parser, the response, a goroutine for each connection.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// request is what has been read of a head. The names of its fields are in lower case.
type request struct {
	method, target, version string
	fields                  map[string]string
	contentLength           int
}

// refused is the client's fault. Its text is the status.
type refused string

func (r refused) Error() string { return string(r) }

const badRequest = refused("400 Bad Request")

var (
	requestLine = regexp.MustCompile(`^([A-Z]+) (/[!-~]*) (HTTP/1\.[0-9])$`)
	token       = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	digits      = regexp.MustCompile(`^[0-9]{1,6}$`)
)

// parse has the request of a head, through its empty line. Fields with the same name are joined with commas.
func parse(head []byte) (*request, error) {
	lines := strings.Split(strings.TrimSuffix(string(head), "\r\n\r\n"), "\r\n")
	parts := requestLine.FindStringSubmatch(lines[0])
	if parts == nil {
		return nil, badRequest
	}
	r := &request{method: parts[1], target: parts[2], version: parts[3], fields: map[string]string{}}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		if len(name) == len(line) || !token.MatchString(name) {
			return nil, badRequest
		}
		name, value = strings.ToLower(name), strings.Trim(value, " \t")
		if before, there := r.fields[name]; there {
			value = before + ", " + value
		}
		r.fields[name] = value
	}
	return r, r.findLength()
}

func (r *request) findLength() error {
	length, there := r.fields["content-length"]
	if _, chunked := r.fields["transfer-encoding"]; chunked || there && !digits.MatchString(length) {
		return badRequest
	}
	r.contentLength, _ = strconv.Atoi(length)
	return nil
}

// page is the application. It does not look at the body.
func page(r *request, body []byte) string { return "hello " + r.target + "\n" }

func response(status, page string, keep bool) []byte {
	option := "close"
	if keep {
		option = "keep-alive"
	}
	return []byte(fmt.Sprintf("HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n%s", status, len(page), option, page))
}

// serve calls each for each connection, in a goroutine, and closes it afterwards.
func serve(port string, each func(net.Conn)) {
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	for {
		socket, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer socket.Close()
			each(socket)
			socket.(*net.TCPConn).CloseWrite()
			socket.SetReadDeadline(time.Now().Add(time.Second))
			io.Copy(io.Discard, socket) // a reset would destroy the last response
		}()
	}
}
