package command

import (
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warning": slog.LevelWarn, "error": slog.LevelError,
	"critical": slog.LevelError,
}

// The formats of messages.
const (
	logText = "text"
	logJSON = "json"
)

// dateTime is how a message in a file begins; on a terminal the time of day will do.
const dateTime = "2006-01-02 15:04:05 -0700"

// newLog writes messages: for people in colour on a terminal, and plainly elsewhere or with NO_COLOR; for programs as
// JSON, an object a line.
func newLog(w io.Writer, format, level string) *slog.Logger {
	if format == logJSON {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: levels[level]}))
	}
	options := &tint.Options{Level: levels[level], TimeFormat: dateTime, NoColor: true}
	if isTerminal(w) {
		options.TimeFormat, options.NoColor = time.TimeOnly, os.Getenv("NO_COLOR") != ""
	}
	return slog.New(tint.NewTextHandler(w, options))
}

// informs says that a line is a message of the log, in plain text, of what goes as it should.
func informs(line string) bool {
	return len(line) > len(dateTime) && (strings.HasPrefix(line[len(dateTime):], " INF ") || strings.HasPrefix(line[len(dateTime):], " DBG "))
}

// messages is the log of the commands that do not serve.
func messages() *slog.Logger { return newLog(os.Stderr, logText, "warning") }

// isTerminal is asked of a file, and of what stands for one.
func isTerminal(w io.Writer) bool {
	file, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(file.Fd()))
}
