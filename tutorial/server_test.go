package tutorial

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mostLines is how long a file may be that a learner reads: a few minutes' worth.
const mostLines = 150

var update = flag.Bool("update", false, "copy the files of the chapters' servers from where they begin; the diff is the review")

// TestServers: each file of a chapter's server is short, begins in one chapter, which says so in chapter.toml and in its
// text, and goes on unchanged. What is given with an exercise in Go are the same files.
func TestServers(t *testing.T) {
	carried := map[string][]byte{} // as they are in the last chapter so far
	for _, c := range chapters(t) {
		if c.Server != nil {
			files, err := c.tree("server")
			if err != nil {
				t.Fatal(err)
			}
			carried = checkServer(t, c, files, carried)
		}
		for _, e := range c.Exercises {
			for _, kind := range []string{"stub", "solution"} {
				for _, language := range e.Languages {
					checkGiven(t, e, language, kind, carried)
				}
			}
		}
	}
}

// checkServer returns the files of a server that later ones may have.
func checkServer(t *testing.T, c *Chapter, files, before map[string][]byte) map[string][]byte {
	for name, text := range files {
		place := path.Join(c.Folder, "server", name)
		checkLines(t, place, text)
		switch adds := slices.Contains(c.Server.Adds, name); {
		case name == "main.go":
			if !bytes.HasPrefix(text, []byte("// The server of chapter "+strings.TrimPrefix(c.ID, "0")+": ")) {
				t.Errorf("%s: the first line says whose server it is, and what it does", place)
			}
		case adds && bytes.Equal(text, before[name]):
			t.Errorf("%s is as it was: take it from adds", place)
		case adds:
			checkGrowsInto(t, place, text)
			for _, language := range Languages {
				if page, _ := c.Page(language); !strings.Contains(page, name) {
					t.Errorf("%s: %s.md does not name it", place, language)
				}
			}
		default:
			checkCarried(t, place, text, before[name])
			files[name] = before[name]
		}
	}
	delete(files, "main.go")
	return files
}

func checkLines(t *testing.T, place string, text []byte) {
	if n := bytes.Count(text, []byte("\n")); n > mostLines {
		t.Errorf("%s has %d lines, and may have %d", place, n, mostLines)
	}
}

var growsInto = regexp.MustCompile(`^// .*\. In glass: (\S+\.(?:go|py)(?:, \S+\.(?:go|py))*)\n`)

// checkGrowsInto: the first line of a file names the files of glass itself that do the same, and so does chapter 14.
func checkGrowsInto(t *testing.T, place string, text []byte) {
	match := growsInto.FindSubmatch(text)
	if match == nil {
		t.Errorf("%s: the first line says what is in it, and ends with: In glass: FILE.go", place)
		return
	}
	names := strings.Split(string(match[1]), ", ")
	for _, name := range names {
		if _, err := os.Stat(path.Join("..", name)); err != nil {
			t.Errorf("%s: %v", place, err)
		}
	}
	chapter := strings.TrimLeft(strings.SplitN(place, "-", 2)[0], "0")
	for page, comma := range map[string]string{"14-clinic/en.md": "`, `", "14-clinic/zh.md": "`、`"} {
		row := fmt.Sprintf("| %s | `%s` | `%s` |", chapter, path.Base(place), strings.Join(names, comma))
		if text, err := fs.ReadFile(Files, page); err != nil || !strings.Contains(string(text), row) {
			t.Errorf("%s does not have the row %s (%v)", page, row, err)
		}
	}
}

func checkCarried(t *testing.T, place string, text, want []byte) {
	switch {
	case want == nil:
		t.Errorf("%s is new: name it in adds", place)
	case bytes.Equal(text, want):
	case !*update:
		t.Errorf("%s is not what it was in the chapter before: go test ./tutorial -run TestServers -update copies it, or it belongs into adds", place)
	default:
		if err := os.WriteFile(place, want, 0o644); err != nil {
			t.Fatal(err)
		}
		t.Errorf("%s is copied", place)
	}
}

// tasked: does the task say, in each language, that the file is given?
func tasked(e *Exercise, name string) bool {
	return !slices.ContainsFunc(Languages, func(language string) bool { return !strings.Contains(e.Task.In(language), name) })
}

// checkGiven: what a learner is given is short. In Go it is main.go, which is the learner's, given.go, other files that the
// task names, and files of the chapter's server. Each folder has them, because each must compile by itself.
func checkGiven(t *testing.T, e *Exercise, language, kind string, carried map[string][]byte) {
	files, err := e.files(language, kind)
	if err != nil {
		t.Fatal(err)
	}
	stub, err := e.Stub(language)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		place := path.Join(e.Path(), language, kind, name)
		if kind == "stub" || language == "go" {
			checkLines(t, place, text)
		}
		switch {
		case language != "go", name == "main.go":
		case name != "given.go" && !tasked(e, name):
			checkCarried(t, place, text, carried[name])
		case !bytes.Equal(text, stub[name]):
			t.Errorf("%s: it is not the same as in the stub", place)
		}
	}
	if language == "go" {
		compare(t, e.Name()+" (en: stub, zh: solution)", slices.Sorted(maps.Keys(stub)), slices.Sorted(maps.Keys(files)))
	}
}
