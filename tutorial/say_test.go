package tutorial

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"glasswsgi/check"
)

// sources are the texts of the files that match, without tests.
func sources(t *testing.T, patterns ...string) string {
	t.Helper()
	var all strings.Builder
	for _, pattern := range patterns {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(path, "_test.go") {
				all.Write(text)
			}
		}
	}
	return all.String()
}

// TestMessages: every message that is asked for is there, in both languages, with the same places to fill in; and every
// one that is there is asked for.
func TestMessages(t *testing.T) {
	sources := sources(t, "*.go", "*/*.go", "*/templates/*.html", "../command/*.go")
	for id, text := range catalogue() {
		if text.empty() {
			t.Errorf("%s: both languages", id)
		}
		verbs := regexp.MustCompile(`%[a-z]`)
		compare(t, id, verbs.FindAllString(text.EN, -1), verbs.FindAllString(text.ZH, -1))
		if !strings.Contains(sources, `"`+id+`"`) {
			t.Errorf("nothing says %s", id)
		}
	}
	asked := regexp.MustCompile(`(?:[sS]ay\((?:[^"()]*(?:\(\))?, )?|say (?:\$?\.?\w+\.)?\.?\$?\.?Lang )"([a-z-]+)"`)
	for _, match := range asked.FindAllStringSubmatch(sources, -1) {
		if _, ok := catalogue()[match[1]]; !ok {
			t.Errorf("messages.toml has no %s", match[1])
		}
	}
}

// TestWrong: whatever checks can say is there in Chinese, with the same places to fill in, and nothing else is.
func TestWrong(t *testing.T) {
	sources := sources(t, "*.go", "../check/*.go")
	said := map[string]bool{"connected": true, "time": true, "output": true} // which constants say
	for _, match := range regexp.MustCompile(`\b(?:say|complain|phrase)\(("(?:[^"\\]|\\.)*")`).FindAllStringSubmatch(sources, -1) {
		format, err := strconv.Unquote(match[1])
		if err != nil {
			t.Fatal(err)
		}
		if _, message := catalogue()[format]; !message {
			said[format] = true
		}
	}
	verbs := regexp.MustCompile(`%[a-z]`)
	for format := range said {
		translated, ok := wrong()[format]
		if !ok {
			t.Errorf("wrong.toml has no %q", format)
		}
		compare(t, format, verbs.FindAllString(format, -1), verbs.FindAllString(translated, -1))
	}
	for format := range wrong() {
		if !said[format] {
			t.Errorf("nothing says %q", format)
		}
	}
}

// TestWrongInChinese: the same failure in both languages; mistakes are looked for in the English one.
func TestWrongInChinese(t *testing.T) {
	missing := phrase("bytes are missing: %s", phrase("the server closed the connection"))
	failure := &check.Failure{Text: missing, Want: []byte("x")}
	o := &Outcome{Check: &Check{Rule: "RFC 9112 §4"}, Err: fmt.Errorf("step 2, expect_raw: %w", failure), Received: []byte("HTTP")}
	w := When{Failure: "^step 2, expect_raw: bytes are missing: the server closed the connection$"}
	if !w.matches(o) {
		t.Errorf("%s", o.failure())
	}
	for lang, want := range map[string]string{"en": "  wrong: bytes are missing: the server closed the connection\n", "zh": "  错误： 缺少字节：服务器关闭了连接\n"} {
		var out strings.Builder
		o.write(&out, lang)
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s", out.String())
		}
	}
	both := &check.Failure{Text: phrase("none of the answers that are permitted came: %s", phrase("%s, or %s", "200", "404")), Nearest: failure}
	if got := inLanguage(both, "zh"); got != "收到的不是允许的任何一种响应：200，或者 404\n缺少字节：服务器关闭了连接" {
		t.Errorf("%s", got)
	}
	if got := inLanguage(problem{problemTime, complain("the program was ended: it exceeded its limit of %s", phrase("time")), ""}.err, "zh"); got != "程序被终止：超出了时间限制" {
		t.Errorf("%s", got)
	}
}

// TestQuestionJudge: choices in any order and with any separator; texts in any case.
func TestQuestionJudge(t *testing.T) {
	choices := &Question{Choices: make([]Text, 4), Correct: []int{1, 3}}
	typed := &Question{Answers: []string{"15", "fifteen"}}
	for _, row := range []struct {
		question *Question
		answer   string
		right    bool
	}{
		{choices, "1 3", true}, {choices, "3,1", true}, {choices, "3、1", true}, {choices, "1 3 3", true},
		{choices, "1", false}, {choices, "1 2 3", false}, {choices, "", false}, {choices, "a", false},
		{typed, " 15 ", true}, {typed, "Fifteen.", true}, {typed, "\"15\"", true}, {typed, "11", false}, {typed, "", false},
	} {
		if got := row.question.Judge(row.answer); got != row.right {
			t.Errorf("%q: %v", row.answer, got)
		}
	}
}

// TestQuestionAnswered: a slip of the fingers is no answer, and so does not count.
func TestQuestionAnswered(t *testing.T) {
	choices := &Question{Choices: make([]Text, 4), Correct: []int{1, 3}}
	one := &Question{Choices: make([]Text, 4), Correct: []int{1}}
	counted := &Question{Answers: []string{"1000", "1000 ms", "thousand"}}
	word := &Question{Answers: []string{"1a"}}
	for _, row := range []struct {
		question *Question
		answer   string
		answered bool
	}{
		{choices, "2 4", true}, {choices, "5", false}, {choices, "x", false}, {choices, "", false}, {one, "1 2", false},
		{counted, "11", true}, {counted, "1,050", true}, {counted, "1000 ms", true}, {counted, "Thousand", true},
		{counted, "x", false}, {counted, "1000 seconds", false}, {counted, "", false}, {word, "x", true}, {word, " ", false},
	} {
		if got := row.question.Answered(row.answer); got != row.answered {
			t.Errorf("%q: %v", row.answer, got)
		}
	}
}
