package tutorial

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDrawings: each is well-formed in both languages, has all of its words and no others, and stands in a text.
func TestDrawings(t *testing.T) {
	used := map[string]bool{"way": true} // the index has this one
	field, err := Field("en")
	if err != nil {
		t.Fatal(err)
	}
	texts, err := ReadSkeleton(field)
	if err != nil {
		t.Fatal(err)
	}
	shown := texts.Drawings
	for _, c := range chapters(t) {
		shown = append(shown, skeleton(t, c, "en.md").Drawings...)
	}
	for _, id := range shown {
		used[id] = true
	}
	ids := Drawings()
	for id := range used {
		if !slices.Contains(ids, id) {
			t.Errorf("there is no drawing %s", id)
		}
	}
	for _, id := range ids {
		if !used[id] {
			t.Errorf("no text has the drawing %s", id)
		}
		source, err := drawingFiles.ReadFile("drawings/" + id + ".svg")
		if err != nil {
			t.Fatal(err)
		}
		for key := range drawingWords()[id] {
			if key != "title" && !strings.Contains(string(source), `"`+key+`"`) {
				t.Errorf("%s does not use its word %s", id, key)
			}
		}
		for _, language := range Languages {
			var out strings.Builder
			if err := Draw(&out, id, language, nil); err != nil {
				t.Error(err)
				continue
			}
			if err := wellFormed(out.String()); err != nil {
				t.Errorf("%s in %s: %v", id, language, err)
			}
		}
	}
	for id := range drawingWords() {
		if !slices.Contains(ids, id) {
			t.Errorf("words.toml has words of %s, which is no drawing", id)
		}
	}
}

func wellFormed(svg string) error {
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		switch _, err := d.Token(); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// TestWayHasEveryChapter: each chapter has its place in the drawing of the index.
func TestWayHasEveryChapter(t *testing.T) {
	places := map[string]Place{}
	for _, c := range chapters(t) {
		places[c.ID] = Place{URL: "chapter/" + c.ID, Label: c.Title.EN, State: "done", Part: 40}
	}
	var out strings.Builder
	if err := Draw(&out, "way", "en", places); err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, link := range regexp.MustCompile(`href="chapter/([^"]+)"`).FindAllStringSubmatch(out.String(), -1) {
		shown[link[1]] = true
	}
	compare(t, "chapters (en: of the course, zh: in the drawing)", slices.Sorted(maps.Keys(places)), slices.Sorted(maps.Keys(shown)))
	if n := strings.Count(out.String(), `stroke-dasharray="40 100"`); n != len(places) {
		t.Errorf("%d rings show how much is done", n)
	}
}
