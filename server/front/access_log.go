package front

import (
	"errors"
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
	RequestLine string                   // as it was sent; "-" where it broke HTTP
	Field       func(name string) string // the value of a request field, "" without one
	Variable    func(name string) string // the value of a variable of the environ, "" without one
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
		RequestLine: rawRequestLine(r),
		Field:       func(name string) string { return field(r, name) },
		Variable:    func(name string) string { return variable(r, peer, name) },
		Begun:       begun,
		Duration:    time.Since(begun),
	}
}

func rawRequestLine(r *parser.Request) string {
	if r.Version.Len() == 0 {
		return "-"
	}
	return r.Text(r.Method) + " " + r.Text(r.Target) + " " + r.Text(r.Version)
}

// variable derives the environ once more, for the few who log a part of it. There is none where the request broke HTTP.
func variable(r *parser.Request, peer *wsgi.Connection, name string) string {
	if r.Version.Len() == 0 {
		return ""
	}
	return wsgi.NewEnviron(r, peer).Value(name)
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

// AccessLog returns what writes a line for each exchange in a format: "json", "common", "combined", or a text with atoms in
// gunicorn's notation, such as %(h)s, in which %% is a percent sign. Everything that a peer sent is escaped, so that it
// cannot forge lines or fields; in a format that begins with "{", the way JSON wants it.
func AccessLog(w io.Writer, format string) (func(*AccessEntry), error) {
	if format == "json" {
		return accessJSON(w), nil
	}
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
	escape := escapeHex
	if strings.HasPrefix(format, "{") {
		escape = escapeJSON
	}
	for rest := format; rest != ""; {
		before, after, found := strings.Cut(rest, "%")
		if before != "" {
			atoms = append(atoms, literal(before))
		}
		if !found {
			break
		}
		if tail, ok := strings.CutPrefix(after, "%"); ok {
			atoms, rest = append(atoms, literal("%")), tail
			continue
		}
		inside, ok := strings.CutPrefix(after, "(")
		if !ok {
			return nil, notAnAtom(after)
		}
		name, tail, _ := strings.Cut(inside, ")")
		if tail, ok = strings.CutPrefix(tail, "s"); !ok {
			return nil, fmt.Errorf("the access log has no atom %%(%s: an atom ends with )s, as in %%(h)s", inside)
		}
		a := accessAtom(name, escape)
		if a == nil {
			return nil, fmt.Errorf("the access log has no atom %%(%s)s: there are h l u t r m U q H s B b f a T M D L p, {Field}i, {Field}o and {VARIABLE}e", name)
		}
		atoms = append(atoms, a)
		rest = tail
	}
	return atoms, nil
}

// notAnAtom explains a percent sign that begins no atom.
func notAnAtom(after string) error {
	name := strings.TrimLeft(after, "<>")
	if name != "" && accessAtoms[name[:1]] != nil {
		return fmt.Errorf("the access log's format has %%%s, which is Apache's notation: write %%(%s)s, as for gunicorn", name[:1], name[:1])
	}
	return errors.New("the access log's format has a % that begins no atom: write %% for a percent sign")
}

func literal(text string) atom {
	return func(b []byte, _ *AccessEntry) []byte { return append(b, text...) }
}

// accessAtom returns the atom of a name, or nil.
func accessAtom(name string, escape func(string) string) atom {
	value := accessAtoms[name]
	if inside, ok := strings.CutPrefix(name, "{"); ok {
		field, where, _ := strings.Cut(inside, "}")
		switch where {
		case "i":
			value = func(e *AccessEntry) string { return e.Field(field) }
		case "o":
			value = func(e *AccessEntry) string { return e.header(field) }
		case "e":
			value = func(e *AccessEntry) string { return e.Variable(field) }
		}
	}
	if value == nil {
		return nil
	}
	return func(b []byte, e *AccessEntry) []byte {
		if text := value(e); text != "" {
			return append(b, escape(text)...)
		}
		return append(b, '-')
	}
}

var pid = strconv.Itoa(os.Getpid())

// accessAtoms are the values of the atoms; "" is written as "-".
var accessAtoms = map[string]func(e *AccessEntry) string{
	"h": func(e *AccessEntry) string { return e.RemoteAddr },
	"l": func(*AccessEntry) string { return "" }, // RFC 1413's user, which no server asks for
	"u": func(*AccessEntry) string { return "" }, // authentication is the application's
	"t": func(e *AccessEntry) string { return e.Begun.Format("[02/Jan/2006:15:04:05 -0700]") },
	"r": func(e *AccessEntry) string { return e.RequestLine },
	"m": func(e *AccessEntry) string { return e.requestPart(0) },
	"U": func(e *AccessEntry) string { path, _, _ := strings.Cut(e.requestPart(1), "?"); return path },
	"q": func(e *AccessEntry) string { _, query, _ := strings.Cut(e.requestPart(1), "?"); return query },
	"H": func(e *AccessEntry) string { return e.requestPart(2) },
	"s": func(e *AccessEntry) string { return strconv.Itoa(e.Status) },
	"B": func(e *AccessEntry) string { return strconv.FormatInt(e.BodyBytes, 10) },
	"b": func(e *AccessEntry) string {
		if e.BodyBytes == 0 {
			return "-"
		}
		return strconv.FormatInt(e.BodyBytes, 10)
	},
	"f": func(e *AccessEntry) string { return e.Field("Referer") },
	"a": func(e *AccessEntry) string { return e.Field("User-Agent") },
	"T": func(e *AccessEntry) string { return strconv.Itoa(int(e.Duration.Seconds())) },
	"M": func(e *AccessEntry) string { return strconv.FormatInt(e.Duration.Milliseconds(), 10) },
	"D": func(e *AccessEntry) string { return strconv.FormatInt(e.Duration.Microseconds(), 10) },
	"L": func(e *AccessEntry) string { return strconv.FormatFloat(e.Duration.Seconds(), 'f', 6, 64) },
	"p": func(e *AccessEntry) string { return "<" + pid + ">" }, // glass's own: a front knows no workers
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

// escapeHex writes quotes, backslashes, control characters and bytes beyond ASCII as \xNN.
func escapeHex(s string) string { return escape(s, `\x`) }

// escapeJSON writes them as \u00NN (RFC 8259 §7): byte n is code point n, as in every native string of PEP 3333.
func escapeJSON(s string) string { return escape(s, `\u00`) }

func escape(s, prefix string) string {
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
				b = append(b, prefix...)
				b = append(b, hex[c>>4], hex[c&15])
			}
		}
		return string(b)
	}
	return s
}
