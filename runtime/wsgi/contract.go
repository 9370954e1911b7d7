package wsgi

import (
	"fmt"
	"strconv"
	"strings"

	"glasswsgi/parser"
)

// The headings of PEP 3333 that the rules below stand under.
const (
	sectionStartResponse = "The start_response() Callable"
	sectionLength        = "Handling the Content-Length Header"
	sectionOther         = "Other HTTP Features"
)

// checkStatus holds the status to "a status string of the form "999 Message here"" without control characters, and to
// RFC 9110 §15: a final response is 200 to 599. The message may be empty (RFC 9112 §4).
func checkStatus(status string) error {
	refuse := func(rule, detail string) error {
		return &ContractError{Rule: "status: " + rule, Section: sectionStartResponse, Detail: fmt.Sprintf("%q %s", status, detail)}
	}
	switch {
	case len(status) < 3 || !isDigits(status[:3]):
		return refuse("no three-digit code", `should look like "200 OK"`)
	case status[0] < '2' || status[0] > '5':
		return refuse("code out of range", "is not within 200 to 599")
	case len(status) == 3 || status[3] != ' ':
		return refuse("no reason phrase", `should be a code, one space and a reason, as in "404 Not Found"`)
	case hasControl(status):
		return refuse("control character", "holds a control character, which would split the response")
	}
	return nil
}

// checkHeaders holds response_headers to the PEP and to the grammar of RFC 9110 §5. It returns the value of
// Content-Length, or -1 without one.
func checkHeaders(headers []Header) (length int64, err error) {
	length = -1
	for _, h := range headers {
		switch {
		case !parser.IsToken(h.Name):
			return -1, &ContractError{Rule: "header name: not a token", Section: sectionStartResponse,
				Detail: fmt.Sprintf("a field name is letters, digits and !#$%%&'*+-.^_`|~ only (RFC 9110 §5.1), without colon or space: %q", h.Name)}
		case hasControl(h.Value):
			return -1, &ContractError{Rule: "header value: control character", Section: sectionStartResponse,
				Detail: fmt.Sprintf("the value of %s contains a control character, which would split the response: %q", h.Name, h.Value)}
		case isHopByHop(h.Name):
			return -1, &ContractError{Rule: "header: hop-by-hop", Section: sectionOther,
				Detail: h.Name + " is about the connection, which belongs to the server; the application must leave it out"}
		case strings.EqualFold(h.Name, "Content-Length"):
			if length, err = checkContentLength(length, h.Value); err != nil {
				return -1, err
			}
		}
	}
	return length, nil
}

func checkContentLength(before int64, value string) (int64, error) {
	if before >= 0 {
		return -1, &ContractError{Rule: "Content-Length: given twice", Section: sectionLength,
			Detail: "a response has one length"}
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || !isDigits(value) {
		return -1, &ContractError{Rule: "Content-Length: not a number", Section: sectionLength,
			Detail: fmt.Sprintf("the value is a number of bytes in decimal digits (RFC 9110 §8.6): %q", value)}
	}
	return n, nil
}

// isHopByHop tells the fields that PEP 3333 "Other HTTP Features" forbids an application to send, by the list of
// RFC 2616 §13.5.1 that the PEP refers to ("Trailers" is that list's name for Trailer).
func isHopByHop(name string) bool {
	switch len(name) {
	case len("TE"):
		return strings.EqualFold(name, "TE")
	case len("Trailer"), len("Trailers"): // and Upgrade
		return strings.EqualFold(name, "Trailer") || strings.EqualFold(name, "Trailers") || strings.EqualFold(name, "Upgrade")
	case len("Connection"): // and Keep-Alive
		return strings.EqualFold(name, "Connection") || strings.EqualFold(name, "Keep-Alive")
	case len("Transfer-Encoding"):
		return strings.EqualFold(name, "Transfer-Encoding")
	case len("Proxy-Authenticate"):
		return strings.EqualFold(name, "Proxy-Authenticate")
	case len("Proxy-Authorization"):
		return strings.EqualFold(name, "Proxy-Authorization")
	}
	return false
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// hasControl finds what PEP 3333 calls control characters: C0 (HTAB among them: stricter than RFC 9110 §5.5) and DEL.
func hasControl(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] == 0x7f {
			return true
		}
	}
	return false
}
