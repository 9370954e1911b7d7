package pages

import (
	"testing"

	"glasswsgi/inspect/highlight"
	"glasswsgi/tutorial"
)

// TestCodeHasColours: there are rules for the language of each block, or it says that it is text.
func TestCodeHasColours(t *testing.T) {
	chapters, err := tutorial.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range chapters {
		page, err := c.Page("en")
		if err != nil {
			t.Fatal(err)
		}
		skeleton, err := tutorial.ReadSkeleton(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range skeleton.Code {
			if code.Language != "text" && !highlight.Knows(code.Language) {
				t.Errorf("chapter %s: a block of %s, which inspect/highlight has no rules for", c.ID, code.Language)
			}
		}
	}
}
