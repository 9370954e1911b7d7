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
	Width func() int // of the terminal that Out is, in columns; nil or 0 where it is none
	Poll  bool
	Class bool // there is a board that sees the learner's status

	rest      []string // slides that are not shown yet
	elsewhere bool     // they do not lead to the current unit
	read      string   // the unit whose text was shown last
}

// widest is how wide a line can be and still be read with ease.
const widest = 100

func (t *Terminal) width() int {
	if t.Width == nil {
		return 0
	}
	return min(t.Width(), widest)
}

// Run shows where the learner is, and does what is typed, and judges what is saved, until the end of the input.
func (t *Terminal) Run(ctx context.Context, in io.Reader) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	lines, saved := readLines(ctx, in), t.Watch(ctx, t.Poll)
	done, all := t.Score()
	t.say("welcome", done, all, t.Dir)
	if done > 0 {
		t.show()
	} else if err := t.begin(); err != nil {
		return err
	}
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
	t.print(tutorial.Say(t.Lang(), id)+"\n", args...)
}

// print is for whole lines.
func (t *Terminal) print(format string, args ...any) {
	io.WriteString(t.Out, fold(fmt.Sprintf(format, args...), t.width()))
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
		t.print("\n%s\n", u.ID())
		t.writeQuestion(u.Question)
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
				t.print("  ✓ %s\n", u.Question.Why.In(t.Lang()))
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
	case name == "" && len(t.rest) > 0:
		t.turn()
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
	t.print("\n%s  %s\n", u.ID(), u.Chapter.Title.In(t.Lang()))
	if u.Question != nil {
		t.writeQuestion(u.Question)
		switch {
		case len(u.Question.Correct) > 1:
			t.say("answer-choices")
		case len(u.Question.Choices) > 0:
			t.say("answer-choice")
		default:
			t.say("answer-text")
		}
		return
	}
	e := u.Exercise
	w := t.Work(e)
	t.say("task", e.Title.In(t.Lang()), e.Task.In(t.Lang()))
	if len(w.Command) == 0 {
		t.say("edit-file", filepath.Join(w.Dir, e.Entry(w.Language)))
	}
	if t.Done(u) {
		t.say("passed", e.Name())
		return
	}
	t.say("keys")
}

func (t *Terminal) writeQuestion(q *tutorial.Question) {
	t.print("  ? %s\n", q.Ask.In(t.Lang()))
	for i, choice := range q.Choices {
		t.print("    %d  %s\n", i+1, choice.In(t.Lang()))
	}
}

func (t *Terminal) answer(u Unit, line string) error {
	right, err := t.Answer(u, line)
	if err != nil {
		return err
	}
	if !right {
		t.notRight(u.Question, line)
		return nil
	}
	t.print("  ✓ %s\n", u.Question.Why.In(t.Lang()))
	if _, err := t.Next(u); err != nil {
		return err
	}
	return t.arrive(u)
}

// notRight says how near an answer is, where several choices are right.
func (t *Terminal) notRight(q *tutorial.Question, line string) {
	chosen, ok := q.Chosen(line)
	switch {
	case !ok:
		t.say("no-such-choice", len(q.Choices))
	case len(q.Correct) > 1:
		t.say("not-all-right", q.Near(chosen), len(chosen), len(q.Correct))
	default:
		t.say("not-right")
	}
}

// judge judges an exercise, which becomes the current one.
func (t *Terminal) judge(ctx context.Context, e *tutorial.Exercise) error {
	if err := t.Choose(e.Name()); err != nil {
		return err
	}
	t.rest = nil
	t.print("%s  %s …\n", e.Name(), e.Title.In(t.Lang())) // some checks take seconds
	a, err := t.Check(ctx, e)
	if err != nil {
		return err
	}
	t.Report(a)
	if a.Passed() {
		t.say("passed", e.Name())
	} else {
		t.say("failed")
	}
	return nil
}

// Report shows an attempt.
func (t *Terminal) Report(a *tutorial.Attempt) {
	var report strings.Builder
	a.Write(&report, t.Lang())
	t.print("%s", report.String())
}
