package tutorial

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
)

// Drawings are SVG, written once: drawings/ID.svg is a template, and drawings/words.toml has its words in each language.
// Colours are those of the page that they are put into, by the classes in pages/static/drawing.css.

//go:embed drawings
var drawingFiles embed.FS

// drawingWidth is that of every drawing, in its own units: a phone shows it at nearly that size.
const drawingWidth = 420

// lineHeight is between the lines of a word that has several.
const lineHeight = 18

// Place is where a chapter stands in the drawing of the whole way.
type Place struct {
	URL   string // of the chapter, where the drawing is shown
	Label string // the chapter's title and how far the learner has come
	State string // done, here, locked, or nothing
	Part  int    // how much is done, of 100
}

// drawing is one use of a template: it gives the functions that the template calls.
type drawing struct {
	id, language string
	words        map[string]Text
	places       map[string]Place
}

var (
	drawingWords = sync.OnceValue(func() map[string]map[string]Text {
		all := map[string]map[string]Text{}
		if _, err := toml.DecodeFS(drawingFiles, "drawings/words.toml", &all); err != nil {
			panic(err) // the file is part of the program: every test says so
		}
		return all
	})
	drawingTemplates = sync.OnceValue(func() *template.Template {
		return template.Must(template.New("").Funcs((&drawing{}).functions()).ParseFS(drawingFiles, "drawings/*.svg"))
	})
)

// Drawings are the ids of all drawings.
func Drawings() (ids []string) {
	names, err := fs.Glob(drawingFiles, "drawings/*.svg")
	if err != nil {
		panic(err) // only of a pattern that is none
	}
	for _, name := range names {
		ids = append(ids, strings.TrimSuffix(path.Base(name), ".svg"))
	}
	return ids
}

// Draw writes a drawing with its words in a language. Places are for the drawing that leads to chapters; nil for others.
func Draw(w io.Writer, id, language string, places map[string]Place) error {
	t, err := drawingTemplates().Clone()
	if err != nil {
		return err
	}
	d := &drawing{id, language, drawingWords()[id], places}
	return t.Funcs(d.functions()).ExecuteTemplate(w, id+".svg", nil)
}

// Describe says in a sentence what a drawing shows, for people who cannot see it, and at the terminal.
func Describe(id, language string) (string, error) {
	title, ok := drawingWords()[id]["title"]
	if !ok {
		return "", fmt.Errorf("there is no drawing %q with a title in tutorial/drawings/words.toml", id)
	}
	return title.In(language), nil
}

func (d *drawing) functions() template.FuncMap {
	return template.FuncMap{"svg": d.svg, "map": d.chart, "box": d.box, "arrow": d.arrow, "line": d.line, "text": d.text, "cells": d.cells, "stop": d.stop}
}

// word is a word of the drawing. What begins with = stands for itself, such as a name in the code.
func (d *drawing) word(key string) (string, error) {
	if literal, ok := strings.CutPrefix(key, "="); ok {
		return literal, nil
	}
	word, ok := d.words[key]
	if !ok {
		return "", fmt.Errorf("tutorial/drawings/words.toml: %s has no %s", d.id, key)
	}
	return word.In(d.language), nil
}

// svg begins a picture of a height.
func (d *drawing) svg(height int) (template.HTML, error) { return d.open("img", height) }

// chart begins a picture that has links in it.
func (d *drawing) chart(height int) (template.HTML, error) { return d.open("group", height) }

func (d *drawing) open(role string, height int) (template.HTML, error) {
	title, err := d.word("title")
	return markup(`<svg class="drawing" viewBox="0 0 %d %d" role="%s" aria-label="%s">`, drawingWidth, height, role, title), err
}

// box is a rectangle with a word in its middle.
func (d *drawing) box(class string, x, y, width, height int, key string) (template.HTML, error) {
	inside, err := d.text("middle "+class, x+width/2, y+height/2, key)
	return markup(`<rect class="box %s" x="%d" y="%d" width="%d" height="%d" rx="6"/>`, class, x, y, width, height) + inside, err
}

// text is a word at a place; its class says whether that is its start, middle or end.
func (d *drawing) text(class string, x, y int, key string) (out template.HTML, err error) {
	word, err := d.word(key)
	lines := strings.Split(word, "\n")
	y -= (len(lines) - 1) * lineHeight / 2
	for i, line := range lines {
		out += markup(`<text class="%s" x="%d" y="%d" dy=".35em">%s</text>`, class, x, y+i*lineHeight, line)
	}
	return out, err
}

// line is a line through points: x y x y …
func (d *drawing) line(class string, points ...int) template.HTML {
	return markup(`<polyline class="line %s" points="%s"/>`, class, strings.Trim(fmt.Sprint(points), "[]"))
}

// arrow is a line with a head at its last point.
func (d *drawing) arrow(class string, points ...int) template.HTML {
	const head = 8
	n := len(points)
	x, y, dx, dy := points[n-2], points[n-1], sign(points[n-2]-points[n-4]), sign(points[n-1]-points[n-3])
	left, right := [2]int{x - dx*head - dy*head/2, y - dy*head - dx*head/2}, [2]int{x - dx*head + dy*head/2, y - dy*head + dx*head/2}
	return d.line(class, points...) + markup(`<polygon class="head %s" points="%d %d %d %d %d %d"/>`, class, x, y, left[0], left[1], right[0], right[1])
}

func sign(n int) int { return min(1, max(-1, n)) }

// cells is a strip of boxes side by side, one for each text; a text that begins with ! stands out.
func (d *drawing) cells(x, y, width, height int, texts ...string) (out template.HTML) {
	for _, text := range texts {
		text, marked := strings.CutPrefix(text, "!")
		class := "cell"
		if marked {
			class += " strong"
		}
		out += markup(`<rect class="%s" x="%d" y="%d" width="%d" height="%d"/><text class="code middle" x="%d" y="%d" dy=".35em">%s</text>`,
			class, x, y, width, height, x+width/2, y+height/2, text)
		x += width
	}
	return out
}

// stop is the place of a chapter: a link with the part that is done as a ring around it.
func (d *drawing) stop(x, y int, id string) template.HTML {
	const radius = 17
	p := d.places[id]
	return markup(`<a class="stop %s" href="%s" aria-label="%s"><title>%s</title>`+
		`<circle class="ground" cx="%d" cy="%d" r="%d"/>`, p.State, p.URL, p.Label, p.Label, x, y, radius) +
		markup(`<circle class="ring" cx="%d" cy="%d" r="%d" pathLength="100" stroke-dasharray="%d 100" transform="rotate(-90 %d %d)"/>`, x, y, radius, p.Part, x, y) +
		markup(`<text class="middle" x="%d" y="%d" dy=".35em">%s</text></a>`, x, y, id)
}

// markup fills a format; what is filled in is escaped.
func markup(format string, values ...any) template.HTML {
	for i, v := range values {
		if s, ok := v.(string); ok {
			values[i] = template.HTMLEscapeString(s)
		}
	}
	return template.HTML(fmt.Sprintf(format, values...))
}
