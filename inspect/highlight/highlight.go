// Package highlight gives source its colours: a text comes in, and words with the class of their colour go out, which
// together are the text, byte for byte. Rules for chroma's lexer say where a word ends, and what it is.
//
// Chroma brings rules for 260 languages, and reads all of their names whenever the program starts, a server too, which
// shows no source. So the few languages that our pages show have rules here, which are compiled when they are first
// used. No rule goes back over what it has read, whatever the text: what spans lines is a state, and each rule takes one
// run of characters. Start reading with Words, then the rules of http.go, which are the fewest.
package highlight

import (
	_ "embed"
	"unicode/utf8"

	"github.com/alecthomas/chroma/v2"
)

// Style has a colour for each class, by day and by night: a page that uses it says color-scheme.
//
//go:embed highlight.css
var Style string

// Word is a part of a text. Class is empty, or a letter for which Style has the colour of .s-LETTER.
type Word struct{ Class, Text string }

var lexers = map[string]*chroma.RegexLexer{
	"console": chroma.MustNewLexer(&chroma.Config{Name: "console"}, consoleRules),
	"go":      chroma.MustNewLexer(&chroma.Config{Name: "go"}, goRules),
	"http":    chroma.MustNewLexer(&chroma.Config{Name: "http"}, httpRules),
	"python":  chroma.MustNewLexer(&chroma.Config{Name: "python"}, pythonRules),
}

// Knows tells whether there are rules for a language.
func Knows(language string) bool { return lexers[language] != nil }

// Words takes a text apart. One in a language without rules is one word.
func Words(language, text string) []Word {
	lexer := lexers[language]
	if lexer == nil {
		return appendWord(nil, "", text)
	}
	tokens, err := lexer.Tokenise(&chroma.TokeniseOptions{State: "root"}, text)
	if err != nil {
		panic(err) // a rule that does not compile: every test says so
	}
	var words []Word
	current, begin, end := "", 0, 0
	for token := range tokens.Stdlib() {
		if c := class(token.Type); c != current && token.Value != "" {
			words = appendWord(words, current, text[begin:end])
			current, begin = c, end
		}
		// Only the length is taken from a token: it has U+FFFD in the place of a byte that is no UTF-8.
		for range token.Value {
			_, size := utf8.DecodeRuneInString(text[end:])
			end += size
		}
	}
	words = appendWord(words, current, text[begin:end])
	return appendWord(words, "", text[end:])
}

func appendWord(words []Word, class, text string) []Word {
	if text == "" {
		return words
	}
	return append(words, Word{class, text})
}

// class is one of a few, so that the eye has few colours to tell apart.
func class(t chroma.TokenType) string {
	switch {
	case t == chroma.GenericPrompt:
		return "p"
	case t.InCategory(chroma.Comment), t == chroma.LiteralStringDoc:
		return "c"
	case t.InCategory(chroma.Keyword):
		return "k"
	case t.InSubCategory(chroma.LiteralString):
		return "s"
	case t.InSubCategory(chroma.LiteralNumber):
		return "m"
	case t.InSubCategory(chroma.NameFunction), t == chroma.NameDecorator:
		return "f"
	case t.InSubCategory(chroma.NameBuiltin), t.InSubCategory(chroma.NameVariable), t == chroma.NameAttribute:
		return "b"
	}
	return ""
}
