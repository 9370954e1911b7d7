// Where the message body ends, RFC 9112 §6. In glass: parser/message_body.go
package main

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

const bodyLimit = 1 << 20 // bytes

var (
	errBodyLong = &refusal{"413 Content Too Large", "message body: too long"}
	errCoding   = &refusal{"501 Not Implemented", "Transfer-Encoding: not chunked alone"}
	digits      = regexp.MustCompile(`^[0-9]+$`)
)

// findFraming decides how the end of the body is found. Every doubt is refused (RFC 9112 §6.3).
func (r *request) findFraming() (err error) {
	codings, lengths := r.find("Transfer-Encoding"), r.find("Content-Length")
	coding := strings.ToLower(strings.Join(codings, ","))
	switch {
	case len(codings) > 0 && (len(lengths) > 0 || r.version == "HTTP/1.0"):
		return bad("Transfer-Encoding: together with Content-Length, or in HTTP/1.0")
	case coding == "chunked":
		r.chunked = true
	case strings.HasSuffix(coding, "chunked"):
		return errCoding
	case len(codings) > 0:
		return bad("Transfer-Encoding: chunked is not the final coding")
	case len(lengths) > 1 || len(lengths) == 1 && !digits.MatchString(lengths[0]):
		return bad("Content-Length: not one number")
	case len(lengths) == 1:
		if r.length, err = strconv.Atoi(lengths[0]); err != nil || r.length > bodyLimit {
			return errBodyLong
		}
	}
	return nil
}

// receiveBody has one deadline for all of the body, as there was one for the head.
func (c *connection) receiveBody(r *request) (err error) {
	c.socket.SetReadDeadline(time.Now().Add(patience))
	c.sendContinue(r)
	if r.chunked {
		r.body, err = c.takeChunks()
	} else {
		r.body, err = c.take(r.length)
	}
	return err
}

// sendContinue tells a client that waits for it to send the body (RFC 9110 §10.1.1).
func (c *connection) sendContinue(r *request) {
	expects := strings.EqualFold(strings.Join(r.find("Expect"), ","), "100-continue") && r.version != "HTTP/1.0"
	if expects && (r.chunked || r.length > 0) && len(c.buffer) == 0 {
		c.socket.Write([]byte("HTTP/1.1 100 Continue\r\n\r\n"))
	}
}
