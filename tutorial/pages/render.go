package pages

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"

	"glasswsgi/inspect/highlight"
	"glasswsgi/tutorial"
)

// sectionEnd stands for a thematic break until the page is divided: no text can contain it.
const sectionEnd = "\x00"

// sections renders the text of a chapter, in the parts that are its slides.
func (s *Server) sections(c *tutorial.Chapter, lang string, slides bool) ([]template.HTML, error) {
	page, err := c.Page(lang)
	if err != nil {
		return nil, err
	}
	return s.render(page, c, lang, slides)
}

// render renders a text, which may belong to no chapter.
func (s *Server) render(page string, c *tutorial.Chapter, lang string, slides bool) ([]template.HTML, error) {
	source := []byte(strings.ReplaceAll(page, sectionEnd, ""))
	markdown := tutorial.Markdown(goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(&course{s, c, lang, slides}, 1))))
	var out bytes.Buffer
	if err := markdown.Convert(source, &out); err != nil {
		return nil, err
	}
	var all []template.HTML
	for part := range strings.SplitSeq(out.String(), sectionEnd) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		all = append(all, template.HTML(part)) // rendered from our own texts; HTML in them is refused by ReadDirective
	}
	return all, nil
}

// course renders what the texts have beside plain Markdown.
type course struct {
	server  *Server
	chapter *tutorial.Chapter
	lang    string
	slides  bool
}

// RegisterFuncs says which nodes.
func (c *course) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindThematicBreak, func(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			w.WriteString(sectionEnd)
		}
		return ast.WalkContinue, nil
	})
	r.Register(ast.KindFencedCodeBlock, c.code)
	r.Register(ast.KindHTMLBlock, c.directive)
}

func (c *course) code(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	code, err := tutorial.ReadCode(n.(*ast.FencedCodeBlock), source)
	if err != nil {
		return ast.WalkStop, err
	}
	if from := code.Options["from"]; from != "" {
		fmt.Fprintf(w, "<p class=\"from\">%s</p>", html.EscapeString(tutorial.Caption(from)))
	}
	fmt.Fprint(w, `<pre tabindex="0"><code>`) // which the keyboard can scroll
	for _, word := range highlight.Words(code.Language, tutorial.Outdent(code.Text)) {
		if word.Class == "" {
			fmt.Fprint(w, html.EscapeString(word.Text))
		} else {
			fmt.Fprintf(w, `<span class="s-%s">%s</span>`, word.Class, html.EscapeString(word.Text))
		}
	}
	fmt.Fprint(w, "</code></pre>")
	return ast.WalkSkipChildren, nil
}

// writeCodeStyle gives code its colours.
func writeCodeStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css")
	fmt.Fprint(w, highlight.Style)
}

// widget is a question or an exercise in the text.
type widget struct {
	Lang     string
	Unit     string
	Question *tutorial.Question
	Exercise *tutorial.Exercise
	Done     bool
	Answer   string // the first, which is kept
	File     string
	Panel    *panel // nil on a slide
}

// Ticked says whether a choice is the learner's, and Right whether it is right, of a question that is answered.
func (v widget) Ticked(i int) bool { return v.Question.Picked(v.Answer, i+1) }

// Right says whether a choice is right, of a question that is answered.
func (v widget) Right(i int) bool { return v.Done && slices.Contains(v.Question.Correct, i+1) }

// Verdict is what is said of the answer.
func (v widget) Verdict() string { return verdict(v.Question, v.Answer, v.Lang) }

func (c *course) directive(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	kind, id, err := tutorial.ReadDirective(string(n.Lines().Value(source)))
	switch {
	case err != nil:
		return ast.WalkStop, err
	case kind == "drawing":
		return ast.WalkSkipChildren, tutorial.Draw(w, id, c.lang, nil)
	}
	u, err := c.server.unit(c.chapter.ID + "/" + id)
	if err != nil {
		return ast.WalkStop, err
	}
	v := widget{Lang: c.lang, Unit: u.ID(), Question: u.Question, Exercise: u.Exercise, Done: c.server.Course.Done(u)}
	if u.Question != nil {
		v.Answer, _ = c.server.Course.Answered(u)
	}
	if u.Exercise != nil {
		p := c.server.panelOf(u.Exercise, c.lang)
		if v.File = p.File; !c.slides {
			v.Panel = &p
		}
	}
	if c.slides && u.Question != nil { // a question is a slide by itself, which everybody can see whole while they vote
		w.WriteString(sectionEnd)
		defer w.WriteString(sectionEnd)
	}
	return ast.WalkSkipChildren, templates.ExecuteTemplate(w, "widget", v)
}
