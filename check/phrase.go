package check

import (
	"bytes"
	"errors"
	"fmt"
)

// Phrase is something said in English that can be said in another language as well: a format, which is what a catalogue
// knows it by, and what stands in it.
type Phrase struct {
	Format string
	Args   []any // other phrases, or what is the same in every language
}

// Translate gives a format of another language for an English one. It takes the same arguments.
type Translate func(format string) string

func say(format string, args ...any) Phrase { return Phrase{format, args} }

// String says it in English.
func (p Phrase) String() string { return p.In(nil) }

// In says it in another language; nil is English.
func (p Phrase) In(translate Translate) string {
	args := make([]any, len(p.Args))
	for i, arg := range p.Args {
		if inner, ok := arg.(Phrase); ok {
			arg = inner.In(translate)
		}
		args[i] = arg
	}
	return fmt.Sprintf(translate.of(p.Format), args...)
}

func (t Translate) of(format string) string {
	if t == nil {
		return format
	}
	return t(format)
}

// Failure says what was wrong with an answer, and where.
type Failure struct {
	Text    Phrase
	Got     []byte // the line that is wrong, if it is one
	At      int    // the first wrong byte of it
	Want    []byte // what the rest of it should have been, if that is known
	Nearest error  // what was wrong with the alternative that came nearest
}

func (f *Failure) Error() string { return f.In(nil) }

// In says it in another language.
func (f *Failure) In(translate Translate) string {
	text := f.Text.In(translate)
	if f.Nearest == nil {
		return text
	}
	var nearest *Failure
	if errors.As(f.Nearest, &nearest) {
		return text + "\n" + nearest.In(translate)
	}
	return text + "\n" + f.Nearest.Error()
}

// Unclear is the error of an answer by which a probe cannot tell whether the server has its flaw.
type Unclear struct{ Because string }

func (u *Unclear) Error() string { return "cannot tell: " + u.Because }

const (
	keptBefore = 200 // bytes of what was wrong that are kept, before the first wrong one
	keptAfter  = 2000
)

// clip keeps of a failure what is shown, and lets go of the rest of what the server sent.
func clip(err error) error {
	if nearest := Nearest(err); nearest != nil {
		from := max(0, nearest.At-keptBefore)
		if nearest.Want != nil && bytes.HasPrefix(nearest.Want, nearest.Got[:min(nearest.At, len(nearest.Got))]) {
			nearest.Want = nearest.Want[min(from, len(nearest.Want)):]
		}
		nearest.Want = bytes.Clone(nearest.Want[:min(len(nearest.Want), keptBefore+keptAfter)])
		nearest.Got = bytes.Clone(nearest.Got[from:min(len(nearest.Got), nearest.At+keptAfter)])
		nearest.At -= from
	}
	return err
}
