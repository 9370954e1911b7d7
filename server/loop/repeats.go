//go:build linux

package loop

import (
	"bytes"
	"slices"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// A client that keeps its connection repeats its header section byte for byte, and often the whole head. What has the same
// bytes need not be parsed, derived and sent to the application's worker again.
//
// The rule that makes it safe: compared are all bytes of the head, from the first byte of the message through the empty line,
// of a request without a body; and the parser reads a head from its first byte to its empty line and never past it, always
// from the same state. So the same bytes give the same head. FuzzRepeats compares that with the long way.

// repeats says that the request is the latest that was parsed once more.
func (c *connection) repeats() bool {
	head, ok := c.repeatable()
	if !ok || !bytes.HasPrefix(c.received, head) {
		return false
	}
	c.current.size, c.current.environ = len(head), c.parsed
	return true
}

// repeatsSection says that the request is the latest that was parsed, but for its target: same method, version and header
// section, and both targets in origin-form. A target of plain characters has nothing that could be refused or decoded; so all
// that differs is what is derived of it.
func (c *connection) repeatsSection() bool {
	head, ok := c.repeatable()
	l := c.loop
	if !ok || l.Access != nil { // which takes the target from the parser
		return false
	}
	r := c.current.head
	method, version, section := head[:r.Target.Start], head[r.Target.End:r.Version.End+len("\r\n")], head[r.Version.End+len("\r\n"):]
	line := 1 + bytes.IndexByte(c.received[:min(len(c.received), l.Limits.RequestLine+len("\r\n"))], '\n')
	if line <= len(method)+len(version) || !bytes.HasPrefix(c.received, method) || !bytes.HasSuffix(c.received[:line], version) ||
		!bytes.HasPrefix(c.received[line:], section) {
		return false
	}
	target := c.received[len(method) : line-len(version)]
	if r.Form != parser.OriginForm || !isPlain(target) {
		return false
	}
	c.memory.Target = string(target)
	c.current.size, c.current.environ = line+len(section), withTarget(c.parsed, c.memory.Target)
	return true
}

// repeatable is the head of the latest request that was parsed, if another one may be it once more.
func (c *connection) repeatable() (head []byte, ok bool) {
	if c.parser == nil {
		return nil, false
	}
	r := c.current.head
	return r.Head, r.Framing == parser.NoBody && !c.oddStart && len(r.Head) <= longestRepeated
}

// withTarget is an environ with what is derived of another target.
func withTarget(environ *wsgi.Environ, target string) *wsgi.Environ {
	other := *environ
	other.Variables = slices.Clone(environ.Variables)
	path, query, _ := bytes.Cut([]byte(target), []byte{'?'})
	other.Set("PATH_INFO", string(path))
	other.Set("QUERY_STRING", string(query))
	other.Set("REQUEST_URI", target)
	return &other
}

// plain are the characters of a path and a query (RFC 3986 §3.3, §3.4) that stand for themselves.
var plain = func() (t [256]bool) {
	for _, c := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/?" {
		t[c] = true
	}
	return t
}()

// isPlain says that a target is a path, and perhaps a query, of plain characters.
func isPlain(target []byte) bool {
	if len(target) == 0 || target[0] != '/' || len(target) > 1 && target[1] == '/' {
		return false
	}
	for _, c := range target {
		if !plain[c] {
			return false
		}
	}
	return true
}
