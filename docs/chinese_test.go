package docs

import (
	"os"
	"regexp"
	"slices"
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

// What two documents that say the same have in common, whatever their language.
var skeleton = map[string]*regexp.Regexp{
	"heading":    regexp.MustCompile(`(?m)^#+ `),
	"code block": regexp.MustCompile("(?ms)^```.*?^```"),
	"link":       regexp.MustCompile(`\]\([^)\s]+\)`),
	"table row":  regexp.MustCompile(`(?m)^\|`),
	"list item":  regexp.MustCompile(`(?m)^(?:- |\d+\. )`),
}

var (
	codeBlock = skeleton["code block"]
	codeSpan  = regexp.MustCompile("`[^`\n]+`")
)

// TestReadmeInChinese: README.zh.md has the headings, code, links, rows and items of README.md, in its order; and it names
// the same files and flags, in any.
func TestReadmeInChinese(t *testing.T) {
	var texts [2]string
	for i, name := range []string{"README.md", "README.zh.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = strings.ReplaceAll(string(text), "README.zh.md", "README.md") // each leads to the other
	}
	for what, pattern := range skeleton {
		missing(t, what, pattern.FindAllString(texts[0], -1), pattern.FindAllString(texts[1], -1))
	}
	var spans [2][]string
	for i, text := range texts {
		spans[i] = codeSpan.FindAllString(codeBlock.ReplaceAllString(text, ""), -1)
		slices.Sort(spans[i])
	}
	missing(t, "code", spans[0], spans[1])
}

func missing(t *testing.T, what string, english, chinese []string) {
	t.Helper()
	for i := range max(len(english), len(chinese)) {
		switch {
		case i >= len(english):
			t.Errorf("%s %d: only README.zh.md has %q", what, i+1, chinese[i])
		case i >= len(chinese):
			t.Errorf("%s %d: README.zh.md does not have %q", what, i+1, english[i])
		case english[i] != chinese[i]:
			t.Errorf("%s %d: README.md has %q, and README.zh.md %q", what, i+1, english[i], chinese[i])
			return
		}
	}
}
