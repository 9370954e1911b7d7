package learn

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"glasswsgi/tutorial"
)

// text shows the part of the chapter that leads to the current unit, or when that is done, what follows it.
func (t *Terminal) text(_ context.Context, name string) error {
	t.rest = nil
	u, ok := t.Current()
	if name != "" {
		found, err := t.Resolve(name)
		if err != nil {
			return err
		}
		u, ok = found[0], true
	}
	if !ok {
		u = t.Units[0]
	}
	slides, err := t.slides(u, t.Done(u))
	if err != nil {
		return err
	}
	t.elsewhere = name != "" || t.Done(u)
	t.rest = slides
	t.turn()
	return nil
}

// slides are the text between a unit and the one before it, or the one after it.
func (t *Terminal) slides(u Unit, after bool) ([]string, error) {
	page, err := u.Chapter.Page(t.Lang())
	return part(describe(page, t.Lang()), u, after), err
}

var drawing = regexp.MustCompile(`(?m)^<!-- drawing: (\S+) -->$`)

// describe puts what a drawing shows in its place.
func describe(page, lang string) string {
	return drawing.ReplaceAllStringFunc(page, func(line string) string {
		shown, err := tutorial.Describe(drawing.FindStringSubmatch(line)[1], lang)
		if err != nil {
			return line // a test of the texts says so
		}
		return fmt.Sprintf(tutorial.Say(lang, "drawing"), shown)
	})
}

// arrive shows what leads to the current unit, from the end of the chapter that is left on, and then the unit.
func (t *Terminal) arrive(from Unit) error {
	t.rest, t.elsewhere = nil, false
	u, ok := t.Current()
	if !ok {
		t.show()
		return nil
	}
	if from.Chapter != nil && from.Chapter != u.Chapter && t.Done(from) {
		end, err := t.slides(from, true)
		if err != nil {
			return err
		}
		t.rest = end
	}
	if !t.Done(u) && t.read != u.ID() {
		lead, err := t.slides(u, false)
		if err != nil {
			return err
		}
		t.rest = append(t.rest, lead...)
		t.read = u.ID()
	}
	t.turn()
	return nil
}

// begin leaves what has been said on the screen until the learner turns over.
func (t *Terminal) begin() error {
	u, ok := t.Current()
	if !ok || t.width() == 0 {
		return t.arrive(Unit{})
	}
	var err error
	if t.rest, err = t.slides(u, false); err == nil {
		t.read = u.ID()
		t.say("text-begin")
	}
	return err
}

// field shows the page that belongs to no chapter.
func (t *Terminal) field(context.Context, string) error {
	page, err := tutorial.Field(t.Lang())
	if err != nil {
		return err
	}
	t.rest, t.elsewhere = strings.Split(describe(page, t.Lang()), "\n---\n"), true
	t.turn()
	return nil
}

// turn shows the next slide, or where nobody can turn over, all of them; after the last, what is to be done.
func (t *Terminal) turn() {
	width := t.width()
	for len(t.rest) > 0 {
		fmt.Fprintln(t.Out)
		writeMarkdown(t.Out, t.rest[0], width)
		if t.rest = t.rest[1:]; width > 0 && len(t.rest) > 0 {
			t.say("text-more", len(t.rest))
			return
		}
	}
	if !t.elsewhere {
		t.show()
	}
}

// part is the text between a unit and the one before it, or the one after it, slide by slide.
func part(page string, u Unit, after bool) (slides []string) {
	var text strings.Builder
	_, own, _ := strings.Cut(u.ID(), "/")
	passed := false
	turn := func() {
		slide := strings.TrimSpace(text.String())
		if strings.HasPrefix(slide, "# ") && !strings.Contains(slide, "\n## ") { // the title and a sentence: the next slide joins them
			text.Reset()
			text.WriteString(slide + "\n")
			return
		}
		if slide != "" {
			slides = append(slides, slide+"\n")
		}
		text.Reset()
	}
	for line := range strings.Lines(page) {
		switch {
		case strings.TrimSpace(line) == "---":
			turn()
			continue
		case !strings.HasPrefix(line, "<!--"):
			text.WriteString(line)
			continue
		case strings.Contains(line, ": "+own+" "):
			passed = true
		}
		if passed && (!after || !strings.Contains(line, ": "+own+" ")) {
			break
		}
		text.Reset()
		slides = nil
	}
	if turn(); text.Len() > 0 {
		slides = append(slides, strings.TrimSpace(text.String())+"\n")
	}
	return slides
}
