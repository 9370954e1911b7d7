package front

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// AccessEntry is one exchange as the access log tells it.
type AccessEntry struct {
	RemoteAddr  string
	RequestLine string
	Field       func(name string) string // the value of a request field, "" without one
	Status      int
	Headers     []wsgi.Header // the application's response_headers
	BodyBytes   int64         // of the response, without its framing
	Begun       time.Time
	Duration    time.Duration
}

// NewAccessEntry tells of an exchange that ends now. What is known of the response is left for the caller to set.
func NewAccessEntry(r *parser.Request, peer *wsgi.Connection, begun time.Time) *AccessEntry {
	return &AccessEntry{
		RemoteAddr:  peer.RemoteAddr,
		RequestLine: RequestLine(r),
		Field:       func(name string) string { return field(r, name) },
		Begun:       begun,
		Duration:    time.Since(begun),
	}
}

func field(r *parser.Request, name string) string {
	for _, f := range r.Fields {
		if strings.EqualFold(r.Text(f.Name), name) {
			return r.Text(f.Value)
		}
	}
	return ""
}

// The formats that have a name: the Common Log Format of the first web servers, and the one that adds who sent them.
var accessFormats = map[string]string{
	"common":   `%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s`,
	"combined": `%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"`,
}

// atom writes one part of a line.
type atom func(b []byte, e *AccessEntry) []byte

// AccessLog returns what writes a line for each exchange in a format: "common", "combined", or a text with atoms in
// gunicorn's notation, such as %(h)s. Everything that a peer sent is escaped.
func AccessLog(w io.Writer, format string) (func(*AccessEntry), error) {
	if named, ok := accessFormats[format]; ok {
		format = named
	}
	atoms, err := parseAccessFormat(format)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var line []byte
	return func(e *AccessEntry) {
		mu.Lock()
		defer mu.Unlock()
		line = line[:0]
		for _, a := range atoms {
			line = a(line, e)
		}
		line = append(line, '\n')
		w.Write(line)
	}, nil
}

// parseAccessFormat cuts a format into literal texts and atoms.
func parseAccessFormat(format string) (atoms []atom, err error) {
	for rest := format; rest != ""; {
		before, after, found := strings.Cut(rest, "%(")
		if before != "" {
			atoms = append(atoms, func(b []byte, _ *AccessEntry) []byte { return append(b, before...) })
		}
		if !found {
			break
		}
		name, tail, closed := strings.Cut(after, ")s")
		a := accessAtom(name)
		if !closed || a == nil {
			return nil, fmt.Errorf("the access log has no atom %%(%s)s: there are h l u t r m U q H s b B f a T M D L p, {Field}i and {Field}o", name)
		}
		atoms = append(atoms, a)
		rest = tail
	}
	return atoms, nil
}

func text(f func(e *AccessEntry) string) atom {
	return func(b []byte, e *AccessEntry) []byte {
		value := f(e)
		if value == "" {
			value = "-"
		}
		return append(b, value...)
	}
}

// accessAtom returns the atom of a name, or nil.
func accessAtom(name string) atom {
	if strings.HasPrefix(name, "{") {
		field, direction, _ := strings.Cut(name[1:], "}")
		switch direction {
		case "i":
			return text(func(e *AccessEntry) string { return escape(e.Field(field)) })
		case "o":
			return text(func(e *AccessEntry) string { return escape(e.header(field)) })
		}
		return nil
	}
	return accessAtoms[name]
}

var pid = strconv.Itoa(os.Getpid())

var accessAtoms = map[string]atom{
	"h": text(func(e *AccessEntry) string { return e.RemoteAddr }),
	"l": text(func(e *AccessEntry) string { return "" }), // RFC 1413's user, which nobody asks for
	"u": text(func(e *AccessEntry) string { return "" }), // authentication is the application's
	"t": text(func(e *AccessEntry) string { return e.Begun.Format("[02/Jan/2006:15:04:05 -0700]") }),
	"r": text(func(e *AccessEntry) string { return e.RequestLine }),
	"m": text(func(e *AccessEntry) string { return e.requestPart(0) }),
	"U": text(func(e *AccessEntry) string { path, _, _ := strings.Cut(e.requestPart(1), "?"); return path }),
	"q": text(func(e *AccessEntry) string { _, query, _ := strings.Cut(e.requestPart(1), "?"); return query }),
	"H": text(func(e *AccessEntry) string { return e.requestPart(2) }),
	"s": text(func(e *AccessEntry) string { return strconv.Itoa(e.Status) }),
	"B": text(func(e *AccessEntry) string { return strconv.FormatInt(e.BodyBytes, 10) }),
	"b": text(func(e *AccessEntry) string {
		if e.BodyBytes == 0 {
			return "-"
		}
		return strconv.FormatInt(e.BodyBytes, 10)
	}),
	"f": text(func(e *AccessEntry) string { return escape(e.Field("Referer")) }),
	"a": text(func(e *AccessEntry) string { return escape(e.Field("User-Agent")) }),
	"T": text(func(e *AccessEntry) string { return strconv.Itoa(int(e.Duration.Seconds())) }),
	"M": text(func(e *AccessEntry) string { return strconv.FormatInt(e.Duration.Milliseconds(), 10) }),
	"D": text(func(e *AccessEntry) string { return strconv.FormatInt(e.Duration.Microseconds(), 10) }),
	"L": text(func(e *AccessEntry) string { return strconv.FormatFloat(e.Duration.Seconds(), 'f', 6, 64) }),
	"p": text(func(e *AccessEntry) string { return "<" + pid + ">" }),
}

func (e *AccessEntry) requestPart(n int) string {
	if parts := strings.Split(e.RequestLine, " "); n < len(parts) {
		return parts[n]
	}
	return ""
}

func (e *AccessEntry) header(name string) string {
	for _, h := range e.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// escape keeps what a peer sent from forging lines or fields of a log: quotes, backslashes, control characters and
// bytes beyond ASCII become \xNN.
func escape(s string) string {
	const hex = "0123456789abcdef"
	clean := func(c byte) bool { return 0x20 <= c && c < 0x7f && c != '"' && c != '\\' }
	for i := range len(s) {
		if clean(s[i]) {
			continue
		}
		b := []byte(s[:i])
		for _, c := range []byte(s[i:]) {
			if clean(c) {
				b = append(b, c)
			} else {
				b = append(b, '\\', 'x', hex[c>>4], hex[c&15])
			}
		}
		return string(b)
	}
	return s
}
