package tutorial

import "embed"

//go:embed field.*.md
var fieldFiles embed.FS

// Field is the page on the history of WSGI and on those who use it, which belongs to no chapter.
func Field(language string) (string, error) {
	text, err := fieldFiles.ReadFile("field." + language + ".md")
	return string(text), err
}
