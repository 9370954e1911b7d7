package tutorial

import (
	_ "embed"
	"errors"
	"sync"

	"github.com/BurntSushi/toml"

	"glasswsgi/check"
)

//go:embed wrong.toml
var wrongFile string

var wrong = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	if _, err := toml.Decode(wrongFile, &all); err != nil {
		panic(err) // the file is part of the program: every test says so
	}
	return all
})

// translation of what checks say; nil is English. What is missing stays English: a test looks for each.
func translation(language string) check.Translate {
	if language == "en" {
		return nil
	}
	return func(format string) string {
		if translated, ok := wrong()[format]; ok {
			return translated
		}
		return format
	}
}

// complaint is an error of a learner's program. Its text is English, by which mistakes are recognised.
type complaint struct{ check.Phrase }

func (c complaint) Error() string { return c.Phrase.String() }

func complain(format string, args ...any) error {
	return complaint{phrase(format, args...)}
}

func phrase(format string, args ...any) check.Phrase { return check.Phrase{Format: format, Args: args} }

// inLanguage is the text of an error, in a language where it is known there.
func inLanguage(err error, language string) string {
	var failure *check.Failure
	var said complaint
	switch {
	case err == nil:
		return ""
	case errors.As(err, &failure):
		return failure.In(translation(language))
	case errors.As(err, &said):
		return said.In(translation(language))
	}
	return err.Error()
}
