package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"regexp"
	"strings"

	"glasswsgi/inspect/highlight"
)

//go:embed static
var files embed.FS

// modules are the ES modules, each after those that it imports.
var modules = []string{"strings.js", "dom.js", "store.js", "moments.js", "places.js", "rows.js", "trails.js", "list.js", "waterfall.js", "pipeline.js", "bytes.js", "panels.js", "code.js", "control.js", "replay.js", "contract.js", "body.js", "relatives.js", "draft.js", "main.js"}

// Languages are those that the page speaks; the first one is the default.
var Languages = []string{"en", "zh"}

var shellTemplate = template.Must(template.ParseFS(files, "static/page.html"))

// shellData is what page.html is filled with. Style and Script are empty where they are files of their own.
type shellData struct {
	App       string
	Catalogs  map[string]map[string]string
	Recording *Recording
	Policy    string
	Style     template.CSS
	Script    template.JS
}

// catalogs are the texts of the page, by language and key.
func catalogs() (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	for _, language := range Languages {
		text, err := files.ReadFile("static/" + language + ".json")
		if err != nil {
			return nil, err
		}
		catalog := map[string]string{}
		if err := json.Unmarshal(text, &catalog); err != nil {
			return nil, fmt.Errorf("%s.json: %w", language, err)
		}
		all[language] = catalog
	}
	return all, nil
}

func (p *Page) shell(w http.ResponseWriter, r *http.Request) {
	texts, err := catalogs()
	var out bytes.Buffer
	if err == nil {
		err = shellTemplate.Execute(&out, shellData{App: p.options.App, Catalogs: texts})
	}
	if err != nil {
		fail(w, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(out.Bytes())
}

// kinds are the static files that are given out.
var kinds = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

func (p *Page) static(w http.ResponseWriter, r *http.Request) {
	name := path.Base(r.PathValue("name"))
	text, err := read(name)
	kind := kinds[path.Ext(name)]
	if err != nil || kind == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Write(text)
}

// read reads a static file. The style of the page has the colours of source in it, which the course's pages use as well.
func read(name string) ([]byte, error) {
	text, err := files.ReadFile("static/" + name)
	if err == nil && name == "page.css" {
		text = append(text, highlight.Style...)
	}
	return text, err
}

func standalone(rec *Recording) ([]byte, error) {
	texts, err := catalogs()
	if err != nil {
		return nil, err
	}
	style, err := read("page.css")
	if err != nil {
		return nil, err
	}
	script, err := bundle()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = shellTemplate.Execute(&out, shellData{
		App: rec.App, Catalogs: texts, Recording: rec, Style: template.CSS(style), Script: template.JS(script),
		Policy: "default-src 'none'; img-src data:; script-src " + hash(script) + "; style-src " + hash(string(style)) + "; base-uri 'none'; form-action 'none'",
	})
	return out.Bytes(), err
}

// hash names an inline script, or style, in a Content-Security-Policy: no other one runs.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

var (
	importLine = regexp.MustCompile(`(?m)^import .*;\n`)
	exportWord = regexp.MustCompile(`(?m)^export `)
)

// bundle makes one script of the modules: a page that is a file cannot import others. Names at the top of the modules
// must differ; browsers say so otherwise, in the test.
func bundle() (string, error) {
	var all strings.Builder
	for _, name := range modules {
		text, err := files.ReadFile("static/" + name)
		if err != nil {
			return "", err
		}
		all.Write(exportWord.ReplaceAll(importLine.ReplaceAll(text, nil), nil))
	}
	return all.String(), nil
}
