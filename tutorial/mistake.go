package tutorial

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"

	"glasswsgi/check"
)

// When says how a mistake is recognised, in what a failed check left. All that is given must match. Regular expressions
// see byte n as code point n; {random} stands for what it was.
type When struct {
	Check    string `toml:"check"`    // the check that failed
	Problem  string `toml:"problem"`  // one of the problems in attempt.go: the program did not get as far as the check
	Received string `toml:"received"` // all that the server sent; standard output; the JSON of a call or a script
	Without  string `toml:"without"`  // not found in it
	Failure  string `toml:"failure"`  // the text of what is wrong
	Printed  string `toml:"printed"`  // what the program printed on standard error
	Source   string `toml:"source"`   // found in a file of the learner's, for what leaves no other trace
}

func (w *When) compile() error {
	if w.Received+w.Without+w.Failure+w.Printed+w.Source+w.Problem == "" {
		return fmt.Errorf("when needs received, without, failure, printed, source or problem")
	}
	if w.Problem != "" && !slices.Contains(problems, w.Problem) {
		return fmt.Errorf("there is no problem %s; there are %s", w.Problem, strings.Join(problems, ", "))
	}
	for _, expression := range []string{w.Received, w.Without, w.Failure, w.Printed, w.Source} {
		if _, err := regexp.Compile(strings.ReplaceAll(expression, "{random}", "")); err != nil {
			return err
		}
	}
	return nil
}

// matches holds one failed check to it.
func (w *When) matches(o *Outcome) bool {
	found := func(expression, text string) bool {
		expression = strings.ReplaceAll(expression, "{random}", regexp.QuoteMeta(o.Random))
		return expression == "" || regexp.MustCompile(expression).MatchString(text)
	}
	received := check.Latin1(o.Received)
	return (w.Check == "" || w.Check == o.Check.ID) && w.Problem == o.Problem &&
		found(w.Received, received) && (w.Without == "" || !found(w.Without, received)) &&
		found(w.Failure, o.failure()) && found(w.Printed, o.Printed) && found(w.Source, o.source)
}

//go:embed mistakes.toml
var commonMistakes string

// common are the mistakes that can be made in any exercise; those of the chapter are looked for first.
var common = sync.OnceValue(func() []*Mistake {
	var content struct {
		Mistakes []*Mistake `toml:"mistake"`
	}
	if _, err := toml.Decode(commonMistakes, &content); err != nil {
		panic(err) // the file is part of the program: every test says so
	}
	for _, m := range content.Mistakes {
		for i := range m.When {
			if err := m.When[i].compile(); err != nil {
				panic(err)
			}
		}
	}
	return content.Mistakes
})

// name finds the mistake that explains a failed check, or nil.
func (e *Exercise) name(o *Outcome) *Mistake {
	for _, m := range slices.Concat(e.Chapter.Mistakes, common()) {
		other := m.Exercise != "" && m.Exercise != e.ID || m.Exercise == "" && e.Probes() && slices.Contains(e.Chapter.Mistakes, m)
		if other || m.ID == notCaught && !o.uncaught() {
			continue
		}
		for i := range m.When {
			if w := &m.When[i]; (w.Printed != "" || !o.slipped()) && w.matches(o) {
				return m.about(o)
			}
		}
	}
	return nil
}

// about says what was raised, where that is the mistake.
func (m *Mistake) about(o *Outcome) *Mistake {
	if m.ID != notCaught {
		return m
	}
	said := *m
	said.Advice = Text{o.Raised.String() + "\n" + m.Advice.EN, o.Raised.String() + "\n" + m.Advice.ZH}
	return &said
}

// MistakeNames are the names of all mistakes, by id: whoever only hears of an id can say what it means.
func MistakeNames(chapters []*Chapter, language string) map[string]string {
	names := map[string]string{}
	for _, m := range common() {
		names[m.ID] = m.Name.In(language)
	}
	for _, c := range chapters {
		for _, m := range c.Mistakes {
			names[m.ID] = m.Name.In(language)
		}
	}
	return names
}
