package page

import (
	"errors"
	"net/http"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"glasswsgi/inspect/hub"
)

// Source is a file as the page shows it: lines of words, each with the class of its colour. It is no HTML: the browser
// makes text of it.
type Source struct {
	File  string        `json:"file"`
	Lines [][][2]string `json:"lines"` // {class, text}
	Stops []int         `json:"stops"` // lines where a breakpoint can stop
}

const maxSource = 1 << 20 // bytes of a file that is shown

var errNoSource = errors.New("the page shows Go source of glass, and files of Python that end in .py")

// sourceOf highlights a file. Only source is read, whatever the page asks for: it is no way into other files.
func sourceOf(h *hub.Hub, file string) (*Source, error) {
	if !strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, ".py") {
		return nil, errNoSource
	}
	text, err := h.SourceOf(file)
	if err != nil {
		return nil, err
	}
	if len(text) > maxSource {
		text = strings.ToValidUTF8(text[:maxSource], "")
	}
	s := &Source{File: file, Lines: highlighted(file, text), Stops: []int{}}
	if stops, err := h.BreakpointLines(file); err == nil && stops != nil {
		s.Stops = stops
	}
	return s, nil
}

func highlighted(file, text string) [][][2]string {
	lexer := lexers.Match(file)
	if lexer == nil {
		lexer = lexers.Fallback
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, text)
	if err != nil {
		tokens = chroma.Literator(chroma.Token{Type: chroma.Text, Value: text})
	}
	lines := [][][2]string{}
	for _, line := range chroma.SplitTokensIntoLines(tokens.Tokens()) {
		words := [][2]string{}
		for _, token := range line {
			if word := strings.TrimRight(token.Value, "\r\n"); word != "" {
				words = append(words, [2]string{class(token.Type), word})
			}
		}
		lines = append(lines, words)
	}
	return lines
}

// class is one of a few: the theme has one colour for each.
func class(t chroma.TokenType) string {
	switch {
	case t.InCategory(chroma.Comment) || t == chroma.LiteralStringDoc:
		return "c"
	case t.InCategory(chroma.Keyword):
		return "k"
	case t.InSubCategory(chroma.LiteralString):
		return "s"
	case t.InSubCategory(chroma.LiteralNumber):
		return "m"
	case t == chroma.NameFunction, t == chroma.NameClass, t == chroma.NameDecorator, t == chroma.NameFunctionMagic:
		return "f"
	case t.InSubCategory(chroma.NameBuiltin):
		return "b"
	}
	return ""
}

func (p *Page) source(w http.ResponseWriter, r *http.Request) {
	s, err := sourceOf(p.hub, r.URL.Query().Get("file"))
	if err != nil {
		fail(w, http.StatusNotFound, err)
		return
	}
	answer(w, s)
}
