package check

import (
	"bytes"
	"strings"
)

// tchar of RFC 9110 §5.6.2. The probes have a table of their own: with the server's they could not see a mistake in it.
const tchar = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// wrongToken returns the first byte that is no tchar (RFC 9110 §5.6.2), or -1.
func wrongToken(name string) int {
	return strings.IndexFunc(latin1(name), func(r rune) bool { return !strings.ContainsRune(tchar, r) })
}

// checkGrammar holds every line of the head to RFC 9112: what a recipient may overlook is wrong here.
func (a *answer) checkGrammar() error {
	at := a.response.at
	first := true
	for line := range bytes.Lines(a.response.head) {
		if wrong, what := wrongLine(line, first); wrong >= 0 {
			return a.connection.wrongAt(at+wrong, what)
		}
		at += len(line)
		first = false
	}
	if a.response.lines("Transfer-Encoding") != nil && a.response.lines("Content-Length") != nil {
		return a.wrongField("Content-Length", say("Content-Length together with Transfer-Encoding (RFC 9112 §6.2)"))
	}
	return nil
}

// wrongLine returns the offset of the first byte of a line of the head that breaks the grammar, and how; or -1.
func wrongLine(line []byte, statusLine bool) (at int, what Phrase) {
	text, crlf := bytes.CutSuffix(line, []byte("\r\n"))
	if !crlf {
		return len(line) - 1, say("a line ends with CR LF (RFC 9112 §2.2)")
	}
	if i := bytes.IndexFunc(text, isControl); i >= 0 {
		return i, say("a control character (RFC 9110 §5.5)")
	}
	switch {
	case statusLine && len(text) == len("HTTP/1.1 200"):
		return len(text), say("a space belongs after the status code, even when no reason phrase follows (RFC 9112 §4)")
	case statusLine, len(text) == 0:
		return -1, what
	case text[0] == ' ' || text[0] == '\t':
		return 0, say("a folded line, which a sender must not generate (RFC 9112 §5.2)")
	}
	name, _, _ := bytes.Cut(text, []byte(":"))
	if len(name) == 0 {
		return 0, say("a field name is not empty (RFC 9110 §5.1)")
	}
	return wrongToken(string(name)), say("no character of a field name (RFC 9110 §5.1)")
}

func isControl(r rune) bool { return r < 0x20 && r != '\t' || r == 0x7f }
