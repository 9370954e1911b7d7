package learn

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"glasswsgi/tutorial"
)

// Course is one learner's. Its methods may be called from several goroutines: the terminal and the pages share it.
type Course struct {
	Dir      string
	Chapters []*tutorial.Chapter
	Units    []Unit
	Judge    *tutorial.Judge

	judging sync.Mutex // one attempt at a time

	mu        sync.Mutex
	state     *state
	listeners map[chan Event]bool
	last      map[string]*tutorial.Attempt
	command   []string // in place of the learner's files
	pace      string   // the last chapter that the class has opened; "" without a class
	status    string   // how the learner is, for the board
}

// Event is something that others may want to show.
type Event struct {
	Unit    Unit
	Attempt *tutorial.Attempt // of an exercise
	Right   bool              // the unit is done
}

// Options of a course.
type Options struct {
	Lang string // en, zh; "" leaves it as it was
	In   string // go, python; "" likewise
}

// Open puts the exercises into a folder, where they are not yet, and takes up where the learner stopped.
func Open(dir string, o Options, judge *tutorial.Judge) (*Course, error) {
	chapters, err := tutorial.Load()
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	c := &Course{Dir: dir, Chapters: chapters, Judge: judge, listeners: map[chan Event]bool{}, last: map[string]*tutorial.Attempt{}}
	if c.state, err = loadState(dir); err != nil {
		return nil, err
	}
	c.state.Key = firstOf(c.state.Key, rand.Text())
	c.state.Lang = firstOf(o.Lang, c.state.Lang, "en")
	c.state.In = firstOf(o.In, c.state.In, "python")
	for _, chapter := range chapters {
		if err := chapter.Lay(dir, c.state.In); err != nil {
			return nil, err
		}
		of, err := units(chapter)
		if err != nil {
			return nil, err
		}
		c.Units = append(c.Units, of...)
	}
	return c, c.state.save(dir)
}

func firstOf(all ...string) string {
	return all[slices.IndexFunc(all, func(s string) bool { return s != "" })]
}

// Lang is the language of the texts.
func (c *Course) Lang() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.Lang
}

// SetLang changes it.
func (c *Course) SetLang(lang string) error {
	return c.change(func(s *state) { s.Lang = lang })
}

func (c *Course) change(by func(*state)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	by(c.state)
	return c.state.save(c.Dir)
}

// Done says whether a unit is done.
func (c *Course) Done(u Unit) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.Done[u.ID()]
}

// Current is the unit that the learner is at: the one chosen, or the first that is not done. At the end there is none.
func (c *Course) Current() (Unit, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, u := range c.Units {
		if u.ID() == c.state.Current {
			return u, true
		}
	}
	for _, u := range c.Units {
		if !c.state.Done[u.ID()] {
			return u, true
		}
	}
	return Unit{}, false
}

// CurrentExercise is the current unit, or the exercise after it, if it is a question.
func (c *Course) CurrentExercise() (Unit, bool) {
	at, ok := c.Current()
	if !ok {
		return at, false
	}
	i := slices.IndexFunc(c.Units, func(u Unit) bool { return u.ID() == at.ID() })
	for _, u := range c.Units[i:] {
		if u.Exercise != nil {
			return u, true
		}
	}
	return Unit{}, false
}

// Choose goes to a unit; "" to the first that is not done.
func (c *Course) Choose(id string) error {
	if pace, locked := c.locked(id); locked {
		return fmt.Errorf(strings.TrimSpace(tutorial.Say(c.Lang(), "locked")), pace)
	}
	return c.change(func(s *state) { s.Current = id })
}

// Next goes on after a unit, to the next that is not done, and says whether there is one.
func (c *Course) Next(after Unit) (bool, error) {
	i := slices.IndexFunc(c.Units, func(u Unit) bool { return u.ID() == after.ID() })
	rest := slices.Concat(c.Units[i+1:], c.Units[:i+1])
	for _, u := range rest {
		if !c.Done(u) && u.ID() != after.ID() {
			return true, c.Choose(u.ID())
		}
	}
	return false, c.Choose("")
}

// Skip goes to the unit that comes next, done or not.
func (c *Course) Skip(after Unit) error {
	i := slices.IndexFunc(c.Units, func(u Unit) bool { return u.ID() == after.ID() })
	return c.Choose(c.Units[(i+1)%len(c.Units)].ID())
}

// Resolve finds the exercises that are meant: 2 or 02 for those of a chapter, 02/always-the-same, or always-the-same.
func (c *Course) Resolve(name string) ([]Unit, error) {
	var found []Unit
	number := name
	if n, err := strconv.Atoi(name); err == nil {
		number = fmt.Sprintf("%02d", n)
	}
	for _, u := range c.Units {
		_, own, _ := strings.Cut(u.ID(), "/")
		if u.Chapter.ID == strings.ToLower(number) || u.ID() == name || own == name || u.Chapter.Folder == name {
			found = append(found, u)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("there is no chapter or exercise %q; glass learn list shows them", name)
	}
	return found, nil
}

// Use sets a command that is judged in place of the learner's files, for what is written in another language.
func (c *Course) Use(command []string) { c.command = command }

// Work is what is judged of an exercise.
func (c *Course) Work(e *tutorial.Exercise) tutorial.Work {
	c.mu.Lock()
	defer c.mu.Unlock()
	return tutorial.Work{
		Exercise: e, Dir: filepath.Join(c.Dir, filepath.FromSlash(e.Path())), Language: e.In(c.state.In), Command: c.command,
	}
}

// errAny is for commands where an exercise is Python's.
var errAny = errors.New("this exercise is about Python objects: there is no command to run in its place")

// Check judges an exercise, and remembers how it went.
func (c *Course) Check(ctx context.Context, e *tutorial.Exercise) (*tutorial.Attempt, error) {
	c.judging.Lock()
	defer c.judging.Unlock()
	w := c.Work(e)
	if len(w.Command) > 0 && !e.Any() {
		return nil, fmt.Errorf("%s: %w", e.Name(), errAny)
	}
	if _, err := os.Stat(w.Dir); err != nil {
		return nil, fmt.Errorf("%w: glass learn reset %s puts the exercise there", err, e.Name())
	}
	digest := digest(w.Dir)
	a, err := c.Judge.Judge(ctx, w)
	if err != nil {
		return nil, err
	}
	name := e.Name()
	err = c.change(func(s *state) {
		s.Attempts[name]++
		s.Left[name] = digest
		if a.Passed() {
			s.Done[name] = true
			delete(s.Mistakes, name)
			return
		}
		mistakes := append(s.Mistakes[name], mistakeID(a))
		s.Mistakes[name] = mistakes[max(0, len(mistakes)-keptMistakes):]
	})
	c.mu.Lock()
	c.last[name] = a
	c.mu.Unlock()
	c.tell(Event{Unit: Unit{Chapter: e.Chapter, Exercise: e}, Attempt: a, Right: a.Passed()})
	return a, err
}

func mistakeID(a *tutorial.Attempt) string {
	if m := a.First().Mistake; m != nil {
		return m.ID
	}
	return a.First().Check.ID
}

// Last is the last attempt at an exercise since the program began, or nil.
func (c *Course) Last(e *tutorial.Exercise) *tutorial.Attempt {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last[e.Name()]
}

// Changed says whether the files of an exercise are others than those that were judged last.
func (c *Course) Changed(e *tutorial.Exercise) bool {
	dir := c.Work(e).Dir
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.Left[e.Name()] != digest(dir)
}

// digest is of all files in a folder that somebody may have written.
func digest(dir string) string {
	h := sha256.New()
	filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil || entry.Name()[0] == '.' && path != dir || entry.Name() == "__pycache__":
			if entry != nil && entry.IsDir() {
				return filepath.SkipDir
			}
		case entry.Type().IsRegular():
			text, _ := os.ReadFile(path)
			fmt.Fprintf(h, "%s %d\n", path, len(text))
			h.Write(text)
		}
		return nil
	})
	return hex.EncodeToString(h.Sum(nil))
}

// Answer judges an answer to a question.
func (c *Course) Answer(u Unit, text string) (bool, error) {
	right := u.Question.Judge(text)
	var err error
	if right {
		err = c.change(func(s *state) { s.Done[u.ID()] = true })
	}
	c.tell(Event{Unit: u, Right: right})
	return right, err
}

// Hint is the next level of hints, from 1; after the last, it again.
func (c *Course) Hint(e *tutorial.Exercise) (level int, text tutorial.Text, err error) {
	err = c.change(func(s *state) {
		level = min(s.Hints[e.Name()]+1, len(e.Hints))
		s.Hints[e.Name()] = level
	})
	return level, e.Hints[level-1], err
}

// Reset puts the stub back. What was there is kept beside it, with a name that nothing runs.
func (c *Course) Reset(e *tutorial.Exercise) (kept []string, err error) {
	w := c.Work(e)
	stub, err := e.Stub(w.Language)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(stub)) {
		path := filepath.Join(w.Dir, filepath.FromSlash(name))
		text, err := os.ReadFile(path)
		if err != nil || string(text) == string(stub[name]) {
			continue
		}
		aside := path + ".before-reset"
		for n := 2; exists(aside); n++ {
			aside = fmt.Sprintf("%s.before-reset-%d", path, n)
		}
		if err := os.Rename(path, aside); err != nil {
			return kept, err
		}
		kept = append(kept, aside)
	}
	if err := tutorial.Put(w.Dir, stub, true); err != nil {
		return kept, err
	}
	return kept, c.change(func(s *state) {
		delete(s.Done, e.Name())
		delete(s.Hints, e.Name())
		delete(s.Mistakes, e.Name())
		delete(s.Left, e.Name())
	})
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// Listen gets the events from now on; those that nobody takes are lost.
func (c *Course) Listen() (events <-chan Event, stop func()) {
	ch := make(chan Event, 16)
	c.mu.Lock()
	c.listeners[ch] = true
	c.mu.Unlock()
	return ch, func() {
		c.mu.Lock()
		delete(c.listeners, ch)
		c.mu.Unlock()
	}
}

func (c *Course) tell(e Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ch := range c.listeners {
		select {
		case ch <- e:
		default:
		}
	}
}

// Attempts is how often an exercise was judged, and Mistakes the last of what was wrong since it last passed.
func (c *Course) Attempts(e *tutorial.Exercise) (attempts int, mistakes []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.Attempts[e.Name()], slices.Clone(c.state.Mistakes[e.Name()])
}

// Score is how many units are done.
func (c *Course) Score() (done, all int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, u := range c.Units {
		if c.state.Done[u.ID()] {
			done++
		}
	}
	return done, len(c.Units)
}
