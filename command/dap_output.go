package command

import (
	"strings"

	"glasswsgi/inspect/dap"
)

// launchedOutput shows what a launched glass prints in the editor's console: what only informs plainly, the rest in red.
type launchedOutput struct {
	show dap.Output
	// failure is what it last said of itself: why it ended, if it did.
	failure string
}

func (o *launchedOutput) Write(text []byte) (int, error) {
	for line := range strings.Lines(string(text)) {
		category := "stderr"
		if informs(line) {
			category = "stdout"
		}
		if said, ok := strings.CutPrefix(line, "glass: "); ok {
			o.failure = strings.TrimSpace(said)
		} else if hint, ok := strings.CutPrefix(line, "  hint: "); ok && o.failure != "" {
			o.failure += "; " + strings.TrimSpace(hint)
		}
		o.show(category, line)
	}
	return len(text), nil
}
