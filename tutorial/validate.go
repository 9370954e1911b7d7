package tutorial

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"glasswsgi/check"
)

const hintLevels = 3

// validate checks a chapter, and prepares its checks.
func (c *Chapter) validate() error {
	if c.Title.empty() || c.Goal.empty() {
		return errors.New("title and goal must be said in both languages")
	}
	sum := 0
	for _, part := range c.Plan {
		sum += part.Minutes
	}
	if sum == 0 || sum != c.Minutes {
		return fmt.Errorf("the parts of the plan take %d minutes, and minutes is %d", sum, c.Minutes)
	}
	for _, name := range []string{"en.md", "zh.md", "teach.en.md", "teach.zh.md"} {
		if _, err := fs.Stat(c.files, name); err != nil {
			return err
		}
	}
	if c.Server != nil {
		for _, name := range append([]string{"main.go"}, c.Server.Adds...) {
			if _, err := fs.Stat(c.files, path.Join("server", name)); err != nil {
				return err
			}
		}
		if c.Server.Broken != nil {
			if err := c.Server.Broken.compile(); err != nil {
				return fmt.Errorf("server.broken: %w", err)
			}
		}
	}
	seen := map[string]bool{}
	for _, q := range c.Questions {
		if err := q.validate(seen); err != nil {
			return fmt.Errorf("predict %s: %w", q.ID, err)
		}
	}
	for _, e := range c.Exercises {
		e.Chapter = c
		if err := e.validate(seen); err != nil {
			return fmt.Errorf("exercise %s: %w", e.ID, err)
		}
	}
	for _, m := range c.Mistakes {
		if err := m.validate(c, seen); err != nil {
			return fmt.Errorf("mistake %s: %w", m.ID, err)
		}
	}
	if len(c.Questions) == 0 {
		return errors.New("there is nothing to predict")
	}
	return nil
}

// take makes sure that an id is one, and that nothing else in the chapter has it.
func take(seen map[string]bool, id string) error {
	switch {
	case !validID.MatchString(id) || len(id) > maxID:
		return fmt.Errorf("an id is lower-case letters and digits with hyphens between them, up to %d", maxID)
	case seen[id]:
		return errors.New("the id is taken")
	}
	seen[id] = true
	return nil
}

func (q *Question) validate(seen map[string]bool) error {
	if err := take(seen, q.ID); err != nil {
		return err
	}
	if q.Ask.empty() || q.Why.empty() {
		return errors.New("ask and why must be said in both languages")
	}
	if (len(q.Choices) > 0) == (len(q.Answers) > 0) || (len(q.Choices) > 0) != (len(q.Correct) > 0) {
		return errors.New("give choices with correct, or answers")
	}
	for _, n := range q.Correct {
		if n < 1 || n > len(q.Choices) {
			return fmt.Errorf("there is no choice %d", n)
		}
	}
	return q.validateTempting()
}

// validateTempting: each wrong choice has its sentence, and so has at least one wrong text.
func (q *Question) validateTempting() error {
	for key, text := range q.Tempting {
		n, err := strconv.Atoi(key)
		choice := err == nil && n >= 1 && n <= len(q.Choices)
		if text.empty() || q.Judge(key) || slices.Contains(q.Correct, n) && choice || len(q.Choices) > 0 && !choice || len(q.Choices) == 0 && key != typed(key) {
			return fmt.Errorf("but %q: say in both languages why this wrong answer is wrong", key)
		}
	}
	for n := 1; n <= len(q.Choices); n++ {
		if _, said := q.Tempting[strconv.Itoa(n)]; !said && !slices.Contains(q.Correct, n) {
			return fmt.Errorf("but: choice %d is wrong, and nothing says why", n)
		}
	}
	if len(q.Tempting) == 0 && len(q.Choices) == 0 {
		return errors.New("but: say which wrong answer is tempting, and why it is wrong")
	}
	return nil
}

func (e *Exercise) validate(seen map[string]bool) error {
	if err := take(seen, e.ID); err != nil {
		return err
	}
	switch {
	case e.Title.empty() || e.Task.empty():
		return errors.New("title and task must be said in both languages")
	case len(e.Hints) != hintLevels:
		return fmt.Errorf("there are %d hints, and should be %d", len(e.Hints), hintLevels)
	case len(e.Checks) == 0:
		return errors.New("there is no check")
	case len(e.Languages) == 0:
		return errors.New("languages are go, python, or both")
	}
	for _, language := range e.Languages {
		if language != "go" && language != "python" && (language != checksLanguage || !e.Probes()) {
			return fmt.Errorf("languages are go and python, not %s", language)
		}
		for _, kind := range []string{"stub", "solution"} {
			files, err := e.files(language, kind)
			if err != nil {
				return err
			}
			if kind == "stub" && len(files) == 0 {
				return fmt.Errorf("there is no file in %s/%s/stub", e.ID, language)
			}
		}
	}
	if e.needsPython() && !slices.Equal(e.Languages, []string{"python"}) {
		return errors.New("call, script and serve are for Python alone")
	}
	checks := map[string]bool{}
	for _, c := range e.Checks {
		if err := errors.Join(take(checks, c.ID), c.compile()); err != nil {
			return fmt.Errorf("check %s: %w", c.ID, err)
		}
		if c.Script != "" {
			if _, err := fs.Stat(e.Chapter.files, path.Join(e.ID, c.Script)); err != nil {
				return err
			}
		}
	}
	return e.validateVariants()
}

func (e *Exercise) needsPython() bool {
	return e.Serve != "" || slices.ContainsFunc(e.Checks, func(c *Check) bool { return c.Call != nil || c.Script != "" })
}

// compile prepares what a check expects.
func (c *Check) compile() error {
	kinds := 0
	for _, given := range []bool{c.Steps != nil, c.Call != nil, c.Script != "", c.Run != nil, c.Probe != nil} {
		if given {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		return errors.New("a check has steps, or call, or script, or run, or probe")
	case c.What.empty() || c.Why.empty():
		return errors.New("what and why must be said in both languages")
	case (c.Steps != nil || c.Probe != nil) && c.Expect != nil:
		return errors.New("steps have their own expect, and a probe has none")
	case c.Probe != nil:
		return nil
	case c.Steps != nil:
		return check.CompileSteps(c.Steps)
	case len(c.Expect) == 0:
		return errors.New("say what to expect")
	}
	var err error
	c.expect, err = check.ParseConditions(c.Expect)
	return err
}

func (m *Mistake) validate(c *Chapter, seen map[string]bool) error {
	if err := take(seen, m.ID); err != nil {
		return err
	}
	if m.Name.empty() || m.Advice.empty() {
		return errors.New("name and advice must be said in both languages")
	}
	if m.Exercise != "" && c.Exercise(m.Exercise) == nil {
		return fmt.Errorf("there is no exercise %s", m.Exercise)
	}
	if len(m.When) == 0 {
		return errors.New("say when: how is it recognised?")
	}
	for i := range m.When {
		if err := m.When[i].compile(); err != nil {
			return err
		}
	}
	return nil
}

// files are those of a stub or a solution, by the names that they have in the learner's folder.
func (e *Exercise) files(language, kind string) (map[string][]byte, error) {
	return e.Chapter.tree(path.Join(e.ID, language, kind))
}

// tree is all that is below a folder of the chapter, by the names from there.
func (c *Chapter) tree(root string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(c.files, root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(c.files, name)
		files[strings.TrimPrefix(name, root+"/")] = text
		return err
	})
	return files, err
}

// Stub is what a learner starts from, by the names of files.
func (e *Exercise) Stub(language string) (map[string][]byte, error) { return e.files(language, "stub") }

// Solution is the stub with what is to be written in it.
func (e *Exercise) Solution(language string) (map[string][]byte, error) {
	all, err := e.Stub(language)
	if err != nil {
		return nil, err
	}
	solved, err := e.files(language, "solution")
	for name, text := range solved {
		all[name] = text
	}
	return all, err
}
