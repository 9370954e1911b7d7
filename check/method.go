package check

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

var (
	headEnd       = regexp.MustCompile(`\r?\n\r?\n`)
	contentLength = regexp.MustCompile(`(?i)\ncontent-length:[ \t]*(\d+)[ \t]*\r?\n`)
	chunked       = regexp.MustCompile(`(?i)\ntransfer-encoding:[ \t]*chunked[ \t]*\r?\n`)
)

// nextMethod is the method of the oldest request that has no response yet, and counts that one as answered. A request
// that cannot be parsed is taken to go on to the end of what was sent.
func (c *connection) nextMethod() string {
	request := bytes.TrimLeft(c.sent[c.answered:], "\r\n")
	method, _, _ := bytes.Cut(request, []byte(" "))
	rest := afterRequest(request)
	c.answered = len(c.sent) - len(rest)
	return string(method)
}

func afterRequest(request []byte) (rest []byte) {
	end := headEnd.FindIndex(request)
	if end == nil {
		return nil
	}
	head, rest := request[:end[1]], request[end[1]:]
	if chunked.Match(head) {
		return afterChunks(rest)
	}
	if m := contentLength.FindSubmatch(head); m != nil {
		n, err := strconv.Atoi(string(m[1]))
		if err != nil || n > len(rest) {
			return nil
		}
		return rest[n:]
	}
	return rest
}

func afterChunks(body []byte) (rest []byte) {
	for {
		line, after, _ := bytes.Cut(body, []byte("\n"))
		size, _, _ := strings.Cut(strings.TrimRight(string(line), "\r"), ";")
		n, err := strconv.ParseUint(size, 16, 31)
		if n == 0 || err != nil {
			break
		}
		if after = after[min(int(n), len(after)):]; len(after) == 0 {
			return nil
		}
		_, body, _ = bytes.Cut(after, []byte("\n")) // the line end of the chunk
	}
	if end := headEnd.FindIndex(body); end != nil {
		return body[end[1]:]
	}
	return nil
}
