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

// Run shows where the learner is, and does what is typed, and judges what is saved, until the end of the input.
func (t *Terminal) Run(ctx context.Context, in io.Reader) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	lines, saved := readLines(ctx, in), t.Watch(ctx, t.Poll)
	done, all := t.Score()
	t.say("welcome", done, all, t.Dir)
	if done == 0 {
		fmt.Fprintln(t.Out)
		if err := t.text(ctx, ""); err != nil {
			return err
		}
	}
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
