package learn

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"glasswsgi/tutorial"
)

// word is a command of the terminal.
type word struct {
	names []string
	help  string // a message
	do    func(*Terminal, context.Context, string) error
}

var words []word

func init() { // here, because help lists them
	words = []word{
		{[]string{"h", "hint"}, "help-hint", (*Terminal).hint},
		{[]string{"r", "run", "check"}, "help-run", (*Terminal).run},
		{[]string{"l", "list"}, "help-list", (*Terminal).list},
		{[]string{"n", "next"}, "help-next", (*Terminal).next},
		{[]string{"g", "go"}, "help-go", (*Terminal).goTo},
		{[]string{"t", "text"}, "help-text", (*Terminal).text},
		{[]string{"f", "field"}, "help-field", (*Terminal).field},
		{[]string{"p", "predict"}, "help-predict", (*Terminal).predict},
		{[]string{"x", "reset"}, "help-reset", (*Terminal).reset},
		{[]string{"s", "solution"}, "help-solution", (*Terminal).solution},
		{[]string{"c", "status"}, "help-status", (*Terminal).status},
		{[]string{"?", "help"}, "help-help", (*Terminal).help},
		{[]string{"q", "quit", "exit"}, "help-quit", func(*Terminal, context.Context, string) error { return errQuit }},
	}
}

var errQuit = errors.New("quit")

// exercise is the one that is named, or the current one.
func (t *Terminal) exercise(name string) (*tutorial.Exercise, error) {
	if name != "" {
		found, err := t.Resolve(name)
		if err != nil {
			return nil, err
		}
		for _, u := range found {
			if u.Exercise != nil {
				return u.Exercise, nil
			}
		}
		return nil, t.complain("not-exercise", name)
	}
	if u, ok := t.Current(); ok && u.Exercise != nil {
		return u.Exercise, nil
	}
	return nil, t.complain("no-exercise")
}

func (t *Terminal) run(ctx context.Context, name string) error {
	e, err := t.exercise(name)
	if err != nil {
		return err
	}
	return t.judge(ctx, e)
}

func (t *Terminal) hint(_ context.Context, name string) error {
	e, err := t.exercise(name)
	if err != nil {
		return err
	}
	return t.writeHint(e)
}

func (t *Terminal) writeHint(e *tutorial.Exercise) error {
	level, text, err := t.Hint(e)
	t.say("hint-of", e.Name(), level, len(e.Hints), text.In(t.Lang()))
	return err
}

func (t *Terminal) next(_ context.Context, _ string) error {
	u, ok := t.Current()
	if !ok {
		t.say("all-done")
		return nil
	}
	more, err := true, error(nil)
	if u.Question != nil && !t.Done(u) {
		t.say("skipped", u.ID())
	}
	if t.Done(u) {
		more, err = t.Next(u)
	} else {
		err = t.Skip(u)
	}
	if err == nil && more {
		return t.arrive(u)
	}
	if err == nil {
		t.say("all-done")
	}
	return err
}

func (t *Terminal) goTo(_ context.Context, name string) error {
	found, err := t.Resolve(name)
	if err != nil {
		return err
	}
	to := found[0]
	for _, u := range slices.Backward(found) {
		if !t.Done(u) {
			to = u
		}
	}
	if err := t.Choose(to.ID()); err != nil {
		return err
	}
	return t.arrive(Unit{})
}

func (t *Terminal) predict(_ context.Context, name string) error {
	u, ok := t.Current()
	if name == "" && ok {
		name = u.Chapter.ID
	}
	found, err := t.Resolve(name)
	if err != nil {
		return err
	}
	for _, u := range found {
		if u.Question != nil && (!t.Done(u) || u == found[len(found)-1]) {
			if err := t.Choose(u.ID()); err != nil {
				return err
			}
			return t.arrive(Unit{})
		}
	}
	t.say("predicted", name)
	return nil
}

func (t *Terminal) reset(_ context.Context, name string) error {
	e, err := t.exercise(name)
	if err != nil {
		return err
	}
	kept, err := t.Reset(e)
	for _, path := range kept {
		t.say("kept", path)
	}
	if err == nil {
		t.say("reset", e.Name())
	}
	return err
}

// solutionWord is typed by whoever wants the solution before the exercise passes.
const solutionWord = "now"

func (t *Terminal) solution(_ context.Context, rest string) error {
	name, asked := strings.CutSuffix(rest, solutionWord)
	e, err := t.exercise(strings.TrimSpace(name))
	if err != nil {
		return err
	}
	return t.writeSolution(e, asked)
}

func (t *Terminal) writeSolution(e *tutorial.Exercise, asked bool) error {
	if !asked && !t.Done(Unit{Chapter: e.Chapter, Exercise: e}) {
		t.say("solution-later", solutionWord)
		return nil
	}
	stub, err := e.Stub(t.Work(e).Language)
	if err != nil {
		return err
	}
	solution, err := e.Solution(t.Work(e).Language)
	for name, text := range solution {
		if string(stub[name]) != string(text) {
			fmt.Fprintf(t.Out, "--- %s\n%s", path.Join(e.Name(), name), text)
		}
	}
	return err
}

func (t *Terminal) status(_ context.Context, status string) error {
	switch {
	case !t.Class:
		t.say("no-class")
	case !slices.Contains([]string{"green", "orange", "help"}, status):
		fmt.Fprintf(t.Out, "  %s\n", tutorial.Say(t.Lang(), "help-status"))
	default:
		t.SetStatus(status)
		t.say("status-set", status)
	}
	return nil
}

func (t *Terminal) help(context.Context, string) error {
	for _, w := range words {
		t.print("  %-12s %s\n", strings.Join(w.names[:2], ", "), tutorial.Say(t.Lang(), w.help))
	}
	return nil
}

// list writes the chapters, and what is in the current one, or in another: all of it is longer than a terminal.
func (t *Terminal) list(_ context.Context, name string) error {
	at, _ := t.Current()
	if name != "" {
		found, err := t.Resolve(name)
		if err != nil {
			return err
		}
		at = found[0]
	}
	t.writeList(func(c *tutorial.Chapter) bool { return c == at.Chapter })
	return nil
}

// List writes what is in a chapter, or, where none is named, in all of them, and what is done.
func (t *Terminal) List(name string) error {
	if name != "" {
		return t.list(context.Background(), name)
	}
	t.writeList(func(*tutorial.Chapter) bool { return true })
	return nil
}

func (t *Terminal) writeList(open func(*tutorial.Chapter) bool) {
	current, _ := t.Current()
	for _, c := range t.Chapters {
		done, all := 0, 0
		for _, u := range t.Units {
			if u.Chapter == c {
				all++
				if t.Done(u) {
					done++
				}
			}
		}
		fmt.Fprintf(t.Out, "%s  %d/%d  %s\n", c.ID, done, all, c.Title.In(t.Lang()))
		for _, u := range t.Units {
			if u.Chapter != c || !open(c) {
				continue
			}
			mark, title := " ", ""
			if t.Done(u) {
				mark = "✓"
			}
			if u.Exercise != nil {
				title = u.Exercise.Title.In(t.Lang())
			} else {
				title = tutorial.Say(t.Lang(), "question")
			}
			if u.ID() == current.ID() {
				title += "  ←"
			}
			fmt.Fprintf(t.Out, "    %s %-36s %s\n", mark, u.ID(), title)
		}
	}
}
