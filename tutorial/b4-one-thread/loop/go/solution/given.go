// The pages, and what answers a request. It waits for nothing.
package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

var (
	requestLine = regexp.MustCompile(`^GET (/[!-~]*) HTTP/1[.]1\r\n`)
	closes      = regexp.MustCompile(`(?i)\r\nConnection: *close\b`)
	large       = strings.Repeat("x", 200_000)   // more than a socket takes at once
	film        = strings.Repeat("x", 8_000_000) // more than all the buffers between a server and a client hold
)

// answer answers the first request in received. It returns the response, how many bytes of received were the request, and
// whether another may follow. While the request is not complete, these are nil, 0 and true.
func (s *selector) answer(received []byte) (response []byte, used int, keep bool) {
	end := bytes.Index(received, []byte("\r\n\r\n"))
	if end < 0 && len(received) > 65536 {
		return respond("431 Request Header Fields Too Large", "", false), len(received), false
	}
	if end < 0 {
		return nil, 0, true
	}
	head := received[:end+2]
	match := requestLine.FindSubmatch(head)
	if match == nil {
		return respond("400 Bad Request", "", false), end + 4, false
	}
	keep = !closes.Match(head)
	return respond("200 OK", s.page(string(match[1])), keep), end + 4, keep
}

// page is a page. /turns tells whether the loop rests while nothing happens.
func (s *selector) page(target string) string {
	switch target {
	case "/page":
		return large
	case "/film":
		return film
	case "/":
		return "Hello, world\n"
	case "/turns":
		s.mu.Lock()
		turns := s.turns
		s.turns = 0
		s.mu.Unlock()
		if turns < 200 {
			return "calm\n"
		}
		return fmt.Sprintf("busy: %d turns\n", turns)
	}
	return "hello " + target + "\n"
}

func respond(status, page string, keep bool) []byte {
	option := "close"
	if keep {
		option = "keep-alive"
	}
	return []byte(fmt.Sprintf("HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n%s", status, len(page), option, page))
}
