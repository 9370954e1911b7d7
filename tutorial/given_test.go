package tutorial

import (
	"bytes"
	"strings"
	"testing"
)

// TestGivenFiles: what is given with an exercise in Go is in both of its folders, because each must compile by itself. It
// is the same file.
func TestGivenFiles(t *testing.T) {
	for _, c := range chapters(t) {
		for _, e := range c.Exercises {
			for _, language := range e.Languages {
				stub, err := e.files(language, "stub")
				if err != nil {
					t.Fatal(err)
				}
				solution, err := e.files(language, "solution")
				if err != nil {
					t.Fatal(err)
				}
				for name, text := range solution {
					if strings.HasPrefix(name, "given.") && !bytes.Equal(text, stub[name]) {
						t.Errorf("%s: %s is not the same in %s/stub and %s/solution", e.Name(), name, language, language)
					}
				}
			}
		}
	}
}
