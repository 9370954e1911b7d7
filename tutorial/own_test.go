package tutorial

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ownWork is an exercise that a command does: what it gets on standard input, it says.
func ownWork(t *testing.T, own string) Work {
	t.Helper()
	check := &Check{ID: "echo", What: Text{"echo", "回显"}, Why: Text{"e", "e"}, Run: &Run{Stdin: "{random}"}, Expect: []string{`body "{random}"`}}
	if err := check.compile(); err != nil {
		t.Fatal(err)
	}
	c := &Chapter{ID: "99"}
	w := Work{Exercise: &Exercise{ID: "e", Chapter: c, Languages: []string{"python"}, Checks: []*Check{check}}, Dir: t.TempDir(), Command: []string{"cat"}}
	if err := os.WriteFile(filepath.Join(w.Dir, OwnFile), []byte(own), 0o644); err != nil {
		t.Fatal(err)
	}
	return w
}

func judged(t *testing.T, w Work, lang string) (*Attempt, string) {
	t.Helper()
	j := &Judge{Timeout: time.Minute, Start: time.Minute, Limit: time.Minute}
	a, err := j.Judge(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	a.Write(&out, lang)
	return a, out.String()
}

const ownChecks = `
[[check]]
id = "again"
run = { stdin = "a\r\n" }
expect = ['body "a\r\n"']

[[check]]
id = "shouts"
what = "it shouts"
why = "I want to see it fail"
rule = "PEP 3333 \"Unicode Issues\""
run = { stdin = "b" }
expect = ['body "B"']
`

// TestOwnChecks: they run after those of the course, are shown as the learner's, and take nothing away.
func TestOwnChecks(t *testing.T) {
	w := ownWork(t, ownChecks)
	a, out := judged(t, w, "en")
	if !a.Passed() || a.OwnPassed() || len(a.Own) != 2 || !a.Own[0].Passed || a.Own[1].Passed {
		t.Errorf("%+v", a)
	}
	for _, want := range []string{
		"✓ echo\n\n  your own checks, in my.checks:\n  ✓ again\n  ✗ it shouts\n", "> b\n", "the body is not what it should be",
		"want:  B", "I want to see it fail", "This is a check of your own",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing:\n%s", want, out)
		}
	}
	if _, out := judged(t, w, "zh"); !strings.Contains(out, "你自己的检查（my.checks）：") || !strings.Contains(out, "消息体不正确") {
		t.Errorf("%s", out)
	}
	w.Command = []string{"true"} // the course's check fails: one thing at a time
	if a, _ := judged(t, w, "en"); a.Passed() || len(a.Own) != 0 {
		t.Errorf("%+v", a)
	}
	w.Command = []string{"cat"}
	if err := os.Remove(filepath.Join(w.Dir, OwnFile)); err != nil {
		t.Fatal(err)
	}
	if a, out := judged(t, w, "en"); !a.OwnPassed() || strings.Contains(out, "your own") {
		t.Errorf("%s", out)
	}
}

// TestOwnChecksBroken: what cannot be read is said with its line, and takes nothing away either.
func TestOwnChecksBroken(t *testing.T) {
	const good = "[[check]]\nid = \"a\"\nrun = { stdin = \"a\" }\nexpect = ['length 1']\n\n"
	for _, row := range []struct{ what, text, want string }{
		{"no TOML", good + "[[check]]\nid = b\n", "line 7"},
		{"an open string", good + "[[check]]\nid = \"b\n", "line 7"},
		{"a key that is none", good + "[[check]]\nid = \"b\"\nexpekt = ['length 1']\nrun = { stdin = \"\" }\n", "my.checks:8: there is no key check.expekt"},
		{"a condition that is none", good + "[[check]]\nid = \"b\"\nrun = { stdin = \"\" }\nexpect = ['size 1']\n", "my.checks:6: check b: "},
		{"nothing expected", good + "[[check]]\nid = \"b\"\nrun = { stdin = \"\" }\n", "my.checks:6: check b: say what to expect"},
		{"no kind", "\n[[check]]\nid = \"b\"\n", "my.checks:2: check b: a check has steps"},
		{"an id twice", good + good, "my.checks:6: check a: the id is taken"},
		{"no id", "[[check]]\nrun = { stdin = \"\" }\n", "my.checks:1: check : an id is"},
		{"a script", "[[check]]\nid = \"b\"\nscript = \"x.py\"\nexpect = ['length 1']\n", "script and probe are for the course"},
		{"steps without a server", "[[check]]\nid = \"b\"\nsteps = [{ send = \"a\" }, { expect = ['200'] }]\n", "this exercise has none"},
		{"a call of a command", "[[check]]\nid = \"b\"\ncall = { app = \"app.py\" }\nexpect = ['length 1']\n", "call is for applications in Python"},
	} {
		a, out := judged(t, ownWork(t, row.text), "en")
		if !a.Passed() || a.OwnPassed() || !strings.Contains(out, row.want) || !strings.Contains(out, "counts as passed") {
			t.Errorf("%s: %q is missing:\n%s", row.what, row.want, out)
		}
	}
}

// TestOwnChecksOfReadme: what README.md shows can be written.
func TestOwnChecksOfReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(readme), "```toml\n")
	text, _, _ = strings.Cut(text, "```")
	w := ownWork(t, text)
	w.Command, w.Language, w.Exercise.Step = nil, "python", "app.py"
	if checks, err := w.own(); err != nil || len(checks) != 3 {
		t.Errorf("%d checks, %v", len(checks), err)
	}
}
