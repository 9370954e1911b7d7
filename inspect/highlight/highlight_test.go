package highlight

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"glasswsgi/check/suite"

	"github.com/alecthomas/chroma/v2"
)

// TestRulesCompile, all of them, and none takes nothing and stays where it is: that would go on for ever.
func TestRulesCompile(t *testing.T) {
	for language, lexer := range lexers {
		rules, err := lexer.Rules()
		if err != nil {
			t.Fatal(err)
		}
		for state, all := range rules {
			for _, rule := range all {
				if rule.Pattern == "" && rule.Mutator == nil {
					t.Errorf("%s: %s has a rule that does nothing", language, state)
				}
			}
		}
		for _, part := range parts {
			comesBack(t, language, part)
		}
	}
}

// parts are where the rules of some language turn.
var parts = []string{
	"", "\n", "\r\n", "\r", "\t", " ", "a", "é", "你", "\xff", "\xe4\xbd", "\x00", "1", "0x", "1.e+", "'", `"`, `'''`, `"""`, "`", `\`, "\\\n",
	"{", "}", "[", "(", ")", ":", "!r", "#", "//", "/*", "*/", "f'", `rb"`, `F"""`, "$ ", "$", "|", "<", "<a ", ">", "def ", "class",
	"@a.b", "match x", "HTTP/1.1", "HTTP/1.1 200 OK\n", "GET / HTTP/1.1\r\n", "A: b\n", "__len__(", ".5", "\u2028",
}

// TestEveryPairOfParts, and each by itself a hundred times: the words are the text, and they come.
func TestEveryPairOfParts(t *testing.T) {
	for language := range lexers {
		for _, a := range parts {
			comesBack(t, language, strings.Repeat(a, 100))
			for _, b := range parts {
				comesBack(t, language, a+b)
				comesBack(t, language, "\n"+b+a+b+"\n"+a)
			}
		}
	}
}

// TestOurOwnSource: of real files, nothing is left without a rule.
func TestOurOwnSource(t *testing.T) {
	for language, pattern := range map[string]string{"go": "../../server/*.go", "python": "../../runtime/cpython/glass_worker/*.py"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) < 5 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for place, file := range files {
			if !suite.Sample(place) {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			comesBack(t, language, string(text))
			for _, token := range tokens(t, language, string(text)) {
				if token.Type == chroma.Error {
					t.Errorf("%s: no rule for %q", file, token.Value)
				}
			}
		}
	}
}

// FuzzWords: whatever the text, the words are the text.
func FuzzWords(f *testing.F) {
	for language, rows := range tables {
		for _, row := range rows {
			f.Add(language, row.text())
		}
		for _, part := range parts {
			f.Add(language, part)
		}
	}
	f.Fuzz(func(t *testing.T, language, text string) {
		comesBack(t, language, text)
	})
}

// comesBack holds the words of a text to their promises: they are the text, each differs from its neighbour, and chroma
// neither left out nor made up anything on the way.
func comesBack(t *testing.T, language, text string) {
	t.Helper()
	var all, seen strings.Builder
	last := "none"
	for _, word := range Words(language, text) {
		all.WriteString(word.Text)
		if word.Text == "" || word.Class == last {
			t.Errorf("%s %q: the word %q", language, text, word)
		}
		last = word.Class
	}
	if all.String() != text {
		t.Errorf("%s %q came back as %q", language, text, all.String())
	}
	if !Knows(language) {
		return
	}
	for _, token := range tokens(t, language, text) {
		seen.WriteString(token.Value)
	}
	if want := string([]rune(text)); seen.String() != want {
		t.Errorf("%s %q: chroma saw %q", language, want, seen.String())
	}
}

func tokens(t *testing.T, language, text string) []chroma.Token {
	t.Helper()
	all, err := lexers[language].Tokenise(&chroma.TokeniseOptions{State: "root"}, text)
	if err != nil {
		t.Fatal(err)
	}
	return all.Tokens()
}

// TestLongLines: a text that a rule could read again from each of its characters would take hours here, or, by chroma's
// limit of time for each match, lose its colours.
func TestLongLines(t *testing.T) {
	suite.Long(t)
	long := 5_000
	if suite.Whole() {
		long = 20_000
	}
	for language := range lexers {
		for _, part := range []string{`"`, "'", `\"`, "f'{", "{", "<a", "a", "1", " ", "a ", "/*", "`", "@a.", "GET ", "$(", "a=", "\t\n", `"""`} {
			comesBack(t, language, strings.Repeat(part, long/len(part)))
		}
	}
}

// row is a text, as the words that it is to be taken apart into.
type row struct {
	name  string
	words []Word
}

func (r row) text() string {
	var all strings.Builder
	for _, word := range r.words {
		all.WriteString(word.Text)
	}
	return all.String()
}

var tables = map[string][]row{"console": consoleTable, "go": goTable, "http": httpTable, "python": pythonTable,
	"text": {{"no rules", []Word{{"", "\"a\" # 1\n"}}}, {"nothing", nil}}}

// TestWords runs the tables of all languages.
func TestWords(t *testing.T) {
	for language, rows := range tables {
		for _, row := range rows {
			t.Run(language+", "+row.name, func(t *testing.T) {
				comesBack(t, language, row.text())
				if got := Words(language, row.text()); !slices.Equal(got, row.words) {
					t.Errorf("%s\ngot  %q\nwant %q", row.text(), got, row.words)
				}
			})
		}
	}
}

func TestStyleHasAllClasses(t *testing.T) {
	for _, rows := range tables {
		for _, row := range rows {
			for _, word := range row.words {
				if word.Class != "" && !strings.Contains(Style, ".s-"+word.Class+" {") {
					t.Errorf("highlight.css has no colour for %q", word)
				}
			}
		}
	}
}
