package tutorial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// Markdown is how the texts of the course are read, wherever they are shown. Options add to it.
func Markdown(options ...goldmark.Option) goldmark.Markdown {
	return goldmark.New(append(options, goldmark.WithExtensions(extension.Table, extension.CJK))...)
}

// Skeleton is what the texts of a chapter have in common in all languages.
type Skeleton struct {
	Headings   []int    // levels
	Code       []Code   // fenced blocks
	Directives []string // questions and exercises
	Drawings   []string // their ids
	Slides     int      // parts between thematic breaks
}

// Code is a fenced block.
type Code struct {
	Language string            // go, python, console, …
	Options  map[string]string // from=FILE, with=server
	Text     string
}

// ReadSkeleton takes a text apart.
func ReadSkeleton(page string) (*Skeleton, error) {
	source := []byte(page)
	s := &Skeleton{Slides: 1}
	var failed error
	err := ast.Walk(Markdown().Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			s.Headings = append(s.Headings, n.Level)
		case *ast.ThematicBreak:
			s.Slides++
		case *ast.FencedCodeBlock:
			code, err := ReadCode(n, source)
			if err != nil {
				failed = err
			}
			s.Code = append(s.Code, code)
		case *ast.HTMLBlock:
			kind, id, err := ReadDirective(string(n.Lines().Value(source)))
			if err != nil {
				failed = err
			}
			if kind == "drawing" {
				s.Drawings = append(s.Drawings, id)
			} else {
				s.Directives = append(s.Directives, kind+" "+id)
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return nil, err
	}
	return s, failed
}

// ReadCode reads the info string of a fenced block, and its lines.
func ReadCode(n *ast.FencedCodeBlock, source []byte) (Code, error) {
	c := Code{Options: map[string]string{}, Text: string(n.Lines().Value(source))}
	if n.Info == nil {
		return c, fmt.Errorf("a fenced block without a language: ```text, at least")
	}
	words := strings.Fields(string(n.Info.Value(source)))
	c.Language = words[0]
	for _, word := range words[1:] {
		name, value, ok := strings.Cut(word, "=")
		if !ok || name != "from" && name != "with" {
			return c, fmt.Errorf("```%s %s: the options are from=FILE and with=server", c.Language, word)
		}
		c.Options[name] = value
	}
	return c, nil
}

// ReadDirective reads <!-- predict: ID -->, <!-- exercise: ID --> or <!-- drawing: ID -->, which stands where a question,
// an exercise or a drawing is to be shown. There is no other HTML in the texts.
func ReadDirective(html string) (kind, id string, err error) {
	inner, opened := strings.CutPrefix(strings.TrimSpace(html), "<!--")
	inner, closed := strings.CutSuffix(inner, "-->")
	kind, id, ok := strings.Cut(inner, ":")
	kind, id = strings.TrimSpace(kind), strings.TrimSpace(id)
	if !opened || !closed || !ok || !slices.Contains([]string{"predict", "exercise", "drawing"}, kind) {
		return "", "", fmt.Errorf("%q: HTML in a text is <!-- predict: ID -->, <!-- exercise: ID --> or <!-- drawing: ID -->, on a line of its own with empty lines around it", strings.TrimSpace(html))
	}
	return kind, id, nil
}

// Transcript is a console session in a text: commands, and what they print.
type Transcript struct {
	Server   bool // the chapter's server runs meanwhile, at port 8888 of the text
	Commands []Command
}

// Command is one line after "$ ", and the lines up to the next. … in these stands for anything.
type Command struct{ Line, Output string }

// Transcripts are the console blocks of a page. All of them are run by a test.
func (s *Skeleton) Transcripts() (all []Transcript) {
	for _, code := range s.Code {
		if code.Language != "console" {
			continue
		}
		t := Transcript{Server: code.Options["with"] == "server"}
		for line := range strings.Lines(code.Text) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				t.Commands = append(t.Commands, Command{Line: strings.TrimSpace(command)})
			} else if n := len(t.Commands); n > 0 {
				t.Commands[n-1].Output += line
			}
		}
		all = append(all, t)
	}
	return all
}

// Outdent takes the white space away that all lines begin with: an excerpt of a file may be deep in it.
func Outdent(text string) string {
	common, first := "", true
	for line := range strings.Lines(text) {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if strings.TrimSpace(line) == "" {
			continue
		}
		if first {
			common, first = indent, false
		}
		for !strings.HasPrefix(indent, common) {
			common = common[:len(common)-1]
		}
	}
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString(strings.TrimPrefix(line, common))
	}
	return out.String()
}

// Caption is what a learner knows the file of an excerpt as: their own for what is in an exercise's folder.
func Caption(from string) string {
	for _, inner := range []string{"/python/stub/", "/go/stub/", "/python/solution/", "/go/solution/"} {
		from = strings.Replace(from, inner, "/", 1)
	}
	return from
}
