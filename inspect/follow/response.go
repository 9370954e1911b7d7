package follow

import (
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"glasswsgi/inspect/hub"
	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// Form is how a value is written where it was found.
type Form string

const (
	AsIs    Form = ""
	Percent Form = "percent" // percent-encoded (RFC 3986 §2.1), or with + for a space
	HTML    Form = "html"    // with character references
	JSON    Form = "json"    // with escapes of JSON
	Doubled Form = "doubled" // a native string that was encoded as UTF-8, without being decoded before
)

// response is what the application wrote of a response: its head in lines, and its body in one stretch.
type response struct {
	exchange  *hub.Exchange
	stretches []stretch
	texts     []string // of them
}

func responseOf(x *hub.Exchange) response {
	r := response{exchange: x}
	message := x.Response.Bytes()
	var body []parser.Span
	for _, o := range x.Response.Origins {
		switch o.By {
		case hub.ByStartResponse:
			r.stretches = append(r.stretches, stretchOf(message, []parser.Span{o.Wire}))
		case hub.ByBlock, hub.ByWrite:
			body = append(body, o.Wire)
		}
	}
	r.stretches = append(r.stretches, stretchOf(message, body))
	for _, s := range r.stretches {
		r.texts = append(r.texts, string(s.text))
	}
	return r
}

// of is where a value stands in the response, in whatever form.
func (r response) of(value []byte) (all []Reached) {
	for _, f := range formsOf(value) {
		for i, text := range r.texts {
			for at := nextWord(text, f.text, 0); at >= 0 && len(all) < MaxSightings; at = nextWord(text, f.text, at+len(f.text)) {
				found := Reached{Wire: r.stretches[i].wire(at, at+len(f.text)), Form: f.form}
				if o, ok := r.exchange.Response.Origin(found.Wire.Start); ok {
					found.By = o.By
				}
				all = append(all, found)
			}
		}
	}
	slices.SortFunc(all, func(a, b Reached) int { return a.Wire.Start - b.Wire.Start })
	return all
}

type written struct {
	form Form
	text string
}

// formsOf are the ways to write a value, each text once.
func formsOf(value []byte) []written {
	text := string(value)
	all := []written{{AsIs, text}}
	add := func(form Form, texts ...string) {
		for _, t := range texts {
			if !slices.ContainsFunc(all, func(w written) bool { return w.text == t }) {
				all = append(all, written{form, t})
			}
		}
	}
	add(Percent, url.PathEscape(text), url.QueryEscape(text), (&url.URL{Path: text}).EscapedPath())
	if utf8.ValidString(text) {
		escaped := html.EscapeString(text)
		add(HTML, escaped, strings.NewReplacer("&#34;", "&quot;", "&#39;", "&#x27;").Replace(escaped), strings.NewReplacer("&#34;", `"`, "&#39;", "'").Replace(escaped))
		add(JSON, jsonEscape(text, false), jsonEscape(text, true))
	}
	add(Doubled, wsgi.Latin1(text))
	return all
}

// jsonEscape is what stands between the quotes of a JSON string (RFC 8259 §7), ASCII only where that is wanted, as Python's
// json.dumps does.
func jsonEscape(text string, ascii bool) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || ascii && r >= 0x7f:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
