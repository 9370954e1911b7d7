package cpython

import (
	"fmt"
	"time"
)

// LoadKind says what kept the application from being loaded.
type LoadKind string

const (
	LoadSpec             LoadKind = "spec"              // MODULE:CALLABLE cannot be understood
	LoadNoFolder         LoadKind = "no-folder"         // there is no such Config.Dir
	LoadModuleNotFound   LoadKind = "module-not-found"  // the application's own module
	LoadImportMissing    LoadKind = "import-missing"    // a module that the application imports
	LoadFileNotFound     LoadKind = "file-not-found"    // FILE.py
	LoadSyntaxError      LoadKind = "syntax-error"      // in the module, or in one that it imports
	LoadException        LoadKind = "exception"         // raised while the module was imported
	LoadExit             LoadKind = "exit"              // sys.exit() while the module was imported
	LoadTimeout          LoadKind = "timeout"           // the import does not end
	LoadAttributeMissing LoadKind = "attribute-missing" // the module has no such callable
	LoadNotCallable      LoadKind = "not-callable"      // the module has the name, but it is no callable
	LoadGreenThreads     LoadKind = "green-threads"     // its patches do not go with more than one thread
	LoadWrongParameters  LoadKind = "wrong-parameters"  // it cannot be called with environ and start_response
)

// LoadError says that the worker runs but the application could not be loaded. The text is for its author.
type LoadError struct {
	Kind      LoadKind
	Detail    string // what is wrong, on one line
	Hint      string // what to do, on one line, or empty
	Traceback string // as Python prints it, without the worker's own frames, or empty
}

func (e *LoadError) Error() string {
	text := e.Detail
	if e.Hint != "" {
		text += "\n  hint: " + e.Hint
	}
	if e.Traceback != "" {
		text += "\n" + e.Traceback
	}
	return text
}

// WorkerError says that the worker process failed: it could not be started, or it died while it had the call in hand.
type WorkerError struct {
	Reason string // "killed by signal: segmentation fault", "exit status 3"
	Worker int    // which of the pool's workers it was, from 1
	PID    int    // 0 where there is none
}

func (e *WorkerError) Error() string {
	if e.PID == 0 {
		return "the worker could not be started: " + e.Reason
	}
	return fmt.Sprintf("worker %d (pid %d) ended: %s", e.Worker, e.PID, e.Reason)
}

// StatusCode implements wsgi.Failure: 502 (Bad Gateway).
func (e *WorkerError) StatusCode() int { return 502 }

// TimeoutError says that the application was silent for too long while it was its turn.
type TimeoutError struct {
	After time.Duration
	Line  string // where it hangs: file, line and source; empty where the worker did not say
	Stack string // the same, with the latest call last
	Mute  string // why the worker may not have said where

	Worker int // which of the pool's workers it is, from 1
	PID    int // 0 where it is a thread of this process
}

func (e *TimeoutError) Error() string {
	where := "and does not say where: " + e.Mute
	if e.Line != "" {
		where = "in " + e.Line
	}
	successor := "another thread takes over"
	if e.PID != 0 {
		successor = fmt.Sprintf("worker %d (pid %d) is replaced", e.Worker, e.PID)
	}
	return fmt.Sprintf("the application was silent for %v (--timeout), %s; %s", e.After, where, successor)
}

// hangsHere is the stack with a headline.
func (e *TimeoutError) hangsHere() string {
	return "The application hangs here (most recent call last):\n" + e.Stack
}

// StatusCode implements wsgi.Failure: 504 (Gateway Timeout).
func (e *TimeoutError) StatusCode() int { return 504 }

// UnavailableError says that no worker was ready for the call.
type UnavailableError struct {
	Waited time.Duration
	Cause  error // why the last worker that was started did not get ready, or nil
}

func (e *UnavailableError) Error() string {
	text := fmt.Sprintf("no worker was ready within %v", e.Waited)
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

func (e *UnavailableError) Unwrap() error { return e.Cause }

// StatusCode implements wsgi.Failure: 503 (Service Unavailable).
func (e *UnavailableError) StatusCode() int { return 503 }

// ErrClosed is the answer to a call of a pool that is closed or closing.
var ErrClosed error = closedError{}

type closedError struct{}

func (closedError) Error() string   { return "the pool of workers is closed" }
func (closedError) StatusCode() int { return 503 }
