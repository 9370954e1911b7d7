// Package mutate makes mistakes: of a program in Go or Python it makes versions with one small change each, a line that is
// missing, a constant, an operator or an encoding that is another. In go the text of a file and what of it is given; out come
// the edits. Checks that let such a mutant pass have a hole, or the mutant is right.
//
// Start reading at Of.
package mutate

import (
	"regexp"
	"strconv"
	"strings"
)

// Mutant is one change of a text: Old stands there once, and becomes New.
type Mutant struct {
	Line     int // from 1
	Old, New string
}

// Of are the mutants of a text, in the order of its lines. Lines that are in given, too, are left alone, and so are comments.
func Of(text, given string, python bool) (mutants []Mutant) {
	leave := map[string]bool{"": true}
	for line := range strings.Lines(given) {
		leave[strings.TrimSpace(line)] = true
	}
	lines := strings.SplitAfter(text, "\n")
	doc := false
	for i, line := range lines {
		word := strings.TrimSpace(line)
		quotes := python && strings.Count(line, `"""`)%2 == 1
		inside := doc || strings.HasPrefix(word, `"""`)
		if quotes {
			doc = !doc
		}
		if leave[word] || inside || strings.HasPrefix(word, "//") || strings.HasPrefix(word, "#") {
			continue
		}
		for _, changed := range changes(line, python) {
			old, new := unique(lines, i, changed)
			mutants = append(mutants, Mutant{i + 1, old, new})
		}
	}
	return mutants
}

// unique takes lines above to a change until what is replaced stands in the text only once.
func unique(lines []string, i int, changed string) (old, new string) {
	text := strings.Join(lines, "")
	from := i
	for ; from > 0; from-- {
		if strings.Count(text, strings.Join(lines[from:i+1], "")) == 1 {
			break
		}
	}
	before := strings.Join(lines[from:i], "")
	return before + lines[i], before + changed
}

// changes are the other versions of a line.
func changes(line string, python bool) (all []string) {
	seen := map[string]bool{line: true}
	add := func(changed string) {
		if !seen[changed] {
			seen[changed] = true
			all = append(all, changed)
		}
	}
	if dropped, ok := drop(line, python); ok {
		add(dropped)
	}
	code := withoutComment(line, python)
	for _, r := range rules {
		for _, at := range r.old.FindAllStringSubmatchIndex(code, -1) {
			from, to := at[2], at[3]
			if quoted := quotes(code[:from])%2 == 1; quoted && (r.outside || message(code, from)) {
				continue
			}
			add(line[:from] + r.new(line[from:to]) + line[to:])
		}
	}
	return all
}

// message says that a place is in a text for people, of four words or more: nothing depends on it.
func message(code string, at int) bool {
	from := strings.LastIndex(code[:at], `"`) + 1
	text, _, _ := strings.Cut(code[from:], `"`)
	return len(strings.Fields(text)) > 3
}

// quotes are those that begin or end a text.
func quotes(code string) int { return strings.Count(code, `"`) - strings.Count(code, `\"`) }

// drop takes a statement away that is whole on its line.
func drop(line string, python bool) (string, bool) {
	word := strings.TrimSpace(line)
	if !balanced(word) || strings.HasSuffix(word, ",") {
		return "", false
	}
	if !python {
		opens := strings.HasSuffix(word, "{") || strings.HasPrefix(word, "}") || strings.HasSuffix(word, ":")
		return "", !opens && !regexp.MustCompile(`^(?:func|type|import|package|"|var|const)`).MatchString(word)
	}
	if strings.HasSuffix(word, ":") || regexp.MustCompile(`^(?:def|class|import|from|@|[)\]}"'])`).MatchString(word) {
		return "", false
	}
	return line[:len(line)-len(strings.TrimLeft(line, " "))] + "pass\n", true
}

func balanced(word string) bool {
	for _, pair := range []string{"()", "[]", "{}"} {
		if strings.Count(word, pair[:1]) != strings.Count(word, pair[1:]) {
			return false
		}
	}
	return true
}

func withoutComment(line string, python bool) string {
	mark := "//"
	if python {
		mark = "#"
	}
	if at := strings.LastIndex(line, "  "+mark); at >= 0 {
		return line[:at]
	}
	if at := strings.LastIndex(line, " "+mark+" "); at >= 0 {
		return line[:at]
	}
	return line
}

// rule is one kind of a change: what its first group matches becomes another.
type rule struct {
	old     *regexp.Regexp
	new     func(string) string
	outside bool // of texts alone
}

func swap(old string, pairs ...string) rule {
	to := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		to[pairs[i]] = pairs[i+1]
	}
	return rule{regexp.MustCompile(old), func(s string) string { return to[s] }, false}
}

// words is a swap that leaves texts alone.
func words(old string, pairs ...string) rule {
	r := swap(old, pairs...)
	r.outside = true
	return r
}

func always(old, new string) rule {
	return rule{regexp.MustCompile(old), func(string) string { return new }, false}
}

var rules = []rule{
	{regexp.MustCompile(`[^\w.](\d+)\b`), func(s string) string { n, _ := strconv.Atoi(s); return strconv.Itoa(n + 1) }, false}, // constants
	words(`[^<>=!](<|>|<=|>=)(?:[^<>=-]|$)`, "<", "<=", ">", ">=", "<=", "<", ">=", ">"),
	swap(`(==|!=)`, "==", "!=", "!=", "=="),
	words(` (and|or|&&|\|\|) `, "and", "or", "or", "and", "&&", "||", "||", "&&"),
	words(` ([+-]) `, "+", "-", "-", "+"),
	words(`\b(True|False|true|false)\b`, "True", "False", "False", "True", "true", "false", "false", "true"),
	words(`\b(break|continue)\b`, "break", "continue", "continue", "break"),
	words(`\b(not in|in|is not|is) `, "not in", "in", "is not", "is", "is", "is not", "in", "in"),
	{regexp.MustCompile(`\b(not )`), func(string) string { return "" }, true},
	always(`[( ](!)\w`, ""),
	swap(`"(latin-1|utf-8|ascii)"`, "latin-1", "utf-8", "utf-8", "latin-1", "ascii", "utf-8"), // encodings
	always(`(\.(?:lower|upper|strip|rstrip|lstrip|title)\([^()]*\))`, ""),
	always(`(\\r)\\n`, ""),                        // a bare LF
	always(`\[(:?\w+:?)\]`, ":"),                  // the whole instead of a part
	always(`["'][^"'\\]*\w([^"'\\\w]?)["']`, "X"), // another text
}
