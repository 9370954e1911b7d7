package tutorial

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// raised is what ended a learner's program, or one of its threads, as Python or Go printed it: the exception or panic, and
// the line of the learner's that it came from. It is no guess, so it stands before everything that is one.
type raised struct {
	What  string // TypeError: a bytes-like object is required, not 'str'
	Where string // server.py, line 25: connection.sendall(response()); "" if it is in no file of the learner's
	own   bool   // the line is the innermost
}

func (r *raised) String() string {
	if r.Where == "" {
		return r.What
	}
	return r.What + "\n" + r.Where
}

const pythonTraceback = "Traceback (most recent call last):"

var (
	pythonFrame = regexp.MustCompile(`^ +File "([^"]+)", line (\d+)`)
	goPanic     = regexp.MustCompile(`(?m)^(?:panic|fatal error): (.*)$`)
	goFrame     = regexp.MustCompile(`(?m)^\t(.+\.go):(\d+)`)
)

// findRaised reads the last traceback in what a program printed, or nil.
func findRaised(printed, dir string) *raised {
	if at := strings.LastIndex(printed, pythonTraceback); at >= 0 {
		return pythonRaised(printed[at:], dir)
	}
	at := goPanic.FindStringSubmatchIndex(printed)
	if at == nil {
		return nil
	}
	r := &raised{What: "panic: " + printed[at[2]:at[3]]}
	for i, frame := range goFrame.FindAllStringSubmatch(printed[at[1]:], -1) {
		if r.Where = learnersLine(dir, frame[1], frame[2]); r.Where != "" {
			r.own = i == 0
			break
		}
	}
	return r
}

func pythonRaised(traceback, dir string) *raised {
	r := &raised{}
	for _, line := range strings.Split(traceback, "\n")[1:] {
		if frame := pythonFrame.FindStringSubmatch(line); frame != nil {
			where := learnersLine(dir, frame[1], frame[2])
			if r.own = where != ""; r.own {
				r.Where = where
			}
		} else if line != "" && line[0] != ' ' {
			r.What = strings.TrimSpace(line)
			return r
		}
	}
	return nil // it was cut
}

// learnersLine is a line of a file in the learner's folder; "" of another file.
func learnersLine(dir, file, number string) string {
	if resolved, err := filepath.EvalSymlinks(dir); err == nil && !within(dir, file) {
		dir = resolved
	}
	n, err := strconv.Atoi(number)
	if err != nil || !within(dir, file) {
		return ""
	}
	where := filepath.Base(file) + ", line " + number
	text, err := os.ReadFile(filepath.Join(dir, filepath.Base(file)))
	if lines := strings.Split(string(text), "\n"); err == nil && n >= 1 && n <= len(lines) {
		where += ": " + strings.TrimSpace(lines[n-1])
	}
	return where
}

// within says that a file is in a folder, as Python names it there: with its path, or without.
func within(dir, file string) bool {
	return filepath.Dir(file) == dir || filepath.Base(file) == file
}

// slips are exceptions that a program does not raise on purpose, and that no peer can cause: a mistake whose name says nothing
// of what was printed would hide the reason.
var slips = regexp.MustCompile(`^(?:panic: runtime error|(?:Type|Name|UnboundLocal|Attribute|Import|ModuleNotFound|Recursion|ZeroDivision|Assertion)Error\b)`)

// slipped says that the learner's own line failed in such a way.
func (o *Outcome) slipped() bool {
	return o.Raised != nil && slips.MatchString(o.Raised.What) && (o.Raised.own || o.Problem == problemDied || o.Problem == problemEnded)
}

// uncaught says that what was raised ended the program, or a thread of it, and was not only printed.
func (o *Outcome) uncaught() bool {
	ended := o.Problem == problemDied || o.Problem == problemEnded || o.Check.Run != nil || strings.Contains(o.Printed, "Exception in thread")
	return o.Raised != nil && (ended || o.slipped())
}

// notCaught is the mistake without another name.
const notCaught = "raised"

// cutShort is a failure that an exception has, most likely: with it, the connection is closed.
var cutShort = regexp.MustCompile(`the server closed|the connection (?:broke|ended)|cannot connect`)

const (
	lookAgain = 10 * time.Millisecond // how often a program is asked whether it has printed its exception by now
	asleep    = 10                    // so many times it sleeps when it is looked at, and it prints nothing any more
)

// lastWords waits for a server to print why it failed, and says whether it has ended. A connection that was cut short is
// closed a while before Python prints the exception: on a busy machine, seconds.
func (r *run) lastWords(failed error, before int) (ended bool) {
	if !cutShort.MatchString(failed.Error()) {
		return r.server.EndedWithin(r.Moment)
	}
	patience, sleeps := printing+startups*r.server.Startup(), 0
	for begun := time.Now(); sleeps < asleep; {
		if r.server.EndedWithin(lookAgain) {
			return true
		}
		if findRaised(r.server.OutputSince(before), r.Dir) != nil {
			break
		}
		idle, known := r.server.Idle()
		switch {
		case idle:
			sleeps++
		case known:
			sleeps = 0
		}
		if waited := time.Since(begun); waited > mostPrinting || !known && waited > patience {
			break
		}
	}
	return r.server.EndedWithin(r.Moment)
}

// settle waits until a server that serves is done with what it was asked: what it prints then belongs to what it is asked
// next. One that is never done is waited for once.
func (r *run) settle() {
	if r.server == nil || r.awake {
		return
	}
	patience := printing + startups*r.server.Startup()
	for begun := time.Now(); !r.server.Gone(); time.Sleep(lookAgain) {
		if idle, known := r.server.Idle(); idle || !known {
			return
		}
		if time.Since(begun) > patience {
			r.awake = true
			return
		}
	}
}
