// The request-line, RFC 9112 §3. In glass: parser/request_line.go, parser/request_target.go
package main

import (
	"regexp"
	"strings"
)

const lineLimit = 8190 // bytes of a request-line

var (
	errLineLong = &refusal{"414 URI Too Long", "request-line: too long"}
	errVersion  = &refusal{"505 HTTP Version Not Supported", "HTTP-version: not HTTP/1.x"}
)

func bad(rule string) error { return &refusal{"400 Bad Request", rule} }

// A target is of origin-form or absolute-form, and no byte in it may look like the end of it. The third form, "*", is for
// OPTIONS alone; the fourth is for CONNECT, to proxies.
var (
	token   = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$") // RFC 9110 §5.6.2
	target  = regexp.MustCompile(`^(?:/|https?://)[^\x00-\x20#\x7f]*$`)
	version = regexp.MustCompile(`^HTTP/[0-9]\.[0-9]$`)
)

type requestLine struct{ method, target, version string }

// parseRequestLine splits the line at its two spaces, and at nothing else.
//
//	request-line = method SP request-target SP HTTP-version
func parseRequestLine(line string) (l requestLine, err error) {
	if len(line) > lineLimit {
		return l, errLineLong
	}
	parts := strings.Split(line, " ")
	if len(parts) != 3 {
		return l, bad("request-line: not three parts with one space between them")
	}
	l = requestLine{parts[0], parts[1], parts[2]}
	switch {
	case !token.MatchString(l.method):
		return l, bad("method: not a token")
	case !version.MatchString(l.version):
		return l, bad("HTTP-version: malformed")
	case !strings.HasPrefix(l.version, "HTTP/1."):
		return l, errVersion
	case !target.MatchString(l.target) && (l.target != "*" || l.method != "OPTIONS"):
		return l, bad("request-target: not of a form that is for servers")
	}
	return l, nil
}
