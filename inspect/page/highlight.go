package page

import (
	"errors"
	"net/http"
	"path"
	"strings"

	"glasswsgi/inspect/highlight"
	"glasswsgi/inspect/hub"
)

// Source is a file as the page shows it: lines of words, each with the class of its colour. It is no HTML: the browser
// makes text of it.
type Source struct {
	File  string        `json:"file"`
	Lines [][][2]string `json:"lines"` // {class, text}
	Stops []int         `json:"stops"` // lines where a breakpoint can stop
}

var errNoSource = errors.New("the page shows Go source of glass, and files of Python that end in .py")

// sourceOf highlights a file. Only source is read, whatever the page asks for: it is no way into other files.
func sourceOf(h *hub.Hub, file string) (*Source, error) {
	language := languages[path.Ext(file)]
	if language == "" {
		return nil, errNoSource
	}
	text, err := h.SourceOf(file)
	if err != nil {
		return nil, err
	}
	s := &Source{File: file, Lines: highlighted(language, text), Stops: []int{}}
	if stops, err := h.BreakpointLines(file); err == nil && stops != nil {
		s.Stops = stops
	}
	return s, nil
}

// languages are those that the page shows source in, by the end of a file's name.
var languages = map[string]string{".go": "go", ".py": "python"}

// lineEnds makes lines of what Python takes for lines.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func highlighted(language, text string) [][][2]string {
	lines := [][][2]string{}
	words := [][2]string{}
	for _, word := range highlight.Words(language, lineEnds.Replace(text)) {
		for part := range strings.Lines(word.Text) {
			line, ended := strings.CutSuffix(part, "\n")
			if line != "" {
				words = append(words, [2]string{word.Class, line})
			}
			if ended {
				lines, words = append(lines, words), [][2]string{}
			}
		}
	}
	if len(words) > 0 {
		lines = append(lines, words)
	}
	return lines
}

func (p *Page) source(w http.ResponseWriter, r *http.Request) {
	s, err := sourceOf(p.hub, r.URL.Query().Get("file"))
	if err != nil {
		fail(w, http.StatusNotFound, err)
		return
	}
	answer(w, s)
}
