package command

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"syscall"
	"time"
)

// logFile is a log of a server. It can be opened again after its file has been renamed, and it outlives the reader of a
// standard stream.
type logFile struct {
	path string // "-" is a standard stream

	mu     sync.Mutex
	file   *os.File
	failed error        // what the latest write met
	torn   bool         // it wrote a part of a line
	told   *slog.Logger // who is told of that; nil: there is no other log
}

// openLog opens a file to append to; "-" is the standard stream.
func openLog(path string, standard *os.File) (*logFile, error) {
	if path == "-" {
		return &logFile{path: path, file: standard}, nil
	}
	file, err := appendTo(path)
	if err != nil {
		return nil, fmt.Errorf("cannot open the log: %w", err)
	}
	return &logFile{path: path, file: file}, nil
}

func appendTo(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
}

// Write never fails: a log that cannot be written is no reason to stop serving. It says so once in the other log, and so
// that a reader who has left is not asked for again, nothing more is written to a closed pipe. A line of which a full disk
// took only a part gets its end before the next: one line is lost, not two.
func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if errors.Is(l.failed, syscall.EPIPE) {
		return len(p), nil
	}
	before, text := l.failed, p
	if l.torn {
		text = append([]byte{'\n'}, p...)
	}
	var n int
	n, l.failed = l.file.Write(text)
	if n > 0 {
		l.torn = n < len(text) && text[n-1] != '\n'
	}
	if l.failed != nil && before == nil && l.told != nil {
		l.told.Error("a log cannot be written: lines are lost", "log", l.file.Name(), "error", l.failed)
	}
	return len(p), nil
}

// Fd tells whether the log is a terminal.
func (l *logFile) Fd() uintptr {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Fd()
}

// reopen opens the file of that name anew, after it was renamed. Where that fails, the old one stays.
func (l *logFile) reopen() error {
	if l == nil || l.path == "-" {
		return nil
	}
	file, err := appendTo(l.path)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.file.Close()
	l.file, l.failed, l.torn = file, nil, false
	return nil
}

// lastLines is how long the end waits for what processes of the application still write.
const lastLines = time.Second

// forWorkers returns what workers get for their standard output and error: the standard stream, or a pipe into the file,
// since they cannot open it again themselves. finish returns when all that they wrote is in the log.
func (l *logFile) forWorkers() (file *os.File, finish func(), err error) {
	if l.path == "-" {
		return l.file, func() {}, nil
	}
	from, to, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	done := make(chan struct{})
	go func() {
		io.Copy(l, from)
		from.Close()
		close(done)
	}()
	return to, func() {
		to.Close()
		select {
		case <-done:
		case <-time.After(lastLines): // something that the application started has it open
		}
	}, nil
}

// logs are those of a server.
type logs struct {
	errors, access *logFile // access may be nil
	messages       *slog.Logger
}

func (c *serveCommand) openLogs() (l logs, err error) {
	if l.errors, err = openLog(c.ErrorLogfile, os.Stderr); err != nil {
		return l, err
	}
	l.messages = newLog(l.errors, c.LogFormat, c.LogLevel)
	if c.AccessLogfile == "" {
		return l, nil
	}
	if l.access, err = openLog(c.AccessLogfile, os.Stdout); err != nil {
		return l, err
	}
	l.access.told = l.messages
	return l, nil
}

// reopen is for a program that has renamed the files.
func (l logs) reopen() {
	for _, file := range []*logFile{l.errors, l.access} {
		if err := file.reopen(); err != nil {
			l.messages.Error("a log could not be opened again: lines go to the file that was there before", "error", err)
		}
	}
}
