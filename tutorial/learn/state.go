package learn

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"glasswsgi/tutorial"
)

// stateFile is in the learner's folder: on disk, where nothing clears it away.
const stateFile = ".glass-learn.json"

// state is what is remembered between two sittings.
type state struct {
	Lang     string              `json:"lang"`               // en, zh
	In       string              `json:"in"`                 // go, python
	Current  string              `json:"current"`            // the unit: 02/always-the-same
	Done     map[string]bool     `json:"done"`               // units
	Attempts map[string]int      `json:"attempts,omitempty"` // judgements of an exercise
	Hints    map[string]int      `json:"hints,omitempty"`    // levels seen
	Mistakes map[string][]string `json:"mistakes,omitempty"` // of the failures since the last success, the last few
	Key      string              `json:"key,omitempty"`      // keeps the learner's name in a class
	Answers  map[string]string   `json:"answers,omitempty"`  // the first to each question
	Class    string              `json:"class,omitempty"`    // the URL of the class, so that each terminal joins it
	As       string              `json:"as,omitempty"`       // the name there
	Left     map[string]string   `json:"left,omitempty"`     // the digest of what was judged last, so that it is not judged again
}

// keptMistakes is enough to see that somebody is stuck.
const keptMistakes = 8

func (s *state) fill() {
	for _, m := range []*map[string]int{&s.Attempts, &s.Hints} {
		if *m == nil {
			*m = map[string]int{}
		}
	}
	if s.Done == nil {
		s.Done = map[string]bool{}
	}
	if s.Mistakes == nil {
		s.Mistakes = map[string][]string{}
	}
	if s.Answers == nil {
		s.Answers = map[string]string{}
	}
	if s.Left == nil {
		s.Left = map[string]string{}
	}
}

func loadState(dir, lang string) (*state, error) {
	s := &state{}
	path := filepath.Join(dir, stateFile)
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		if err := json.Unmarshal(text, s); err != nil {
			return nil, fmt.Errorf(tutorial.Say(lang, "state-broken"), path, err)
		}
	}
	s.fill()
	return s, nil
}

// LangOf is the language of the course in a folder; that of the system, where there is none, or none that can be read.
func LangOf(dir, system string) string {
	s, err := loadState(dir, "en")
	if err != nil {
		return firstOf(system, "en")
	}
	return firstOf(s.Lang, system, "en")
}

// save replaces the file whole, so that a crash leaves the one from before.
func (s *state) save(dir string) error {
	text, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, stateFile)
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Find returns the folder of a course that was begun: dir, or the nearest above it, or course in it.
func Find(dir string) (string, bool) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", false
	}
	for at := absolute; ; at = filepath.Dir(at) {
		if begun(at) {
			return at, true
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	if below := filepath.Join(absolute, DefaultFolder); begun(below) {
		return below, true
	}
	return "", false
}

// DefaultFolder is made where the course is begun without a name for it.
const DefaultFolder = "wsgi-course"

func begun(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, stateFile))
	return err == nil
}

// Unit is one thing to do: a question, or an exercise.
type Unit struct {
	Chapter  *tutorial.Chapter
	Question *tutorial.Question
	Exercise *tutorial.Exercise
}

// ID names a unit: 02/how-long.
func (u Unit) ID() string {
	if u.Question != nil {
		return u.Chapter.ID + "/" + u.Question.ID
	}
	return u.Exercise.Name()
}

// units are those of a chapter, in the order in which its text shows them.
func units(c *tutorial.Chapter) (all []Unit, err error) {
	page, err := c.Page("en")
	if err != nil {
		return nil, err
	}
	skeleton, err := tutorial.ReadSkeleton(page)
	if err != nil {
		return nil, err
	}
	for _, directive := range skeleton.Directives {
		u := Unit{Chapter: c}
		var kind, id string
		fmt.Sscan(directive, &kind, &id)
		if kind == "predict" {
			u.Question = c.Question(id)
		} else {
			u.Exercise = c.Exercise(id)
		}
		if u.Question == nil && u.Exercise == nil {
			return nil, fmt.Errorf("%s: there is no %s", c.Folder, directive)
		}
		all = append(all, u)
	}
	return all, nil
}
