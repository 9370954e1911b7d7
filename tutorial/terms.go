package tutorial

import (
	_ "embed"

	"github.com/BurntSushi/toml"
)

// Term is a word of the course in its languages.
type Term struct {
	EN   string `toml:"en"`
	ZH   string `toml:"zh"`
	Note string `toml:"note"`

	Not      []string `toml:"not"`      // what a text must not say in its place: regular expressions
	Glossary bool     `toml:"glossary"` // a common word, which only docs/GLOSSARY.md means in this sense
}

//go:embed terms.toml
var termsFile string

// Terms is the table of words.
func Terms() ([]Term, error) {
	var content struct {
		Terms []Term `toml:"term"`
	}
	_, err := toml.Decode(termsFile, &content)
	return content.Terms, err
}
