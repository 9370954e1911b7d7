package command

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/lmittmann/tint"
)

// openLog opens a file to append to; "-" is the standard stream.
func openLog(path string, standard *os.File) (*os.File, error) {
	if path == "-" {
		return standard, nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("cannot open the log: %w", err)
	}
	return file, nil
}

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warning": slog.LevelWarn, "error": slog.LevelError,
	"critical": slog.LevelError,
}

// newLog writes messages for people: in colour on a terminal, and plainly elsewhere or with NO_COLOR.
func newLog(file *os.File, level string) *slog.Logger {
	return slog.New(tint.NewTextHandler(file, &tint.Options{
		Level:      levels[level],
		TimeFormat: time.TimeOnly,
		NoColor:    !isTerminal(file) || os.Getenv("NO_COLOR") != "",
	}))
}

func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
