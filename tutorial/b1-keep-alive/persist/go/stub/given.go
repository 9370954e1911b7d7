// What is left of chapter 9 when a page needs neither environ nor chunks: the length of the body, the response, and a
// goroutine for each connection.
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

// request is what has been read of a head.
type request struct {
	requestLine
	fields
	contentLength int
}

var digits = regexp.MustCompile(`^[0-9]{1,6}$`)

// parse has the request of a head, through its empty line.
func parse(head []byte) (*request, error) {
	lines := strings.Split(strings.TrimSuffix(string(head), "\r\n\r\n"), "\r\n")
	line, err := parseRequestLine(lines[0])
	if err != nil {
		return nil, err
	}
	fields, err := parseFieldLines(lines[1:])
	if err != nil {
		return nil, err
	}
	r := &request{requestLine: line, fields: fields}
	return r, r.findLength()
}

func (r *request) findLength() error {
	lengths := r.find("Content-Length")
	if len(lengths) > 1 || len(lengths) == 1 && !digits.MatchString(lengths[0]) || r.find("Transfer-Encoding") != nil {
		return bad("message body: a length that is not one number")
	}
	if len(lengths) == 1 {
		r.contentLength, _ = strconv.Atoi(lengths[0])
	}
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
