// A message body in chunks, RFC 9112 §7.1. In glass: parser/chunked.go
package main

import (
	"regexp"
	"strconv"
	"strings"
)

// chunkSize is hexadecimal. Behind it there may be extensions, which mean nothing to us.
var chunkSize = regexp.MustCompile(`^([0-9A-Fa-f]{1,7})([ \t]*;[^\x00-\x08\x0a-\x1f\x7f]*)?$`)

// takeChunks joins the chunks, and reads the trailer section behind them.
//
//	chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
func (c *connection) takeChunks() (body []byte, err error) {
	for {
		size, err := c.takeChunkSize()
		switch {
		case err != nil:
			return nil, err
		case size == 0:
			return body, c.skipTrailer()
		case len(body)+size > bodyLimit:
			return nil, errBodyLong
		}
		data, err := c.take(size + len("\r\n"))
		if err != nil {
			return nil, err
		}
		if string(data[size:]) != "\r\n" {
			return nil, bad("chunk-data: no CRLF after it")
		}
		body = append(body, data[:size]...)
	}
}

func (c *connection) takeChunkSize() (int, error) {
	line, err := c.takeLine()
	if err != nil {
		return 0, err
	}
	match := chunkSize.FindStringSubmatch(line)
	if match == nil {
		return 0, bad("chunk-size: malformed")
	}
	size, err := strconv.ParseInt(match[1], 16, 32)
	return int(size), err
}

// skipTrailer reads field lines through the empty line. They come too late to change anything.
func (c *connection) skipTrailer() error {
	for {
		line, err := c.takeLine()
		if err != nil || line == "" {
			return err
		}
		if _, err := parseFieldLines([]string{line}); err != nil {
			return err
		}
	}
}

// takeLine takes a line, without its CR LF. How many lines there may be is for the deadline to say.
func (c *connection) takeLine() (string, error) {
	line, err := c.takeThrough("\r\n", lineLimit, bad("chunked: line too long"))
	return strings.TrimSuffix(string(line), "\r\n"), err
}
