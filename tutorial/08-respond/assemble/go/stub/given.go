// The exchange of chapter 7, with two differences: wsgi.input takes the body when the application reads, and the pages are
// those that the checks ask for.
package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
)

const multithread = false // may the application be called again while it runs?

func exchange(c *connection, app application) {
	defer c.socket.Close()
	request, err := c.receiveHead()
	response := &response{out: newAssembler(c.socket, request)}
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		response.fail(refused.status, refused.rule+"\n")
	case err == nil:
		response.run(app, newEnviron(request, &input{c, request, nil}, c.socket))
	default:
		return // the client has left
	}
	c.linger()
}

// input is wsgi.input: it takes the body when the application first reads.
type input struct {
	connection *connection
	request    *request
	reader     io.Reader
}

func (i *input) Read(b []byte) (int, error) {
	if i.reader == nil {
		if err := i.connection.receiveBody(i.request); err != nil {
			return 0, err
		}
		i.reader = bytes.NewReader(i.request.body)
	}
	return i.reader.Read(b)
}

// cut is for an application that raises in the middle. Without it, the end of the connection would be the end of a body.
func (a *assembler) cut() {
	if a.framing == byClose {
		a.socket.(*net.TCPConn).SetLinger(0)
		a.socket.Close()
	}
}

// pages is the application of the checks.
func pages(e environ, start startResponse) iterable {
	text := []byte(e["QUERY_STRING"].(string))
	status, headers := "200 OK", fields{{"Content-Type", "text/plain"}}
	blocks, size := [][]byte{text}, -1
	switch path := e["PATH_INFO"].(string); path {
	case "/one":
		blocks = [][]byte{append([]byte("hello "), text...)}
		size = len(blocks[0])
	case "/nothing":
		blocks, size = nil, 0
	case "/length":
		headers = append(headers, field{"Content-Length", strconv.Itoa(len(text))})
	case "/blocks":
		blocks = [][]byte{[]byte("chunk 0\n"), []byte("chunk 1 " + string(text) + "\n")}
	case "/empty":
		blocks = [][]byte{[]byte("a"), {}, text}
	case "/204":
		status = "204 No Content"
		if len(text) == 0 {
			blocks, size = nil, 0
		}
	case "/304":
		status, headers, blocks = "304 Not Modified", fields{{"ETag", `"1"`}}, nil
	case "/hop":
		name := "Connection"
		if len(text) > 0 {
			name = string(text)
		}
		headers = append(headers, field{name, "keep-alive"})
	default:
		if value, found := strings.CutPrefix(path, "/inject"); found {
			headers = append(headers, field{"X-Name", value})
		}
	}
	start(status, headers, nil)
	return iterable{size, func(yield func([]byte)) {
		if e["PATH_INFO"] == "/ready" {
			yield([]byte("ready\n"))
			body, _ := io.ReadAll(e["wsgi.input"].(io.Reader))
			blocks = [][]byte{body}
		}
		for _, block := range blocks {
			yield(block)
		}
	}}
}
