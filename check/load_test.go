package check

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

const goodProbe = `
[[probe]]
id      = "rfc9112-2.2-test"
rule    = "RFC 9112 §2.2"
keyword = "MUST"
what    = "w"
why     = "y"
hint    = "h"
`

// TestLoad: the probes that glass brings along are all well written.
func TestLoad(t *testing.T) {
	probes, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(probes) == 0 {
		t.Error("there are no probes")
	}
	for _, p := range probes {
		if strings.HasSuffix(p.What, ".") {
			t.Errorf("%s: what is no sentence: it has no full stop", p.ID)
		}
		if p.Matter() == "" {
			t.Errorf("%s: %s is in no matter of grade.go", p.ID, p.file)
		}
		for _, text := range []string{p.Why, p.Hint} {
			if !strings.ContainsAny(text[len(text)-1:], `.?!…')"`+"`)") {
				t.Errorf("%s: a sentence ends: %q", p.ID, text)
			}
		}
	}
}

// TestParseErrors: a probe that cannot be meant is an error that says where and why.
func TestParseErrors(t *testing.T) {
	for steps, want := range map[string]string{
		`steps = []`:                                         "no step expects anything",
		`steps = [{}]`:                                       "a step without an action",
		`steps = [{ send = "x", close = true }]`:             "send and close are two steps",
		`steps = [{ send = "x", peices = 1 }]`:               "there is no key probe.steps.peices",
		`steps = [{ close = true, pieces = 1 }]`:             "pieces and cut belong to send",
		`steps = [{ send = "{hots}" }]`:                      "nothing is known of {hots}",
		`steps = [{ send = "{" }]`:                           "{ without }",
		`steps = [{ send = "€" }]`:                           "is not a byte",
		`steps = [{ expect = [] }]`:                          "at least one alternative",
		`steps = [{ expect = ["20"] }]`:                      "a status is written",
		`steps = [{ expect = ["closed body"] }]`:             "only done or unclear can follow closed",
		`steps = [{ expect = ["200 done close"] }]`:          "done or unclear ends an alternative",
		`steps = [{ expect = ["200 clse"] }]`:                "200 clse\n      ^",
		`steps = [{ expect = ["200 length x"] }]`:            "a number belongs here",
		`steps = [{ expect = ["200 body x"] }]`:              "double quotes",
		`steps = [{ expect = ["200 body ~/(/"] }]`:           "missing closing )",
		`steps = [{ expect = ["200 field A:B"] }]`:           "a field name belongs here",
		`steps = [{ expect = ["200 no"] }]`:                  "after no comes",
		`steps = [{ expect = ["200 json a is 1"] }]`:         "after the path comes",
		`steps = [{ expect = ["200 json a == x"] }]`:         "a JSON value belongs here",
		`steps = [{ expect = ["200 json a type integer"] }]`: "the types are",
		`steps = [{ pause = "2" }]`:                          "missing unit",
		`steps = [{ expect_silence = "-2s" }]`:               "more than 0",
		`steps = [{ expect_raw = "{date}" }]`:                "nothing is known of {date}",
	} {
		_, err := Parse("test.toml", goodProbe+steps)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "test.toml") {
			t.Errorf("%s\n%v\nshould say: %s", steps, err, want)
		}
	}
}

// TestRoutes: every route says what it does.
func TestRoutes(t *testing.T) {
	for _, m := range regexp.MustCompile(`(?m)^@route\ndef (\w+)\(.*\n( *""")?`).FindAllSubmatch(application, -1) {
		if len(m[2]) == 0 {
			t.Errorf("glass_probe.py: %s has no docstring", m[1])
		}
	}
}

// TestRuleErrors: the id, the rule and the keyword fit together.
func TestRuleErrors(t *testing.T) {
	const whole = goodProbe + `steps = [{ expect_end = true }]`
	if _, err := Parse("test.toml", whole); err != nil {
		t.Fatal(err)
	}
	for change, want := range map[[2]string]string{
		{"RFC 9112 §2.2", "RFC 9112"}:               "rule is written",
		{"RFC 9112 §2.2", "RFC 9112 §3.2"}:          "begins with rfc9112-3.2-",
		{`"RFC 9112 §2.2"`, `'PEP 3333 "Nowhere"'`}: "no heading",
		{"2.2-test", "2.2-Test"}:                    "lower-case",
		{"MUST", "must"}:                            "MUST, SHOULD or MAY",
		{`why     = "y"`, ""}:                       "must all be said",
		{`what    = "w"`, `what = "a\nb"`}:          "one line",
	} {
		_, err := Parse("test.toml", strings.ReplaceAll(whole, change[0], change[1]))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v\nshould say: %s", change, err, want)
		}
	}
}

// TestDocumented: docs/CHECK.md describes every step, condition and placeholder that there is, and its example is a probe.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/CHECK.md")
	if err != nil {
		t.Fatal(err)
	}
	var described []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)`").FindAllSubmatch(page, -1) {
		described = append(described, string(m[1]))
	}
	example := regexp.MustCompile("(?s)```toml\n(.*?)```").FindSubmatch(page)
	if _, err := Parse("docs/CHECK.md", string(example[1])); err != nil {
		t.Error(err)
	}
	described = append(described, "")
	all := strings.Join(described, "\n")
	for _, a := range actions {
		if !regexp.MustCompile(`(?m)^` + a.name + ` = `).MatchString(all) {
			t.Errorf("docs/CHECK.md does not describe the step %s", a.name)
		}
	}
	for name := range conditions {
		if !regexp.MustCompile(`(?m)^` + name + `( |$)`).MatchString(all) {
			t.Errorf("docs/CHECK.md does not describe the condition %s", name)
		}
	}
	for name := range anyNames {
		if !strings.Contains(all, "{"+name+"}\n") {
			t.Errorf("docs/CHECK.md does not describe {%s}", name)
		}
	}
}
