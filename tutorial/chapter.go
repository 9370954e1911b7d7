package tutorial

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"glasswsgi/check"
)

// Chapter is one folder of the course.
type Chapter struct {
	ID      string `toml:"-"` // "02", "b1": how the folder begins
	Folder  string `toml:"-"` // "02-socket"
	Title   Text   `toml:"title"`
	Goal    Text   `toml:"goal"`     // one sentence: what one can do afterwards
	Minutes int    `toml:"minutes"`  // the sum of the plan
	HalfDay bool   `toml:"half_day"` // it belongs to the half-day course
	AtHome  bool   `toml:"at_home"`  // a day has no time for it: learners do it afterwards
	Plan    []Part `toml:"plan"`

	Server    *Server     `toml:"server"`
	Questions []*Question `toml:"predict"`
	Exercises []*Exercise `toml:"exercise"`
	Mistakes  []*Mistake  `toml:"mistake"`

	files fs.FS
}

// Part is one entry of the plan of a chapter.
type Part struct {
	Minutes int  `toml:"minutes"`
	What    Text `toml:"what"`
}

// Server is the small server of a chapter: the folder server. It runs, and is broken in just one way, which the next
// chapter that has a server mends. Each chapter has a main.go of its own; the other files go on unchanged into the
// servers of later chapters.
type Server struct {
	Args   []string `toml:"args"`   // after the port
	Adds   []string `toml:"adds"`   // the files that begin here, or change
	Broken *Check   `toml:"broken"` // fails here, passes there; left out in the last one
}

// Question is asked before something is run, and the first answer counts. It has choices, of which some are correct, or answers to type.
type Question struct {
	ID      string   `toml:"id"`
	Ask     Text     `toml:"ask"`
	Choices []Text   `toml:"choices"`
	Correct []int    `toml:"correct"` // from 1
	Answers []string `toml:"answers"` // any of them is right; case and spaces around do not count
	Why     Text     `toml:"why"`

	// Why a wrong answer is tempting, and wrong: by the number of the choice, or by what is typed, in lower case.
	Tempting map[string]Text `toml:"but"`
}

// Exercise is something to write. Its files are in the folder of its name: go/stub, go/solution, python/stub, …
type Exercise struct {
	ID        string   `toml:"id"`
	Title     Text     `toml:"title"`
	Task      Text     `toml:"task"`
	Languages []string `toml:"languages"` // go, python; checks, if it has probes
	Program   string   `toml:"program"`   // the Python file to run; left out: server.py
	Args      []string `toml:"args"`      // of the program; left out: the port, where it is a server
	Serve     string   `toml:"serve"`     // an application that glass serves for the checks, in place of a program
	Score     bool     `toml:"score"`     // all checks run each time, and are counted
	Step      string   `toml:"step"`      // the application that glass runs to be looked into: where a check failed, in the inspector
	Request   *string  `toml:"request"`   // what would come before standard input in a request; nil: it is no part of one
	Hints     []Text   `toml:"hints"`
	Checks    []*Check `toml:"check"`

	Variants `toml:"-"` // of the solution: variants.toml in the exercise's folder
	Chapter  *Chapter   `toml:"-"`
}

// Check is one thing that an exercise is held to. It has exactly one of Steps, Call, Script, Run and Probe.
type Check struct {
	ID      string        `toml:"id"`
	What    Text          `toml:"what"`
	Why     Text          `toml:"why"`
	Rule    string        `toml:"rule"` // RFC 9112 §6.3, PEP 3333 "environ Variables"; may be left out
	Timeout duration      `toml:"timeout"`
	Steps   []*check.Step `toml:"steps"`
	Call    *Call         `toml:"call"`
	Script  string        `toml:"script"`
	Run     *Run          `toml:"run"`
	Probe   *Probe        `toml:"probe"`
	Restart bool          `toml:"restart"` // the server is stopped and started again at the same port before
	Expect  []string      `toml:"expect"`  // alternatives: body, length, json conditions; not with steps
	Stage   string        `toml:"stage"`   // the step of a request, as in docs/TRACE.md, that a failure is about
	expect  *check.Conditions
}

// Call is a call of a WSGI application without a server.
type Call struct {
	App     string            `toml:"app"` // FILE.py:CALLABLE
	Method  string            `toml:"method"`
	Target  string            `toml:"target"`
	Headers map[string]string `toml:"headers"`
	Body    string            `toml:"body"`
	Environ map[string]string `toml:"environ"` // in place of what is there
}

// Run is a run of the program to its end.
type Run struct {
	Args  []string `toml:"args"`
	Stdin string   `toml:"stdin"`
}

// Mistake is the name of something that people get wrong, and how it is recognised.
type Mistake struct {
	ID       string `toml:"id"`
	Exercise string `toml:"exercise"` // left out: any
	Name     Text   `toml:"name"`     // one sentence: You counted characters, not bytes.
	Advice   Text   `toml:"advice"`
	When     []When `toml:"when"`
}

type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

// waits is how long a check waits for each answer, where it says so.
func (c *Check) waits() time.Duration { return time.Duration(c.Timeout) }

// Load reads the chapters of the course, in their order.
func Load() ([]*Chapter, error) { return LoadFrom(Files) }

// LoadFrom reads chapters. Whatever is not understood, or not complete, is an error that says where.
func LoadFrom(files fs.FS) (chapters []*Chapter, err error) {
	folders, err := fs.Glob(files, "[0-9b]*-*")
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		below, err := fs.Sub(files, folder)
		if err != nil {
			return nil, err
		}
		c, err := loadChapter(folder, below)
		if err != nil {
			return nil, fmt.Errorf("tutorial/%s: %w", folder, err)
		}
		chapters = append(chapters, c)
	}
	return chapters, nil
}

func loadChapter(folder string, files fs.FS) (*Chapter, error) {
	c := &Chapter{Folder: folder, files: files}
	c.ID, _, _ = strings.Cut(folder, "-")
	text, err := fs.ReadFile(files, "chapter.toml")
	if err != nil {
		return nil, err
	}
	meta, err := toml.Decode(string(text), c)
	var syntax toml.ParseError
	switch {
	case errors.As(err, &syntax):
		return nil, errors.New("chapter.toml: " + syntax.ErrorWithPosition())
	case err != nil:
		return nil, fmt.Errorf("chapter.toml: %w", err)
	}
	for _, key := range meta.Undecoded() {
		if !localised(key) {
			return nil, fmt.Errorf("chapter.toml: there is no key %s", key)
		}
	}
	for _, e := range c.Exercises {
		if err := e.readVariants(files); err != nil {
			return nil, fmt.Errorf("exercise %s: %w", e.ID, err)
		}
	}
	if err := c.validate(); err != nil {
		return nil, err
	}
	return c, nil
}

// localised: the keys in a Text are decoded by itself, which the decoder does not know of.
func localised(key toml.Key) bool { return slices.Contains(Languages, key[len(key)-1]) }

// Page is the text of a chapter in a language.
func (c *Chapter) Page(language string) (string, error) { return c.read(language + ".md") }

// Notes are for whoever teaches the chapter.
func (c *Chapter) Notes(language string) (string, error) { return c.read("teach." + language + ".md") }

func (c *Chapter) read(name string) (string, error) {
	text, err := fs.ReadFile(c.files, name)
	return string(text), err
}

// Exercise finds an exercise by its id.
func (c *Chapter) Exercise(id string) *Exercise {
	if i := slices.IndexFunc(c.Exercises, func(e *Exercise) bool { return e.ID == id }); i >= 0 {
		return c.Exercises[i]
	}
	return nil
}

// Question finds a question by its id.
func (c *Chapter) Question(id string) *Question {
	if i := slices.IndexFunc(c.Questions, func(q *Question) bool { return q.ID == id }); i >= 0 {
		return c.Questions[i]
	}
	return nil
}

// Name is how an exercise is called in commands: 02/always-the-same.
func (e *Exercise) Name() string { return e.Chapter.ID + "/" + e.ID }

// Path is the folder of an exercise in a learner's folder.
func (e *Exercise) Path() string { return path.Join(e.Chapter.Folder, e.ID) }

// Any says whether the exercise can be done in any language: all that is asked goes over a socket or standard streams.
func (e *Exercise) Any() bool {
	return e.Serve == "" && !slices.ContainsFunc(e.Checks, func(c *Check) bool { return c.Steps == nil && c.Run == nil })
}

// served says whether the checks need a server.
func (e *Exercise) served() bool {
	return slices.ContainsFunc(e.Checks, func(c *Check) bool { return c.Steps != nil })
}

// main is the file of a program that edits are for, and that is run.
func (e *Exercise) main(language string) string {
	switch {
	case language == "go":
		return "main.go"
	case language == checksLanguage:
		return OwnFile
	case e.Program != "":
		return e.Program
	}
	return "server.py"
}

// Entry is the file to open first.
func (e *Exercise) Entry(language string) string { return e.main(language) }

var validID = regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)*$`)

// maxID is so that a line of the list fits a terminal.
const maxID = 32
