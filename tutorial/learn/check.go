package learn

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"glasswsgi/tutorial"
)

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

// Check judges an exercise, and remembers how it went.
func (c *Course) Check(ctx context.Context, e *tutorial.Exercise) (*tutorial.Attempt, error) {
	c.judging.Lock()
	defer c.judging.Unlock()
	w := c.Work(e)
	if err := c.Locked(e.Name()); err != nil {
		return nil, err
	}
	if len(w.Command) > 0 && !e.Any() {
		return nil, c.complain("any-only", e.Name())
	}
	if _, err := os.Stat(w.Dir); err != nil {
		return nil, c.complain("put-back", err, e.Name())
	}
	digest := digest(w.Dir)
	c.tell(Event{Unit: Unit{Chapter: e.Chapter, Exercise: e}, Begun: true})
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
	if a.Passed() {
		err = errors.Join(err, c.unpack(e.Chapter))
	}
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

// Answer keeps the first answer to a question, right or wrong, and returns the one that is kept. What is no answer at all is
// not kept.
func (c *Course) Answer(u Unit, text string) (kept string, err error) {
	if kept, answered := c.Answered(u); answered || !u.Question.Answered(text) {
		return kept, nil
	}
	err = c.change(func(s *state) {
		s.Done[u.ID()] = true
		s.Answers[u.ID()] = strings.TrimSpace(text)
	})
	c.tell(Event{Unit: u, Right: true})
	return strings.TrimSpace(text), err
}

// Answered is the first answer to a question.
func (c *Course) Answered(u Unit) (answer string, answered bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer, answered = c.state.Answers[u.ID()]
	return answer, answered
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
