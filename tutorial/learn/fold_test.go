package learn

import (
	"fmt"
	"strings"
	"testing"
)

// TestFold: words stay whole, what goes on stands below what it goes on with, and bytes are as they were.
func TestFold(t *testing.T) {
	for _, row := range []struct {
		name, text, want string
		width            int
	}{
		{"no terminal", "one two three\n", "one two three\n", 0},
		{"it fits", "one two\n", "one two\n", 7},
		{"between words", "one two three\n", "one two\nthree\n", 8},
		{"a space at the edge", "one two three\n", "one two\nthree\n", 7},
		{"a label", "  why:   one two three\n", "  why:   one two\n         three\n", 16},
		{"no label: a sentence", "都围绕这三行：和别的\n", "都围绕这三\n行：和别的\n", 11},
		{"an item", "- one two three\n", "- one two\n  three\n", 10},
		{"a numbered item", "2. one two three\n", "2. one two\n   three\n", 11},
		{"a choice", "    3  one two three four\n", "    3  one two three\n       four\n", 21},
		{"one long word", "see http://127.0.0.1:1/?token=A now\n", "see\nhttp://127.0.0.1:1/?token=A\nnow\n", 12},
		{"bytes", "  > GET / HTTP/1.1\\r\\n\n  got:   a b c d e f g\n", "  > GET / HTTP/1.1\\r\\n\n  got:   a b c d e f g\n", 10},
		{"the same in Chinese", "  收到： abcdefghijk lm\n                     ^\n  错误： a b c d e\n", "  收到： abcdefghijk lm\n                     ^\n  错误： a b c\n         d e\n", 14},
		{"Chinese", "应用程序是可调用对象。\n", "应用程序\n是可调用\n对象。\n", 9},
		{"no line begins with a full stop", "应用程序。可\n", "应用程\n序。可\n", 8},
		{"both", "用 decode 解码\n", "用\ndecode\n解码\n", 6},
	} {
		if got := fold(row.text, row.width); got != row.want {
			t.Errorf("%s: %q", row.name, got)
		}
	}
}

// TestMarkdown: paragraphs are of the terminal's width, code has no fences, and tables are in columns.
func TestMarkdown(t *testing.T) {
	const page = "## A\n\none two\nthree four\n\n- five six\n  seven\n\n```python from=e/python/stub/x.py\n\tf(\n\t\t1)\n```\n\n| a | b |\n|---|---|\n| cc | dd ee ff |\n"
	const want = "## A\n\none two three\nfour\n\n- five six\n  seven\n\n    e/x.py:\n\n    f(\n        1)\n\n  a   b\n  ────────────\n  cc  dd ee\n      ff\n"
	var out strings.Builder
	writeMarkdown(&out, page, 13)
	if out.String() != want {
		t.Errorf("%q\n%s", out.String(), out.String())
	}
	if got := join(join("可调用", "对象 a"), "b"); got != "可调用对象 a b" {
		t.Errorf("%q", got)
	}
}

// TestMarkdownBlocks: what the parser knows besides, in the form that it has at the terminal.
func TestMarkdownBlocks(t *testing.T) {
	for _, row := range []struct{ name, page, want string }{
		{"numbers", "2. one\n   two\n3. three\n", "2. one two\n3. three\n"},
		{"a list in a list", "- a\n  - b\n    c\n- d\n", "- a\n  - b c\n- d\n"},
		{"code in a list", "- a\n\n  ```text\n  b\n  ```\n", "- a\n\n      b\n"},
		{"quotation", "> a\n> b\n", "> a b\n"},
		{"indented code", "    a\n      b\n", "    a\n      b\n"},
		{"a heading close to its text", "# A\ntext\n", "# A\ntext\n"},
		{"emphasis as it is written", "*a* **b** `c|d` <e> &amp; \\*\n", "*a* **b** `c|d` <e> &amp; \\*\n"},
		{"empty lines round it", "\n\na\n\n\nb\n\n", "\na\n\nb\n\n"},
	} {
		var out strings.Builder
		writeMarkdown(&out, row.page, 0)
		if out.String() != row.want {
			t.Errorf("%s: %q", row.name, out.String())
		}
	}
}

// TestAnswerBeforeQuestion: what is typed before the question is shown is no answer to it.
func TestAnswerBeforeQuestion(t *testing.T) {
	var out strings.Builder
	term := &Terminal{Course: open(t, t.TempDir()), Out: &out, Width: func() int { return 80 }}
	if err := term.begin(); err != nil {
		t.Fatal(err)
	}
	early := func(line string) {
		t.Helper()
		if err := term.Line(t.Context(), line); err != nil {
			t.Fatal(err)
		}
	}
	first := term.Units[0]
	early("1")
	if kept, answered := term.Answered(first); answered || !strings.Contains(out.String(), "nothing to answer yet") {
		t.Errorf("%q is kept of a question that was not shown\n%s", kept, out.String())
	}
	for len(term.rest) > 0 {
		early("")
	}
	early("1")
	if kept, _ := term.Answered(first); kept != "1" {
		t.Errorf("%q is kept of a question that was shown", kept)
	}
}

// TestTurn: at a terminal a text comes slide by slide, up to the question; a pipe gets all of it.
func TestTurn(t *testing.T) {
	for width, want := range map[int]int{0: 1, 80: 2} {
		var out strings.Builder
		term := &Terminal{Course: open(t, t.TempDir()), Out: &out, Width: func() int { return width }}
		if err := term.begin(); err != nil {
			t.Fatal(err)
		}
		turns := 1
		for ; len(term.rest) > 0; turns++ {
			if err := term.Line(t.Context(), ""); err != nil {
				t.Fatal(err)
			}
		}
		asked := strings.Count(out.String(), term.Units[0].Question.Ask.In("en"))
		if asked != 1 || turns < want || !strings.Contains(out.String(), "# "+term.Chapters[0].Title.In("en")) {
			t.Errorf("%d columns: %d turns, asked %d times\n%s", width, turns, asked, out.String())
		}
		for line := range strings.Lines(out.String()) {
			if width > 0 && columns(line) > width+1 && !strings.HasPrefix(line, "    ") {
				t.Error("too wide:", fmt.Sprintf("%q", line))
			}
		}
	}
}
