package check_test

import (
	"bytes"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"glasswsgi/check"
	"glasswsgi/check/suite"
	"glasswsgi/server"
)

// neighbour is a server with one flaw, or one that only lacks what it may lack. Each probe that is not about it passes
// there, or cannot tell.
type neighbour struct {
	name      string
	receiving func([]byte) []byte
	sending   func([]byte) []byte
	reading   func(net.Conn) net.Conn
	slow      time.Duration // before each write
	about     []string      // patterns of the probes that are about it
}

var neighbours = []neighbour{
	{
		name:      "keeps no connection open, and says so",
		receiving: pattern(`^(\S+ \S+ HTTP/1\.1\r\n)`, "${1}Connection: close\r\n"),
	},
	{
		name:      "speaks HTTP/1.0 only",
		receiving: pattern(`^(\S+ \S+ HTTP/1\.)1\r\n`, "${1}0\r\n"),
		sending:   pattern(`^HTTP/1\.1 `, "HTTP/1.0 "),
	},
	{name: "is slow", slow: 300 * time.Millisecond},
	{
		name:      "decodes no chunks",
		receiving: pattern(`(?i)transfer-encoding:[^\r\n]*\r\n`, ""),
		about: []string{
			"rfc9112-7.1-plain-chunks", "rfc9112-6.3-cl-and-te", "rfc9112-6.3-te-xchunked", "rfc9112-6.3-te-identity", "rfc9112-6.3-te-gzip",
			"rfc9112-6.1-te-http10*", "rfc9112-6.3-after-bad-coding", "rfc9112-6*smuggling-*te*", "rfc9112-7.1-smuggling-chunk-data",
		},
	},
	{
		name:      "does not close where a length stands beside the chunks",
		receiving: pattern(`(?i)^((?:[^\r\n]+\r\n)*?)content-length:[^\r\n]*\r\n((?:[^\r\n]+\r\n)*?transfer-encoding: chunked\r\n)|^((?:[^\r\n]+\r\n)*?transfer-encoding: chunked\r\n(?:[^\r\n]+\r\n)*?)content-length:[^\r\n]*\r\n`, "${1}${2}${3}"),
		about: []string{
			"rfc9112-6.3-cl-and-te", "rfc9112-6.1-te-and-length-agree", "rfc9112-6.1-smuggling-cl-te", "rfc9112-6.1-te-http10*",
		},
	},
	{
		name:      "closes instead of an answer to HEAD",
		receiving: pattern(`(?s)^HEAD .*`, "GET / HTTP/3.0\r\n\r\n"), // another status than any that is looked for
		sending:   pattern(`(?s)^HTTP/1\.1 505 .*`, ""),
		about:     []string{"rfc9110-9.1-head"},
	},
	{
		name:      "sends content with the response to HEAD",
		receiving: pattern(`^HEAD `, "GET "),
		about:     []string{"rfc9110-9.3.2-head-no-body"},
	},
	{
		name:    "answers errors in the form of HTTP/0.9",
		sending: pattern(`(?s)^HTTP/1\.1 (?:4\d\d|5\d\d) .*?\r\n\r\n(.*)`, "<html>$1"),
		about:   []string{"rfc9112-2.2-garbage", "rfc9112-3-simple-request", "rfc9112-3-no-version"},
	},
	{
		name:    "closes after an error without a word",
		sending: pattern(`(?s)^HTTP/1\.1 (?:4\d\d|5\d\d) .*`, ""),
		about: []string{ // the rule names the status
			"rfc9112-3.2-no-host", "rfc9112-6.3-length-word", "rfc9112-6.3-te-gzip", "rfc9112-6.3-te-xchunked", "rfc9112-6.3-te-identity",
			"rfc9112-2.2-garbage", "rfc9112-3-target-too-long", "rfc9112-9.6-error-says-close", "rfc9112-6.3-two-lengths",
			"rfc9112-9.3-default-open", "rfc9112-9.3-unread-not-found", // here / is not found, and what answers that is an error
		},
	},
	{
		name:    "refuses with other statuses where it may",
		sending: pattern(`^HTTP/1\.1 431 [^\r]*`, "HTTP/1.1 413 Content Too Large"),
	},
	{
		name:      "knows no chunk extensions",
		receiving: pattern(`(\r\n[0-9a-fA-F]{1,3})[ \t]*;[^\r\n]*\r\n`, "${1}x\r\n"),
		about:     []string{"rfc9112-7.1.1-extension*", "rfc9112-7.1-last-chunk-extension"},
	},
	{
		name:      "knows no trailer fields",
		receiving: pattern(`(\r\n0\r\n)[A-Z][A-Za-z-]*:[^\r\n]*\r\n`, "${1}none\r\n"),
		about:     []string{"rfc9112-7.1-trailer-several"},
	},
	{
		name:    "sends no Date",
		sending: pattern(`(?i)^(HTTP/1\.1 [^\r\n]*\r\n(?:[^\r\n]+\r\n)*?)date: [^\r\n]*\r\n`, "${1}"),
		about:   []string{"rfc9110-6.6.1-date"},
	},
	{
		name:      "takes absolute-form for a path",
		receiving: pattern(`^(\S+) (?i:https?)://`, "${1} /"),
		about:     []string{"rfc9112-3.2.2-accepted"},
	},
	{
		name:    "takes a body that ends early for whole",
		reading: func(c net.Conn) net.Conn { return &shortened{Conn: c} },
		about: []string{
			"rfc9112-6.3-truncated-body", "rfc9112-6.3-length-none-came", "rfc9112-6.3-length-one-missing", "rfc9112-6.3-length-reset",
			"rfc9110-10.1.1-continue*", "rfc9112-2.2-tls-hello", // it is made so that it waits for the body
		},
	},
}

// shortened makes the length of a request what has come when the client ends its side.
type shortened struct {
	net.Conn
	held []byte
	read bool
}

var lengthOf = regexp.MustCompile(`(?i)\r\ncontent-length: *(\d+)\r\n`)

func (s *shortened) Read(p []byte) (int, error) {
	for buffer := make([]byte, 64<<10); !s.read; {
		n, err := s.Conn.Read(buffer)
		s.held = append(s.held, buffer[:n]...)
		head, body, whole := bytes.Cut(s.held, []byte("\r\n\r\n"))
		m := lengthOf.FindSubmatchIndex(append(head, "\r\n"...))
		if m == nil && whole || err != nil && (m == nil || !whole) || len(s.held) > 64<<10 { // or a head that has no end
			s.read = true
			continue
		}
		if m == nil {
			continue
		}
		length, wrong := strconv.Atoi(string(s.held[m[2]:m[3]]))
		switch {
		case err != nil:
			s.held = slices.Concat(s.held[:m[2]], []byte(strconv.Itoa(len(body))), s.held[m[3]:])
			s.read = true
		case wrong == nil && len(body) >= length, length > 1<<20:
			s.read = true
		}
	}
	if len(s.held) > 0 {
		n := copy(p, s.held)
		s.held = s.held[n:]
		return n, nil
	}
	return s.Conn.Read(p)
}

type neighbouring struct {
	net.Listener
	neighbour
}

func (l neighbouring) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	conn := &flawedConn{TCPConn: c.(*net.TCPConn), flaw: flaw{receiving: l.receiving, sending: l.sending}}
	if l.reading != nil {
		return l.reading(conn), nil
	}
	return slowConn{conn, l.slow}, nil
}

type slowConn struct {
	*flawedConn
	before time.Duration
}

func (c slowConn) Write(p []byte) (int, error) {
	time.Sleep(c.before)
	return c.flawedConn.Write(p)
}

// TestNeighbours: a probe blames a server for nothing but its own flaw.
func TestNeighbours(t *testing.T) {
	suite.Long(t)
	all, err := check.Load()
	if err != nil {
		t.Fatal(err)
	}
	probes := slices.DeleteFunc(all, func(p *check.Probe) bool { return !onNative(p) || p.Alone })
	for number, n := range neighbours {
		t.Run(n.name, func(t *testing.T) {
			t.Parallel()
			var others []*check.Probe
			for place, p := range probes {
				if suite.Sample(number + place) {
					others = append(others, p)
				}
			}
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			application := &probeApplication{events: map[string][]string{}}
			address := serveOn(t, neighbouring{listener, n}, server.New, application.call)
			target := check.Target{Address: address, Application: true, Timeout: 3 * time.Second, Jobs: 16}
			for _, r := range target.Run(t.Context(), others, func(check.Result) {}) {
				if slices.ContainsFunc(n.about, matches(r.Probe.ID)) {
					continue
				}
				if r.Outcome == check.Failed {
					r = target.Again(t.Context(), r, check.Passed)
				}
				if r.Outcome == check.Failed {
					t.Errorf("%s blames a server that only %s: %s", r.Probe.ID, n.name, strings.ReplaceAll(r.Err.Error(), "\n", " "))
				}
			}
		})
	}
}
