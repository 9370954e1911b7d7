package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/cpython/embedded"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/tutorial"
	"glasswsgi/tutorial/learn"
	"glasswsgi/tutorial/live"
	"glasswsgi/tutorial/pages"
)

// learnCommand is `glass learn`: the course on WSGI.
type learnCommand struct {
	Start    learnStart    `cmd:"" default:"withargs" help:"Begin the course in a folder, or go on with it (the default)."`
	List     learnList     `cmd:"" help:"List the chapters, and what is done."`
	Check    learnCheck    `cmd:"" help:"Judge exercises: check, check 2, check 02/always-the-same, check --all, check 2 -- node server.js {port}."`
	Hint     learnHint     `cmd:"" help:"Show the next hint for an exercise."`
	Reset    learnReset    `cmd:"" help:"Put the stub of an exercise back; your file is kept under another name."`
	Solution learnSolution `cmd:"" help:"Show the solution of an exercise that passes."`
	Slides   learnSlides   `cmd:"" help:"Show a chapter as slides, in the browser."`
	Plan     learnPlan     `cmd:"" help:"Print a timetable for a day, or half a day, of teaching."`
	Notes    learnNotes    `cmd:"" help:"Print the instructor's notes of a chapter, with its minutes."`
	Predict  learnPredict  `cmd:"" help:"Answer the questions of a chapter."`
	USB      learnUSB      `cmd:"" name:"usb" help:"Make a folder for a room without internet: binaries, exercises, documents, checksums."`
	Field    learnField    `cmd:"" help:"Read about the history of WSGI, its servers and its frameworks."`

	Lang  string `enum:"en,zh," default:"" placeholder:"en|zh" help:"The language of the course; it is remembered."`
	In    string `enum:"go,python," default:"" placeholder:"go|python" help:"The language of the exercises that exist in both; it is remembered. (python)"`
	Class string `placeholder:"URL" help:"Join a class: the URL that the instructor gave. Your name, chapter, pass or fail, attempts, the id of a mistake and your predictions are sent there, and nothing else. The folder remembers it; off leaves it."`
	As    string `placeholder:"NAME" help:"Your name in the class."`
	Dir   string `placeholder:"DIR" help:"The folder of the course. (the one that was begun here or above, or ${course_folder})"`
}

// Times that a learner's program has.
const (
	learnWait   = 3 * time.Second        // for each answer
	learnUp     = 8 * time.Second        // to accept connections
	learnMoment = 200 * time.Millisecond // to end, when it dies over a request
	learnLimit  = 10 * time.Second       // to run to its end
)

// course opens the learner's course.
func (c *learnCommand) course() (*learn.Course, error) {
	dir := c.Dir
	if dir == "" {
		if found, ok := learn.Find("."); ok {
			dir = found
		} else {
			dir = learn.DefaultFolder
		}
	}
	glass, err := os.Executable()
	if err != nil {
		return nil, err
	}
	judge := &tutorial.Judge{
		Python:  coursePython,
		Glass:   []string{glass},
		Timeout: learnWait, Start: learnUp, Moment: learnMoment, Limit: learnLimit,
	}
	if c.In == "go" {
		if _, err := exec.LookPath("go"); err != nil {
			return nil, errors.New(tutorial.Say(c.Lang, "in-go"))
		}
	}
	return learn.Open(dir, learn.Options{Lang: c.Lang, In: c.In, System: systemLanguage()}, judge)
}

// systemLanguage is the one of the course's languages that the user's system speaks, by the variable that POSIX lets count;
// "", where that says nothing.
func systemLanguage() string {
	locale, _, _ := strings.Cut(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG")), "_")
	if slices.Contains(tutorial.Languages, locale) {
		return locale
	}
	return ""
}

// coursePython is the interpreter that the binary brings along, unpacked once.
func coursePython() (string, []string, error) {
	interpreter, err := unpackOnce()
	return interpreter.Path, interpreter.Environ(), err
}

var unpackOnce = sync.OnceValues(func() (cpython.Interpreter, error) { return embedded.Unpack(os.Stderr) })

// startLearners runs an application of the learner's for the inspector: what it prints is shown by the checks, and not here.
func startLearners(ctx context.Context, dir, app string, debugger cpython.Debugger) (wsgi.Application, func(), error) {
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, nil, err
	}
	a := application{App: app, Workers: 1, Threads: 1, Chdir: dir, Python: "embedded"}
	runtime, err := a.start(ctx, options{timeout: learnLimit, graceful: learnMoment, output: nowhere, log: slog.New(slog.DiscardHandler), debugger: debugger})
	if err != nil {
		nowhere.Close()
		return nil, nil, err
	}
	return runtime, func() { kill(runtime); nowhere.Close() }, nil
}

// outputWidth is that of the terminal, as long as it is one.
func outputWidth() int { return width(os.Stdout) }

func interruptible() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}

// learnStart is the course at the terminal.
type learnStart struct {
	Folder string `arg:"" optional:"" help:"The folder of the course."`
	Web    string `default:"127.0.0.1:0" placeholder:"ADDR" help:"Where the pages are, on this machine; off for none. (${default})"`
	Poll   bool   `help:"Look for saved files again and again, where the system does not tell of them: network folders, some containers."`
}

// Run goes on until the learner quits.
func (s *learnStart) Run(parent *learnCommand) error {
	if s.Folder != "" {
		if err := parent.noCommand(s.Folder); err != nil {
			return err
		}
		parent.Dir = s.Folder
	}
	course, err := parent.course()
	if err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	if s.Web != "off" {
		look := live.New(course, live.Options{Version: version, Source: goSource, Start: startLearners})
		defer look.Close()
		web := &pages.Server{Course: course, Inspector: look}
		url, stopPages, err := web.Serve(s.Web)
		if err != nil {
			return err
		}
		defer stopPages()
		fmt.Printf(tutorial.Say(course.Lang(), "page-url")+"\n", url)
	}
	member, err := parent.join(course)
	if err != nil {
		return err
	}
	defer member.follow()()
	t := &learn.Terminal{Course: course, Out: os.Stdout, Width: outputWidth, Poll: s.Poll, Class: member != nil}
	return t.Run(ctx, os.Stdin)
}

// noCommand says that a new folder would have nearly the name of a command: chec is no place for a course.
func (c *learnCommand) noCommand(folder string) error {
	if _, err := os.Stat(folder); err == nil {
		return nil
	}
	for _, name := range []string{"start", "list", "check", "hint", "reset", "solution", "slides", "plan", "notes", "predict", "field", "usb"} {
		if strings.HasPrefix(name, folder) || strings.HasPrefix(folder, name) {
			return fmt.Errorf(tutorial.Say(c.Lang, "no-folder"), folder, name)
		}
	}
	return nil
}

type learnList struct {
	Chapter string `arg:"" optional:"" help:"The chapter to open: 2, b1. (all of them)"`
}

// Run lists the chapters, and what is in them.
func (l *learnList) Run(parent *learnCommand) error {
	course, err := parent.course()
	if err != nil {
		return err
	}
	return (&learn.Terminal{Course: course, Out: os.Stdout, Width: outputWidth}).List(l.Chapter)
}

// learnCheck judges exercises, and ends with 1 where one fails.
type learnCheck struct {
	Exercise string   `arg:"" optional:"" help:"A chapter or an exercise. (the one at hand)"`
	Command  []string `arg:"" optional:"" help:"After --, a command that is judged in place of your files; {port} and {dir} are filled in."`
	All      bool     `help:"All exercises and all of their checks, not only up to the first that fails."`
}

// Run judges what is named, or the exercise at hand.
func (c *learnCheck) Run(parent *learnCommand) error {
	course, err := parent.course()
	if err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	member, err := parent.join(course)
	if err == nil {
		err = member.report(ctx) // the answer says which chapters are open
	}
	if err != nil {
		return err
	}
	course.Judge.All = c.All
	units, err := c.units(course)
	if err != nil {
		return err
	}
	t := &learn.Terminal{Course: course, Out: os.Stdout, Width: outputWidth}
	passed, judged := true, false
	for _, u := range units {
		if u.Exercise == nil || c.All && course.Locked(u.ID()) != nil {
			continue
		}
		if len(course.Work(u.Exercise).Command) > 0 && len(units) > 1 && !u.Exercise.Any() {
			continue // of a chapter, a command can only do what goes over a socket or standard streams
		}
		fmt.Fprintf(t.Out, "%s  %s\n", u.ID(), u.Exercise.Title.In(course.Lang())) // some checks take seconds
		attempt, err := course.Check(ctx, u.Exercise)
		if err != nil {
			return err
		}
		t.Report(attempt)
		judged, passed = true, passed && attempt.Passed()
		if !c.All {
			err = course.Choose(u.ID())
		}
		if err != nil {
			return err
		}
		if err := member.report(ctx); err != nil {
			return err
		}
	}
	switch {
	case !judged:
		return errors.New(tutorial.Say(course.Lang(), "no-exercise"))
	case !passed:
		return silentExit(exitFailed)
	}
	return nil
}

// units are the exercises that are meant. A word that names none begins a command.
func (c *learnCheck) units(course *learn.Course) ([]learn.Unit, error) {
	words := c.Command
	if c.Exercise != "" {
		words = slices.Concat([]string{c.Exercise}, words)
	}
	var units []learn.Unit
	if len(words) > 0 {
		found, err := course.Resolve(words[0])
		switch {
		case err == nil:
			units, words = found, words[1:]
		case len(words) == 1:
			return nil, err
		}
		if units != nil && another(course, words) {
			return nil, fmt.Errorf(tutorial.Say(course.Lang(), "check-one"), c.Exercise, words[0])
		}
	}
	course.Use(words)
	if units != nil {
		return forCommand(units, words), nil
	}
	if c.All {
		return course.Units, nil
	}
	u, ok := course.CurrentExercise()
	if !ok {
		return nil, errors.New(tutorial.Say(course.Lang(), "all-judged"))
	}
	return []learn.Unit{u}, nil
}

// forCommand leaves out the exercises of a chapter that no command can be judged in, such as a probe to write.
func forCommand(units []learn.Unit, command []string) []learn.Unit {
	any := slices.DeleteFunc(slices.Clone(units), func(u learn.Unit) bool { return u.Exercise != nil && !u.Exercise.Any() })
	if len(command) == 0 || !slices.ContainsFunc(any, func(u learn.Unit) bool { return u.Exercise != nil }) {
		return units
	}
	return any
}

// another says whether what stands in the place of a command is a second exercise.
func another(course *learn.Course, words []string) bool {
	if len(words) == 0 {
		return false
	}
	_, err := course.Resolve(words[0])
	_, missing := exec.LookPath(words[0])
	return err == nil && missing != nil
}

// learnExercise is the argument of commands for one exercise.
type learnExercise struct {
	Exercise string `arg:"" optional:"" help:"A chapter or an exercise. (the one at hand)"`
}

// line does one line of the terminal.
func (e learnExercise) line(parent *learnCommand, word, rest string) error {
	course, err := parent.course()
	if err != nil {
		return err
	}
	if e.Exercise == "" {
		if u, ok := course.CurrentExercise(); ok {
			e.Exercise = u.ID()
		}
	}
	t := &learn.Terminal{Course: course, Out: os.Stdout, Width: outputWidth}
	return t.Line(context.Background(), word+" "+e.Exercise+rest)
}

type learnHint struct{ learnExercise }

// Run shows a hint.
func (h *learnHint) Run(parent *learnCommand) error { return h.line(parent, "hint", "") }

type learnReset struct{ learnExercise }

// Run puts a stub back.
func (r *learnReset) Run(parent *learnCommand) error {
	if r.Exercise == "" {
		return errors.New(tutorial.Say(parent.Lang, "reset-which"))
	}
	return r.line(parent, "reset", "")
}

type learnSolution struct {
	learnExercise
	Now bool `help:"Show it although the exercise does not pass yet."`
}

// Run shows a solution.
func (s *learnSolution) Run(parent *learnCommand) error {
	if s.Now {
		return s.line(parent, "solution", " now")
	}
	return s.line(parent, "solution", "")
}

type learnField struct{}

// Run prints the page.
func (*learnField) Run(parent *learnCommand) error {
	return learnExercise{}.line(parent, "field", "")
}

type learnPredict struct{ learnExercise }

// Run asks the questions of a chapter, until they are answered or the input ends.
func (p *learnPredict) Run(parent *learnCommand) error {
	course, err := parent.course()
	if err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	t := &learn.Terminal{Course: course, Out: os.Stdout, Width: outputWidth}
	return t.Predict(ctx, p.Exercise, os.Stdin)
}
