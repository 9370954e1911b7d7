package learn

import (
	"context"
	"fmt"
	"strings"
)

// text prints the part of the chapter that leads to the current unit, or when that is done, what follows it. It is shown
// as it is written: Markdown reads well.
func (t *Terminal) text(_ context.Context, name string) error {
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
	page, err := u.Chapter.Page(t.Lang())
	if err != nil {
		return err
	}
	fmt.Fprint(t.Out, part(page, u, t.Done(u)))
	return nil
}

// part is the text between a unit and the one before it, or the one after it.
func part(page string, u Unit, after bool) string {
	var text strings.Builder
	_, own, _ := strings.Cut(u.ID(), "/")
	passed := false
	for line := range strings.Lines(page) {
		switch {
		case !strings.HasPrefix(line, "<!--"):
			if strings.TrimSpace(line) != "---" {
				text.WriteString(line)
			}
			continue
		case strings.Contains(line, ": "+own+" "):
			passed = true
		}
		if passed && (!after || !strings.Contains(line, ": "+own+" ")) {
			break
		}
		text.Reset()
	}
	return strings.TrimSpace(squeeze(text.String())) + "\n"
}

// squeeze leaves one empty line where there are several.
func squeeze(text string) string {
	for strings.Contains(text, "\n\n\n") {
		text = strings.ReplaceAll(text, "\n\n\n", "\n\n")
	}
	return text
}
