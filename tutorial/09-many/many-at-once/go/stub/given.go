// One exchange, as in chapter 8, and the application of the checks.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"sync"
	"time"
)

const (
	patience = 10 * time.Second // for a silent client
	party    = 4                // so many requests to /meet/... wait for each other
)

var requestLine = regexp.MustCompile(`^([A-Z]+) (/[!-~]*) HTTP/1\.[0-9]\r\n`)

// exchange is one request and its response. Its error says that the client is gone.
func exchange(socket net.Conn, multithread bool) error {
	socket.SetDeadline(time.Now().Add(patience))
	var received []byte
	buffer := make([]byte, 4096)
	for !bytes.Contains(received, []byte("\r\n\r\n")) {
		n, err := socket.Read(buffer)
		if err != nil {
			return err
		}
		received = append(received, buffer[:n]...)
	}
	status, body := "400 Bad Request", []byte(nil)
	if match := requestLine.FindSubmatch(received); match != nil {
		environ := map[string]any{"PATH_INFO": string(match[2]), "wsgi.multithread": multithread, "wsgi.multiprocess": false}
		var err error
		if status, body, err = page(environ); err != nil {
			status = "500 Internal Server Error"
		}
	}
	_, err := fmt.Fprintf(socket, "HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", status, len(body), body)
	return err
}

// page is the environ as JSON. Below /meet/, it waits until party requests are here at the same time.
func page(environ map[string]any) (status string, body []byte, err error) {
	if strings.HasPrefix(environ["PATH_INFO"].(string), "/meet/") && !meeting.wait() {
		return "", nil, errors.New("the others did not come")
	}
	body, err = json.Marshal(environ)
	return "200 OK", body, err
}

// barrier lets nobody through before all are there.
type barrier struct {
	sync.Mutex
	waiting int
	open    chan struct{}
}

var meeting = barrier{open: make(chan struct{})}

func (b *barrier) wait() bool {
	b.Lock()
	open := b.open
	if b.waiting++; b.waiting == party {
		close(open)
		b.waiting, b.open = 0, make(chan struct{})
	}
	b.Unlock()
	select {
	case <-open:
		return true
	case <-time.After(patience):
		b.Lock()
		defer b.Unlock()
		if b.open == open {
			b.waiting--
		}
		return false
	}
}
