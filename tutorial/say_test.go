package tutorial

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestMessages: every message that is asked for is there, in both languages, with the same places to fill in; and every
// one that is there is asked for.
func TestMessages(t *testing.T) {
	var sources strings.Builder
	for _, pattern := range []string{"*.go", "*/*.go", "*/templates/*.html", "../*.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			sources.Write(text)
		}
	}
	for id, text := range catalogue() {
		if text.empty() {
			t.Errorf("%s: both languages", id)
		}
		verbs := regexp.MustCompile(`%[a-z]`)
		compare(t, id, verbs.FindAllString(text.EN, -1), verbs.FindAllString(text.ZH, -1))
		if !strings.Contains(sources.String(), `"`+id+`"`) {
			t.Errorf("nothing says %s", id)
		}
	}
	asked := regexp.MustCompile(`(?:[sS]ay\((?:[^"()]*(?:\(\))?, )?|say (?:\$?\.?\w+\.)?\.?\$?\.?Lang )"([a-z-]+)"`)
	for _, match := range asked.FindAllStringSubmatch(sources.String(), -1) {
		if _, ok := catalogue()[match[1]]; !ok {
			t.Errorf("messages.toml has no %s", match[1])
		}
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
