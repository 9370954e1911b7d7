package pages

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"net/http"
	"strings"

	"github.com/alecthomas/chroma/v2"
	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/alecthomas/chroma/v2/styles"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"

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
	source := []byte(strings.ReplaceAll(page, sectionEnd, ""))
	markdown := tutorial.Markdown(goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(&course{s, c, lang, slides}, 1))))
	var out bytes.Buffer
	if err := markdown.Convert(source, &out); err != nil {
		return nil, err
	}
	var all []template.HTML
	for part := range strings.SplitSeq(out.String(), sectionEnd) {
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
		fmt.Fprintf(w, "<p class=\"from\">%s</p>", html.EscapeString(from))
	}
	lexer := lexers.Get(code.Language)
	if lexer == nil || code.Language == "console" {
		lexer = lexers.Fallback
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, outdent(code.Text))
	if err != nil {
		return ast.WalkStop, err
	}
	return ast.WalkSkipChildren, formatter.Format(w, styles.Get("github"), tokens)
}

// outdent takes the white space away that all lines begin with: an excerpt of a file may be deep in it.
func outdent(text string) string {
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

var formatter = chromahtml.New(chromahtml.WithClasses(true), chromahtml.TabWidth(4))

// writeCodeStyle gives code its colours, by day and by night.
func writeCodeStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css")
	fmt.Fprint(w, "@media not (prefers-color-scheme: dark) {\n") // each whole: what one leaves out would be taken from the other
	formatter.WriteCSS(w, styles.Get("github"))
	fmt.Fprint(w, "}\n@media (prefers-color-scheme: dark) {\n")
	formatter.WriteCSS(w, styles.Get("github-dark"))
	fmt.Fprint(w, "}\n.chroma, .bg { background: none !important }\n")
}

// widget is a question or an exercise in the text.
type widget struct {
	Lang     string
	Unit     string
	Question *tutorial.Question
	Exercise *tutorial.Exercise
	Done     bool
	File     string
	Panel    *panel // nil on a slide
}

func (c *course) directive(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	_, id, err := tutorial.ReadDirective(string(n.Lines().Value(source)))
	if err != nil {
		return ast.WalkStop, err
	}
	u, err := c.server.unit(c.chapter.ID + "/" + id)
	if err != nil {
		return ast.WalkStop, err
	}
	v := widget{Lang: c.lang, Unit: u.ID(), Question: u.Question, Exercise: u.Exercise, Done: c.server.Course.Done(u)}
	if u.Exercise != nil {
		p := c.server.panelOf(u.Exercise, c.lang)
		if v.File = p.File; !c.slides {
			v.Panel = &p
		}
	}
	return ast.WalkSkipChildren, templates.ExecuteTemplate(w, "widget", v)
}
