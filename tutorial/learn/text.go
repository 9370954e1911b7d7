package learn

import (
	"context"
	"fmt"
	"strings"
)

// text prints the part of the chapter that leads to the current unit, as it is written: Markdown reads well.
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
	fmt.Fprint(t.Out, leading(page, u))
	return nil
}

// leading is the text between the unit before, and this one.
func leading(page string, u Unit) string {
	var part strings.Builder
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "<!--") {
			_, own, _ := strings.Cut(u.ID(), "/")
			if strings.Contains(line, ": "+own+" ") {
				break
			}
			part.Reset()
			continue
		}
		if strings.TrimSpace(line) != "---" {
			part.WriteString(line)
		}
	}
	return strings.TrimSpace(squeeze(part.String())) + "\n"
}

// squeeze leaves one empty line where there are several.
func squeeze(text string) string {
	for strings.Contains(text, "\n\n\n") {
		text = strings.ReplaceAll(text, "\n\n\n", "\n\n")
	}
	return text
}
