package learn

import (
	"context"
	"fmt"
	"io"
	"strings"

	"glasswsgi/tutorial"
)

// Predict asks the questions of a chapter that have no answer yet, one after the other; where all have one, it shows them.
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
		t.showQuestion(u)
		if t.Done(u) {
			continue
		}
		for asked := true; asked; {
			t.prompt()
			line, open := <-lines
			if !open {
				fmt.Fprintln(t.Out)
				return ctx.Err()
			}
			if asked, err = t.ask(u, line); err != nil {
				return err
			}
		}
	}
	return nil
}

// ask takes an answer, or n for none, and says whether the question is still to be asked.
func (t *Terminal) ask(u Unit, line string) (again bool, err error) {
	if word := strings.TrimSpace(line); word == "n" || word == "next" {
		t.say("skipped", u.ID())
		return false, nil
	}
	if !u.Question.Answered(line) {
		t.noAnswer(u.Question)
		return true, nil
	}
	return false, t.take(u, line)
}

// showQuestion writes a question, and the answer that is kept, or how to give one.
func (t *Terminal) showQuestion(u Unit) {
	q := u.Question
	t.asked = u.ID()
	t.print("  ? %s\n", q.Ask.In(t.Lang()))
	for i, choice := range q.Choices {
		t.print("    %d  %s\n", i+1, choice.In(t.Lang()))
	}
	kept, answered := t.Answered(u)
	switch {
	case answered:
		t.say("answer-kept", kept)
		t.explain(q, kept)
	case t.Done(u):
		t.explain(q, "")
	case len(q.Correct) > 1:
		t.say("answer-choices")
	case len(q.Choices) > 0:
		t.say("answer-choice")
	default:
		t.say("answer-text")
	}
}

// answer takes an answer to the question at hand, and goes on.
func (t *Terminal) answer(u Unit, line string) error {
	if !u.Question.Answered(line) {
		t.noAnswer(u.Question)
		return nil
	}
	if err := t.take(u, line); err != nil {
		return err
	}
	if _, err := t.Next(u); err != nil {
		return err
	}
	return t.arrive(u)
}

// take keeps the first answer, and says how it is.
func (t *Terminal) take(u Unit, line string) error {
	_, before := t.Answered(u)
	kept, err := t.Answer(u, line)
	if err != nil {
		return err
	}
	if before {
		t.say("answer-kept", kept)
	}
	t.explain(u.Question, kept)
	return nil
}

// explain says whether an answer was right, why a wrong one is tempting, and what is right.
func (t *Terminal) explain(q *tutorial.Question, answer string) {
	if answer == "" || q.Judge(answer) {
		t.print("  ✓ %s\n", q.Why.In(t.Lang()))
		return
	}
	t.say("not-right")
	for _, why := range q.But(answer) {
		t.print("    %s\n", why.In(t.Lang()))
	}
	t.print("  ➜ %s\n", q.Why.In(t.Lang()))
}

func (t *Terminal) noAnswer(q *tutorial.Question) {
	switch {
	case q.Number():
		t.say("no-number")
	case len(q.Choices) == 0:
		t.say("answer-text")
	case len(q.Correct) == 1:
		t.say("no-such-choice-one", len(q.Choices))
	default:
		t.say("no-such-choice", len(q.Choices))
	}
}
