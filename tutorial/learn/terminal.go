package learn

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"glasswsgi/tutorial"
)

// Terminal is a Course on standard input and output: a line is a command, or the answer to the question at hand.
type Terminal struct {
	*Course
	Out   io.Writer
	Poll  bool
	Class bool // there is a board that sees the learner's status
}

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
		{[]string{"p", "predict"}, "help-predict", (*Terminal).predict},
		{[]string{"x", "reset"}, "help-reset", (*Terminal).reset},
		{[]string{"s", "solution"}, "help-solution", (*Terminal).solution},
		{[]string{"c", "status"}, "help-status", (*Terminal).status},
		{[]string{"?", "help"}, "help-help", (*Terminal).help},
		{[]string{"q", "quit", "exit"}, "help-quit", func(*Terminal, context.Context, string) error { return errQuit }},
	}
}

var errQuit = errors.New("quit")

// Run shows where the learner is, and does what is typed, and judges what is saved, until the end of the input.
func (t *Terminal) Run(ctx context.Context, in io.Reader) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	lines, saved := readLines(ctx, in), t.Watch(ctx, t.Poll)
	done, all := t.Score()
	t.say("welcome", done, all, t.Dir)
	t.show()
	if u, ok := t.Current(); ok && u.Exercise != nil {
		if attempts, _ := t.Attempts(u.Exercise); attempts > 0 && t.Changed(u.Exercise) {
			if err := t.judge(ctx, u.Exercise); err != nil {
				return err
			}
		}
	}
	for {
		t.prompt()
		var err error
		select {
		case <-ctx.Done():
			return nil
		case line, open := <-lines:
			if !open {
				fmt.Fprintln(t.Out)
				return nil
			}
			err = t.line(ctx, line)
		case e := <-saved:
			fmt.Fprintln(t.Out)
			err = t.judge(ctx, e)
		}
		switch {
		case errors.Is(err, errQuit):
			t.say("bye")
			return nil
		case ctx.Err() != nil:
			return nil
		case err != nil:
			fmt.Fprintf(t.Out, "glass learn: %v\n", err)
		}
	}
}

func readLines(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(in); s.Scan(); {
			select {
			case lines <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

func (t *Terminal) say(id string, args ...any) {
	fmt.Fprintf(t.Out, tutorial.Say(t.Lang(), id)+"\n", args...)
}

func (t *Terminal) prompt() { fmt.Fprint(t.Out, "> ") }

// Line does one command.
func (t *Terminal) Line(ctx context.Context, line string) error { return t.line(ctx, line) }

// Predict asks the questions of a chapter, one after the other.
func (t *Terminal) Predict(ctx context.Context, chapter string, in io.Reader) error {
	if u, ok := t.CurrentExercise(); ok && chapter == "" {
		chapter = u.Chapter.ID
	}
	found, err := t.Resolve(firstOf(chapter, t.Chapters[0].ID))
	if err != nil {
		return err
	}
	lines := readLines(ctx, in)
	for _, u := range found {
		if u.Question == nil {
			continue
		}
		fmt.Fprintf(t.Out, "\n%s\n", u.ID())
		writeQuestion(t.Out, u.Question, t.Lang())
		for right := false; !right; {
			t.prompt()
			line, open := <-lines
			if !open {
				fmt.Fprintln(t.Out)
				return ctx.Err()
			}
			if right, err = t.Answer(u, line); err != nil {
				return err
			}
			if right {
				fmt.Fprintf(t.Out, "  ✓ %s\n", u.Question.Why.In(t.Lang()))
			} else {
				t.say("not-right-alone")
			}
		}
	}
	return nil
}

// line does a command, or takes the line for an answer.
func (t *Terminal) line(ctx context.Context, line string) error {
	name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	for _, w := range words {
		if slices.Contains(w.names, name) {
			return w.do(t, ctx, strings.TrimSpace(rest))
		}
	}
	u, ok := t.Current()
	switch {
	case name == "":
		t.show()
	case ok && u.Question != nil:
		return t.answer(u, line)
	default:
		t.say("unknown-word", name)
	}
	return nil
}

// show says what is to be done now.
func (t *Terminal) show() {
	u, ok := t.Current()
	if !ok {
		t.say("all-done")
		return
	}
	fmt.Fprintf(t.Out, "\n%s  %s\n", u.ID(), u.Chapter.Title.In(t.Lang()))
	if u.Question != nil {
		writeQuestion(t.Out, u.Question, t.Lang())
		if len(u.Question.Choices) > 0 {
			t.say("answer-choices")
		} else {
			t.say("answer-text")
		}
		return
	}
	e := u.Exercise
	w := t.Work(e)
	fmt.Fprintf(t.Out, "  %s: %s\n", e.Title.In(t.Lang()), e.Task.In(t.Lang()))
	if len(w.Command) == 0 {
		t.say("edit-file", filepath.Join(w.Dir, e.Entry(w.Language)))
	}
	t.say("keys")
}

func writeQuestion(w io.Writer, q *tutorial.Question, lang string) {
	fmt.Fprintf(w, "  ? %s\n", q.Ask.In(lang))
	for i, choice := range q.Choices {
		fmt.Fprintf(w, "    %d  %s\n", i+1, choice.In(lang))
	}
}

func (t *Terminal) answer(u Unit, line string) error {
	right, err := t.Answer(u, line)
	if err != nil {
		return err
	}
	if !right {
		t.say("not-right")
		return nil
	}
	fmt.Fprintf(t.Out, "  ✓ %s\n", u.Question.Why.In(t.Lang()))
	if _, err := t.Next(u); err != nil {
		return err
	}
	t.show()
	return nil
}

// judge judges an exercise, which becomes the current one.
func (t *Terminal) judge(ctx context.Context, e *tutorial.Exercise) error {
	if err := t.Choose(e.Name()); err != nil {
		return err
	}
	a, err := t.Check(ctx, e)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.Out, "%s  %s\n", e.Name(), e.Title.In(t.Lang()))
	a.Write(t.Out, t.Lang())
	if a.Passed() {
		t.say("passed", e.Name())
	} else {
		t.say("failed")
	}
	return nil
}

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
		return nil, fmt.Errorf("%s is no exercise", name)
	}
	if u, ok := t.Current(); ok && u.Exercise != nil {
		return u.Exercise, nil
	}
	return nil, errors.New(tutorial.Say(t.Lang(), "no-exercise"))
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
	t.say("hint", level, len(e.Hints), text.In(t.Lang()))
	return err
}

func (t *Terminal) next(_ context.Context, _ string) error {
	u, ok := t.Current()
	if !ok {
		t.say("all-done")
		return nil
	}
	more, err := true, error(nil)
	if t.Done(u) {
		more, err = t.Next(u)
	} else {
		err = t.Skip(u)
	}
	if err == nil && more {
		t.show()
	} else if err == nil {
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
	t.show()
	return nil
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
			t.show()
			return nil
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
			fmt.Fprintf(t.Out, "--- %s\n%s", name, text)
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
		fmt.Fprintf(t.Out, "  %-12s %s\n", strings.Join(w.names[:2], ", "), tutorial.Say(t.Lang(), w.help))
	}
	return nil
}

func (t *Terminal) list(context.Context, string) error {
	t.List()
	return nil
}

// List writes the chapters, and what is done in them.
func (t *Terminal) List() {
	current, _ := t.Current()
	for _, c := range t.Chapters {
		fmt.Fprintf(t.Out, "%s  %s\n", c.ID, c.Title.In(t.Lang()))
		for _, u := range t.Units {
			if u.Chapter != c {
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
