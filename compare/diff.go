package compare

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Verdict says what the rules make of a difference.
type Verdict string

const (
	Permitted Verdict = "permitted" // both are right
	Forbidden Verdict = "forbidden" // one of them breaks a MUST; Difference.Broken says which
	Open      Verdict = "open"      // no rule here decides it: look yourself
)

// Difference is one thing that is not the same.
type Difference struct {
	Where   string  `json:"where"` // "status", "version", "header", "surplus", "body", "environ", "calls"
	Name    string  `json:"name,omitempty"`
	Left    string  `json:"left"`
	Right   string  `json:"right"`
	Offset  int     `json:"offset"` // of the first byte that differs, in a body; else -1
	Verdict Verdict `json:"verdict"`
	Broken  string  `json:"broken,omitempty"` // "left" or "right"
	Spec    string  `json:"spec,omitempty"`
	Why     string  `json:"why,omitempty"`
}

const (
	shownText = 200 // characters of a value in a Difference
	absent    = "(absent)"
)

// Answers compares two answers to the same request.
func Answers(left, right *Answer, request []byte) (all []Difference) {
	add := func(where, name, l, r string) {
		all = append(all, judged(Difference{Where: where, Name: name, Left: shown(l), Right: shown(r), Offset: -1}, request))
	}
	if left.Problem != right.Problem {
		add("problem", "", left.Problem, right.Problem)
	}
	lCode, lReason, _ := strings.Cut(left.Status, " ")
	rCode, rReason, _ := strings.Cut(right.Status, " ")
	switch {
	case lCode != rCode:
		add("status", "", left.Status, right.Status)
	case lReason != rReason:
		add("reason", "", left.Status, right.Status)
	}
	if left.Version != right.Version {
		add("version", "", left.Version, right.Version)
	}
	for _, name := range names(left, right) {
		l, inLeft := left.field(name)
		r, inRight := right.field(name)
		if inLeft == inRight && l == r {
			continue
		}
		if !inLeft {
			l = absent
		}
		if !inRight {
			r = absent
		}
		add("header", name, l, r)
	}
	if len(left.Surplus) != len(right.Surplus) {
		add("surplus", "", fmt.Sprintf("%d bytes", len(left.Surplus)), fmt.Sprintf("%d bytes", len(right.Surplus)))
	}
	if at := firstDifference(left.Body, right.Body); at >= 0 {
		d := Difference{Where: "body", Left: around(left.Body, at), Right: around(right.Body, at), Offset: at}
		if lCode != rCode { // another page altogether
			d.Verdict, d.Why = Open, "the statuses differ, and so do the pages"
			return append(all, d)
		}
		all = append(all, judged(d, request))
	}
	return all
}

// names are the names of the fields of both, once each, in the order in which they came.
func names(answers ...*Answer) (all []string) {
	for _, a := range answers {
		for _, f := range a.Headers {
			if !slices.ContainsFunc(all, func(name string) bool { return strings.EqualFold(name, f.Name) }) {
				all = append(all, f.Name)
			}
		}
	}
	return all
}

// firstDifference is the offset of the first byte that differs; -1: none.
func firstDifference(a, b []byte) int {
	if bytes.Equal(a, b) {
		return -1
	}
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// around shows what stands at an offset, with a little before it.
func around(b []byte, at int) string {
	if at >= len(b) {
		return fmt.Sprintf("(ends after %d bytes)", len(b))
	}
	from := max(0, at-20)
	return fmt.Sprintf("%q", b[from:min(len(b), at+40)])
}

func shown(s string) string {
	if runes := []rune(s); len(runes) > shownText {
		return string(runes[:shownText]) + "…"
	}
	return s
}

// Records compares what two servers gave to the application, and what the application did. nil: it was not called.
func Records(left, right *Record, request []byte) (all []Difference) {
	add := func(where, name, l, r string) {
		all = append(all, judged(Difference{Where: where, Name: name, Left: shown(l), Right: shown(r), Offset: -1}, request))
	}
	if (left == nil) != (right == nil) {
		called := map[bool]string{true: "called", false: "not called"}
		add("called", "", called[left != nil], called[right != nil])
		return all
	}
	if left == nil {
		return nil
	}
	var keys []string
	for name := range left.Environ {
		keys = append(keys, name)
	}
	for name := range right.Environ {
		if _, both := left.Environ[name]; !both {
			keys = append(keys, name)
		}
	}
	slices.Sort(keys)
	for _, name := range keys {
		l, inLeft := left.Environ[name]
		r, inRight := right.Environ[name]
		if !inLeft {
			l = absent
		}
		if !inRight {
			r = absent
		}
		if l != r {
			add("environ", name, l, r)
		}
	}
	for i := range max(len(left.Calls), len(right.Calls)) {
		l, r := call(left, i), call(right, i)
		if l != r {
			add("calls", fmt.Sprintf("%d", i+1), l, r)
		}
	}
	return all
}

func call(r *Record, i int) string {
	if i < len(r.Calls) {
		return r.Calls[i]
	}
	return absent
}
