package inspect

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"glasswsgi/server/front"
)

// Traces are the names that --trace takes.
var Traces = []string{"curl", "steps", "contract", "json"}

// Trace returns the observer of a name of Traces. Lines of one step are written together, whatever other requests do.
func Trace(name string, w io.Writer) (front.Observer, error) {
	var observe front.Observer
	switch name {
	case "curl":
		observe = CurlTrace(w)
	case "steps":
		observe = StepsTrace(w)
	case "contract":
		observe = ContractTrace(w)
	case "json":
		observe = JSONTrace(w)
	default:
		return nil, fmt.Errorf("there is no trace %q: choose one of %s", name, strings.Join(Traces, ", "))
	}
	var mu sync.Mutex
	return func(s front.Step) {
		mu.Lock()
		defer mu.Unlock()
		observe(s)
	}, nil
}

// Printable shows bytes on one line: text as it is, all else as \r, \n, \t and \xNN.
func Printable(data []byte) string {
	var b strings.Builder
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\\':
			b.WriteString(`\\`)
		case r == utf8.RuneError && size == 1, !unicode.IsPrint(r):
			for _, c := range data[:size] {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		default:
			b.WriteRune(r)
		}
		data = data[size:]
	}
	return b.String()
}

const leastShown = 10

// Shorten keeps a line readable: of a longer text it leaves so many characters, though not fewer than leastShown.
func Shorten(s string, limit int) string {
	if limit = max(limit, leastShown); utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-1]) + "…"
}
