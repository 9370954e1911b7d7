package docs

import (
	"os"
	"strings"
	"testing"

	"glasswsgi/tutorial"
)

// TestGlossaryInChinese: a word has the same Chinese here as in the course, and each word has one.
func TestGlossaryInChinese(t *testing.T) {
	text, err := os.ReadFile("docs/GLOSSARY.md")
	if err != nil {
		t.Fatal(err)
	}
	terms, err := tutorial.Terms()
	if err != nil {
		t.Fatal(err)
	}
	chinese := map[string]string{}
	for _, term := range terms {
		chinese[term.EN] = term.ZH
	}
	tables, _, _ := strings.Cut(string(text), "## The same thing in both")
	compared := 0
	for line := range strings.Lines(tables) {
		cells := strings.Split(line, " | ")
		word := strings.ToLower(strings.TrimPrefix(cells[0], "| "))
		if !strings.HasPrefix(line, "| ") || word == "word" {
			continue
		}
		if len(cells) < 3 || cells[1] == "" {
			t.Errorf("no Chinese: %s", line)
			continue
		}
		if want, ok := chinese[word]; ok {
			compared++
			if cells[1] != want {
				t.Errorf("%s is %s here, and %s in the course", word, cells[1], want)
			}
		}
	}
	if compared < 25 {
		t.Errorf("only %d words of the glossary are words of the course", compared)
	}
}
