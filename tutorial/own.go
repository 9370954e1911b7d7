package tutorial

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
)

// OwnFile is in the folder of an exercise: a learner's own checks, which run after those of the course.
const OwnFile = "my.checks"

// own reads the learner's own checks. An error says the line.
func (w Work) own() ([]*Check, error) {
	text, err := os.ReadFile(filepath.Join(w.Dir, OwnFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	var content struct {
		Checks []*Check `toml:"check"`
	}
	meta, err := toml.Decode(string(text), &content)
	var syntax toml.ParseError
	switch {
	case errors.As(err, &syntax):
		return nil, errors.New(OwnFile + ": " + syntax.ErrorWithPosition())
	case err != nil:
		return nil, fmt.Errorf("%s: %w", OwnFile, err)
	}
	for _, key := range meta.Undecoded() {
		if !localised(key) {
			return nil, fmt.Errorf("%s:%d: there is no key %s", OwnFile, lineOf(string(text), key), key)
		}
	}
	taken := map[string]bool{}
	for i, c := range content.Checks {
		if err := w.prepare(c, taken); err != nil {
			return nil, fmt.Errorf("%s:%d: check %s: %w", OwnFile, headerLine(string(text), i), c.ID, err)
		}
	}
	return content.Checks, nil
}

// prepare fills in what an own check may leave out, and makes sure that it can be run here.
func (w Work) prepare(c *Check, taken map[string]bool) error {
	if err := take(taken, c.ID); err != nil {
		return err
	}
	if c.What.empty() {
		c.What = Text{c.ID, c.ID}
	}
	if c.Why.empty() {
		c.Why = Text{c.What.EN, c.What.ZH}
	}
	switch {
	case c.Script != "" || c.Probe != nil:
		return errors.New("script and probe are for the course's checks: write steps, call or run")
	case w.Exercise.Probes() && c.Steps == nil:
		return errors.New("this check is for a server: write steps")
	case w.Exercise.Probes():
	case c.Steps != nil && !w.Exercise.served() && w.Exercise.App() == "":
		return errors.New("steps need a server, and this exercise has none: write run or call")
	case c.Call != nil && (w.Language != "python" || len(w.Command) > 0):
		return errors.New("call is for applications in Python: write steps or run")
	}
	return c.compile()
}

var checkHeader = regexp.MustCompile(`^\s*\[\[\s*check\s*\]\]`)

// headerLine is the line, from 1, at which a check begins.
func headerLine(text string, n int) int {
	at := 0
	for line := range strings.Lines(text) {
		at++
		if checkHeader.MatchString(line) {
			if n == 0 {
				return at
			}
			n--
		}
	}
	return 1
}

// lineOf is the first line that gives a key a value.
func lineOf(text string, key toml.Key) int {
	own := regexp.MustCompile(`(?:^|[\s{,.\[])["']?` + regexp.QuoteMeta(key[len(key)-1]) + `["']?\s*[=\]]`)
	at := 0
	for line := range strings.Lines(text) {
		if at++; own.MatchString(line) {
			return at
		}
	}
	return 1
}

// judgeOwn runs the learner's own checks. Whether the exercise is done is not for them to say.
func (r *run) judgeOwn(a *Attempt, check func(*Check) (*Outcome, error)) error {
	checks, err := r.own()
	if a.OwnErr = err; err != nil {
		return nil
	}
	for _, c := range checks {
		o, err := check(c)
		if err != nil {
			return err
		}
		if a.Own = append(a.Own, o); !o.Passed {
			r.stop()
		}
	}
	return nil
}
