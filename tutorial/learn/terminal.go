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
	asked     string   // the question that was shown last
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
	case ok && u.Question != nil && t.asked == u.ID():
		return t.answer(u, line)
	case ok && u.Question != nil: // it comes after the text: what was typed is no answer to it
		t.say("not-asked")
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
		t.showQuestion(u)
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
		if folder := t.ServerFolder(e.Chapter); folder != "" {
			t.say("server-there", folder)
		}
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
