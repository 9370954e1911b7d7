package follow

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"glasswsgi/inspect/hub"
	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// Limits of what is looked for.
const (
	Least        = 3         // bytes of a value: shorter ones are found everywhere
	MaxLooked    = 256 << 10 // bytes of a message body, of the request and of the response
	MaxValues    = 200       // of one exchange
	MaxSightings = 50        // of one value, in the response and in variables
)

// Trail is one value of the request, a variable of the environ or a part of one, and where it was found again.
type Trail struct {
	Name     string      `json:"name"` // of the variable; "wsgi.input" for the body
	Text     string      `json:"text"` // decoded
	Wire     parser.Span `json:"wire"` // in the request
	Held     []Sighting  `json:"held,omitempty"`
	Response []Reached   `json:"response,omitempty"`
}

// Sighting is a variable of the application that held the text: when its function returned, or at a line that was walked.
type Sighting struct {
	Name  string    `json:"name"`
	Place hub.Place `json:"place"`
}

// Reached is where bytes of the response are the same.
type Reached struct {
	Wire parser.Span `json:"wire"`
	Form Form        `json:"form,omitempty"` // in which they are written there; "" is as they are
	By   hub.Author  `json:"by"`
}

// Of finds the trails of an exchange, in the order of their bytes. A value that was found nowhere has none.
func Of(x *hub.Exchange) []Trail {
	response, held := responseOf(x), heldOf(x)
	var trails []Trail
	for _, v := range valuesOf(x) {
		t := Trail{Name: v.name, Text: textOf(v.bytes), Wire: v.wire, Held: held.of(v.bytes), Response: response.of(v.bytes)}
		if len(t.Held)+len(t.Response) > 0 {
			trails = append(trails, t)
		}
	}
	return withoutParts(trails)
}

// Reads are the lines that have looked a variable of the environ up; of wsgi.input, those that have read from it.
func Reads(x *hub.Exchange, name string) (all []hub.Read) {
	for _, r := range x.Reads {
		if r.Name == name {
			all = append(all, r)
		}
	}
	for _, s := range x.Said {
		if name == inBody && s.What == "read" && s.By != nil {
			all = append(all, hub.Read{Name: name, Place: *s.By})
		}
	}
	return all
}

// withoutParts leaves out what was found only where a longer value of the same variable was found.
func withoutParts(trails []Trail) []Trail {
	within := func(inner, outer Trail) bool {
		return inner.Name == outer.Name && inner.Wire != outer.Wire && outer.Wire.Start <= inner.Wire.Start && inner.Wire.End <= outer.Wire.End
	}
	for i := range trails {
		part := &trails[i]
		for _, whole := range trails {
			if !within(*part, whole) {
				continue
			}
			part.Response = slices.DeleteFunc(part.Response, func(r Reached) bool {
				return slices.ContainsFunc(whole.Response, func(o Reached) bool { return o.Wire.Start <= r.Wire.Start && r.Wire.End <= o.Wire.End })
			})
			part.Held = slices.DeleteFunc(part.Held, func(s Sighting) bool { return slices.Contains(whole.Held, s) })
		}
	}
	trails = slices.DeleteFunc(trails, func(t Trail) bool { return len(t.Held)+len(t.Response) == 0 })
	slices.SortStableFunc(trails, func(a, b Trail) int { return cmp.Or(a.Wire.Start-b.Wire.Start, b.Wire.End-a.Wire.End) })
	return trails
}

// held are the texts that variables of the application had.
type held []hub.Held

func heldOf(x *hub.Exchange) held {
	all := slices.Clone(x.Texts)
	for _, line := range x.Lines {
		for _, v := range line.Values {
			if strings.HasPrefix(v.Text, "'") || strings.HasPrefix(v.Text, `"`) || strings.HasPrefix(v.Text, "b'") {
				all = append(all, hub.Held{Name: v.Name, Text: v.Text, Place: line.Place})
			}
		}
	}
	return all
}

// of are the variables that held a text: decoded as UTF-8, or as the native string that it is in the environ.
func (h held) of(value []byte) (all []Sighting) {
	forms := []string{textOf(value), wsgi.Latin1(string(value))}
	for _, one := range h {
		s := Sighting{one.Name, one.Place}
		known := slices.ContainsFunc(all, func(o Sighting) bool {
			return o.Name == s.Name && o.Place.File == s.Place.File && o.Place.Function == s.Place.Function
		})
		if known || len(all) == MaxSightings {
			continue
		}
		if slices.ContainsFunc(forms, func(form string) bool { return nextWord(one.Text, form, 0) >= 0 }) {
			all = append(all, s)
		}
	}
	return all
}

// nextWord is where a text stands next, from an offset on, and no letter or digit beside its own: "bob", and not in "bobsled".
func nextWord(text, word string, from int) int {
	first, _ := utf8.DecodeRuneInString(word)
	last, _ := utf8.DecodeLastRuneInString(word)
	for from <= len(text) {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return -1
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(word):])
		if !(isWord(before) && isWord(first)) && !(isWord(last) && isWord(after)) {
			return at
		}
		from = at + 1
	}
	return -1
}

// isWord is for scripts that have spaces between words.
func isWord(r rune) bool {
	return unicode.IsDigit(r) || unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
}

// textOf reads a value as UTF-8, which most are, or else shows it as a native string.
func textOf(value []byte) string {
	if utf8.Valid(value) {
		return string(value)
	}
	return wsgi.Latin1(string(value))
}
