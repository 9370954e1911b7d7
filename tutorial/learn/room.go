package learn

import (
	"slices"
	"strings"

	"glasswsgi/tutorial"
)

// Standing is what a class may know of a learner, and nothing else.
type Standing struct {
	Key      string // the same for as long as the folder lives
	Unit     string
	Passed   bool
	Attempts int
	Mistake  string // the id of the last
	Same     int    // how often it was made, one after the other
	Done     int
	Status   string
	Ballots  map[string]string // the first answer to each question, as tutorial.Question counts it
}

// Standing says where the learner is.
func (c *Course) Standing() Standing {
	u, _ := c.Current()
	done, _ := c.Score()
	s := Standing{Done: done}
	if u.Question != nil || u.Exercise != nil {
		s.Unit, s.Passed = u.ID(), c.Done(u)
	}
	if u.Exercise != nil {
		var mistakes []string
		s.Attempts, mistakes = c.Attempts(u.Exercise)
		for _, m := range slices.Backward(mistakes) {
			if s.Same > 0 && m != s.Mistake {
				break
			}
			s.Mistake, s.Same = m, s.Same+1
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Key, s.Status, s.Ballots = c.state.Key, c.status, map[string]string{}
	for _, u := range c.Units {
		if answer, answered := c.state.Answers[u.ID()]; answered && u.Question != nil {
			s.Ballots[u.ID()] = u.Question.Ballot(answer)
		}
	}
	return s
}

// Class is the URL of the class that the course belongs to, and the name there; both are empty without one.
func (c *Course) Class() (url, as string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.Class, c.state.As
}

// SetClass remembers a class for each terminal, today and later; "" leaves it.
func (c *Course) SetClass(url, as string) error {
	return c.change(func(s *state) { s.Class, s.As = url, as })
}

// SetPace locks the chapters after one, until the class gets there; "" opens all.
func (c *Course) SetPace(chapter string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pace = chapter
}

// locked says whether a unit is in a chapter that the class has not opened.
func (c *Course) locked(id string) (pace string, locked bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	chapter, _, _ := strings.Cut(id, "/")
	at := func(id string) int {
		return slices.IndexFunc(c.Chapters, func(c *tutorial.Chapter) bool { return c.ID == id })
	}
	return c.pace, id != "" && c.pace != "" && at(chapter) > at(c.pace)
}

// Locked is an error for a unit, or a chapter, that the class has not opened.
func (c *Course) Locked(id string) error {
	if pace, locked := c.locked(id); locked {
		return c.complain("locked", pace)
	}
	return nil
}

// SetStatus says how the learner is: green, orange, help.
func (c *Course) SetStatus(status string) {
	c.mu.Lock()
	c.status = status
	c.mu.Unlock()
	c.tell(Event{})
}
