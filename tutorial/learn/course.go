package learn

import (
	"crypto/rand"
	"errors"
	"fmt"
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
	Begun   bool              // the exercise is being judged; another event says how it went
}

// Options of a course.
type Options struct {
	Lang string // en, zh; "" leaves it as it was
	In   string // go, python; "" likewise

	System string // the language of the user's system, in which a course begins; "": English
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
		return nil, notWritable(o, err)
	}
	c := &Course{Dir: dir, Chapters: chapters, Judge: judge, listeners: map[chan Event]bool{}, last: map[string]*tutorial.Attempt{}}
	if c.state, err = loadState(dir, o.Lang); err != nil {
		return nil, err
	}
	c.state.Key = firstOf(c.state.Key, rand.Text())
	c.state.Lang = firstOf(o.Lang, c.state.Lang, o.System, "en")
	c.state.In = firstOf(o.In, c.state.In, "python")
	for _, chapter := range chapters {
		of, err := units(chapter)
		if err != nil {
			return nil, err
		}
		c.Units = append(c.Units, of...)
		if err := errors.Join(chapter.Lay(dir, c.state.In), c.unpack(chapter)); err != nil {
			return nil, notWritable(o, err)
		}
	}
	if err := c.state.save(dir); err != nil {
		return nil, notWritable(o, err)
	}
	return c, nil
}

// unpack puts a chapter's server into the folder once all of the chapter's programs pass: it is their solution, too.
func (c *Course) unpack(chapter *tutorial.Chapter) error {
	for _, e := range chapter.Exercises {
		if !e.Probes() && !c.Done(Unit{Chapter: chapter, Exercise: e}) {
			return nil
		}
	}
	return chapter.LayServer(c.Dir)
}

// ServerFolder is where a chapter's server is; "", as long as it is not there.
func (c *Course) ServerFolder(chapter *tutorial.Chapter) string {
	folder := filepath.Join(c.Dir, chapter.Folder, "server")
	if !exists(folder) {
		return ""
	}
	return folder
}

func notWritable(o Options, err error) error {
	return fmt.Errorf(tutorial.Say(o.Lang, "not-writable"), err)
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

// complain is an error in the language of the course, by the id of its message.
func (c *Course) complain(id string, args ...any) error {
	return fmt.Errorf(strings.TrimSpace(tutorial.Say(c.Lang(), id)), args...)
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

// FirstOpen is the first unit that is not done, whatever was chosen. At the end there is none.
func (c *Course) FirstOpen() (Unit, bool) {
	for _, u := range c.Units {
		if !c.Done(u) {
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
	if err := c.Locked(id); err != nil {
		return err
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
		return nil, c.complain("no-such", name)
	}
	return found, nil
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
