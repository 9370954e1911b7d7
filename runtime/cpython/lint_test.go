package cpython_test

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"glasswsgi/check/suite"
	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/wsgi"
)

var update = flag.Bool("update", false, "rewrite the findings in testdata/lint.txt, and the table in docs/LINT.md")

// TestLint runs each application of testdata/lint.txt and compares all that lint finds.
func TestLint(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	if *update {
		updateLint(t)
	}
	for _, interpreter := range interpreters(t) {
		t.Run(interpreter.Name, func(t *testing.T) {
			cases(t, "lint.txt", func(t *testing.T, given, want string) {
				t.Parallel()
				if got := lint(t, interpreter, given); got != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			})
		})
	}
}

// lint serves an application the requests that its first line asks for, and returns what was found.
func lint(t *testing.T, interpreter cpython.Interpreter, source string) string {
	dir := folder(t, "app.py", source)
	pool := start(t, "app.py", func(c *cpython.Config) { c.Dir, c.Interpreter, c.Lint = dir, interpreter, true })
	times := 1
	method, body := "GET", ""
	if words := strings.Fields(strings.SplitN(source, "\n", 2)[0]); words[0] == "#" {
		switch words[1] {
		case "twice":
			times = 2
		default:
			method, body = words[1], strings.Join(words[2:], " ")
		}
	}
	var failures, lines []string
	for range times {
		if err := exchange(pool, lintRequest(method, body), &response{}); err != nil {
			failures = append(failures, "and "+err.Error())
		}
	}
	for _, f := range pool.Findings() {
		lines = append(lines, strings.TrimPrefix(f.String(), "lint: "))
	}
	lines = append(lines, failures...)
	if lines == nil {
		return "nothing"
	}
	return strings.Join(lines, "\n")
}

func lintRequest(method, body string) *wsgi.Environ {
	environ := request{target: "/path", body: whole(body)}.environ()
	environ.Variables[0].Value = method
	if body != "" {
		environ.Variables = append(environ.Variables, wsgi.Variable{Name: "CONTENT_LENGTH", Value: fmt.Sprint(len(body))})
	}
	return environ
}

func updateLint(t *testing.T) {
	text, err := os.ReadFile("testdata/lint.txt")
	if err != nil {
		t.Fatal(err)
	}
	sections := strings.Split(string(text), "\n-- ")
	for i, section := range sections[1:] {
		name, rest, _ := strings.Cut(section, " --\n")
		given, _, _ := strings.Cut(rest, "== ")
		sections[i+1] = name + " --\n" + given + "== " + lint(t, interpreters(t)[0], given)
	}
	if err := os.WriteFile("testdata/lint.txt", []byte(strings.Join(sections, "\n-- ")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Without --lint, nothing of it is in a worker.
func TestLintIsOff(t *testing.T) {
	dir := folder(t, "app.py", `
import sys
def app(environ, start_response):
    start_response("200 OK", [])
    return [repr(sorted(name for name in sys.modules if name.startswith("glass_worker.lint"))
                 + [type(environ["wsgi.errors"]).__name__, sys.getprofile()]).encode()]
`)
	for lint, want := range map[bool]string{false: "['TextIOWrapper', None]", true: "'Errors'"} {
		pool := start(t, "app.py", func(c *cpython.Config) { c.Dir, c.Lint = dir, lint })
		if got := get(t, pool, "/"); !strings.Contains(got, want) || strings.Contains(got, "lint_rules") != lint {
			t.Errorf("lint %v: got %s", lint, got)
		}
	}
}

// A finding is told once, however many workers and requests meet it.
func TestLintTellsOnce(t *testing.T) {
	dir := folder(t, "app.py", "def app(environ, start_response):\n    start_response('200 ', [])\n    return []\n")
	log := logFile(t)
	pool := start(t, "app.py", func(c *cpython.Config) {
		c.Dir, c.Workers, c.Threads, c.Lint, c.Log = dir, 2, 2, true, slog.New(slog.NewTextHandler(log, nil))
	})
	eventually(t, "both workers are ready", func() bool { return pool.Ready() == 2 })
	for range 8 {
		get(t, pool, "/")
	}
	if n := strings.Count(contents(t, log), "status: empty reason phrase"); n != 1 || len(pool.Findings()) != 1 {
		t.Errorf("%d lines in the log, findings %v", n, pool.Findings())
	}
}

// Reading a body whose end only wsgi.input_terminated tells is in order, and so is a length.
func TestLintOfInput(t *testing.T) {
	dir := folder(t, "app.py", `
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ.get("wsgi.input_terminated"):
        return [b"terminated " + environ["wsgi.input"].read()]
    return [environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))]
`)
	pool := start(t, "app.py", func(c *cpython.Config) { c.Dir, c.Lint = dir, true })
	for name, c := range map[string]struct {
		environ *wsgi.Environ
		want    string
	}{
		"chunked": {request{body: stream{strings.NewReader("abc")}}.environ(), "terminated abc"},
		"length":  {lintRequest("POST", "abc"), "abc"},
		"none":    {lintRequest("GET", ""), ""},
	} {
		answer := &response{}
		if err := exchange(pool, c.environ, answer); err != nil || answer.body.String() != c.want {
			t.Errorf("%s: got %q, %v", name, answer.body.String(), err)
		}
	}
	if found := pool.Findings(); len(found) > 0 {
		t.Errorf("got %v", found)
	}
}

// printTable is the end of a Python program that begins with lint_rules.py.
const printTable = `
print("| rule | keyword | heading | what is said |\n|---|---|---|---|")
for rule, (keyword, heading, sentence) in RULES.items():
    print("| %s | %s | %s | %s |" % (rule, keyword, heading, sentence.replace("{}", "…")))
`

// TestLintDocument compares the table of docs/LINT.md with the rules.
func TestLintDocument(t *testing.T) {
	const file, begin, end = "../../docs/LINT.md", "and -update writes -->\n", "<!-- end -->"
	source, err := os.ReadFile("glass_worker/lint_rules.py")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(interpreters(t)[0].Path, "-X", "utf8", "-c", string(source)+printTable).Output()
	if err != nil {
		t.Fatal(err)
	}
	table := strings.ReplaceAll(string(out), "\r\n", "\n")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	old, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the table", file)
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+begin+"\n"+table+"\n"+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if strings.TrimSpace(old) != strings.TrimSpace(table) {
		t.Errorf("%s differs from lint_rules.py: go test ./runtime/cpython -run Lint -update", file)
	}
}

// Every rule has a case that breaks it.
func TestLintRulesHaveCases(t *testing.T) {
	rules, err := os.ReadFile("glass_worker/lint_rules.py")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/lint.txt")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`(?m)^    "(.+)": \($`).FindAllStringSubmatch(string(rules), -1)
	if len(names) < 40 {
		t.Errorf("only %d rules", len(names))
	}
	for _, name := range names {
		if !strings.Contains(string(text), "\n"+name[1]+": ") && !strings.Contains(string(text), "\n== "+name[1]+": ") {
			t.Errorf("no case for %s", name[1])
		}
	}
}
