package command

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"glasswsgi/check"
	"glasswsgi/check/peer"
	"glasswsgi/check/suite"
	"glasswsgi/tutorial"
)

// judge is what `glass learn` has, with the patience of a test: what is right comes at once, and only what is missing is
// waited for.
func judge(patience time.Duration) *tutorial.Judge {
	return &tutorial.Judge{
		Python: coursePython, Glass: []string{os.Args[0]},
		Timeout: patience, Start: deadline, Moment: patience / 4, Limit: max(patience, 5*time.Second),
	}
}

// atATime is how many programs of the course run at the same time. Most of them wait: the tests of the exercises took 190 s with
// three at a time on two cores, and 84 s with eight, of which 45 s were work.
const atATime = 8

// judgedHere says whether a program is judged: in CI each is. Elsewhere a sample is, with more of the solutions, and none in Go,
// because each is compiled.
func judgedHere(e *tutorial.Exercise, what, language string) bool {
	place := len(e.ID + what)
	if what == solution {
		place *= 4
	}
	return suite.Whole() || language != "go" && suite.Sample(place)
}

const stub, solution = "stub", "solution"

// TestCourseExercises: every stub fails, every solution passes, written in another way, too, and every known wrong variant
// is named as the mistake that it is. Outside CI there is what judgedHere says.
func TestCourseExercises(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	places := make(chan struct{}, atATime)
	patient, slow, hasty := judge(deadline), judge(10*time.Second), judge(2*time.Second)
	slow.Limit = deadline // for what runs to its end: where the machine is busy, that may be a while
	run := func(t *testing.T, j *tutorial.Judge, e *tutorial.Exercise, language string, files map[string][]byte) *tutorial.Attempt {
		places <- struct{}{}
		defer func() { <-places }()
		return judged(t, j, e, language, files)
	}
	eachExercise(t, func(t *testing.T, e *tutorial.Exercise, language string) {
		t.Run(stub, func(t *testing.T) {
			t.Parallel()
			if !judgedHere(e, stub, language) {
				t.Skip("CI judges it")
			}
			files, _ := e.Stub(language)
			a := run(t, hasty, e, language, files)
			if a.Passed() {
				t.Error("the stub passes")
			} else if p := a.First().Problem; p == "compile" || p == "crashed" {
				t.Errorf("the stub does not even run\n%s", report(a))
			}
		})
		t.Run(solution, func(t *testing.T) {
			t.Parallel()
			if !judgedHere(e, solution, language) {
				t.Skip("CI judges it")
			}
			files, _ := e.Solution(language)
			if a := run(t, patient, e, language, files); !a.Passed() {
				t.Errorf("the solution fails\n%s", report(a))
			}
		})
		for _, r := range e.Right {
			if r.Language != language || !suite.Whole() {
				continue
			}
			t.Run(r.What, func(t *testing.T) {
				t.Parallel()
				files, err := e.Variant(language, r.Edits)
				if err != nil {
					t.Fatal(err)
				}
				a := run(t, patient, e, language, files)
				for tries := 0; !a.Passed() && tries < 2; tries++ { // on a busy machine it may be slower than a time-out of its own
					a = run(t, patient, e, language, files)
				}
				if !a.Passed() {
					t.Errorf("it is right, and fails\n%s", report(a))
				}
			})
		}
		for _, w := range e.Wrong {
			if w.Language != language || !judgedHere(e, w.Mistake, language) {
				continue
			}
			t.Run(w.Mistake, func(t *testing.T) {
				t.Parallel()
				files, err := e.Variant(language, w.Edits)
				if err != nil {
					t.Fatal(err)
				}
				a := run(t, hasty, e, language, files)
				for tries := 0; named(a) != w.Mistake && tries < 2; tries++ { // a busy machine may have been slower than 2 seconds
					a = run(t, slow, e, language, files)
				}
				if got := named(a); got != w.Mistake {
					t.Errorf("it is called %q\n%s", got, report(a))
				}
			})
		}
	})
}

// judged is an attempt with these files, in a learner's folder.
func judged(t *testing.T, j *tutorial.Judge, e *tutorial.Exercise, language string, files map[string][]byte) *tutorial.Attempt {
	dir := t.TempDir()
	work := tutorial.Work{Exercise: e, Dir: filepath.Join(dir, filepath.FromSlash(e.Path())), Language: language}
	err := e.Chapter.Lay(dir, language)
	if err == nil {
		err = tutorial.Put(work.Dir, files, true)
	}
	var attempt *tutorial.Attempt
	if err == nil {
		attempt, err = j.Judge(t.Context(), work)
	}
	if err != nil {
		t.Error(err)
		return &tutorial.Attempt{Work: work}
	}
	return attempt
}

func eachExercise(t *testing.T, visit func(t *testing.T, e *tutorial.Exercise, language string)) {
	for _, c := range course(t) {
		for _, e := range c.Exercises {
			for _, language := range e.Languages {
				t.Run(e.Name()+"/"+language, func(t *testing.T) {
					t.Parallel()
					visit(t, e, language)
				})
			}
		}
	}
}

func course(t *testing.T) []*tutorial.Chapter {
	t.Helper()
	chapters, err := tutorial.Load()
	if err != nil {
		t.Fatal(err)
	}
	return chapters
}

// named is the name of the mistake in the first check that failed.
func named(a *tutorial.Attempt) string {
	first := a.First()
	switch {
	case first == nil:
		return "nothing: it passes"
	case first.Mistake == nil:
		return ""
	}
	return first.Mistake.ID
}

func report(a *tutorial.Attempt) string {
	var text strings.Builder
	a.Write(&text, "en")
	return text.String()
}

// TestCourseServers: what a chapter's server is broken in, the next one's is not.
func TestCourseServers(t *testing.T) {
	t.Parallel()
	if !suite.Whole() {
		t.Skip("compiles nine servers: CI=true runs it")
	}
	var mended *tutorial.Check // by the next chapter
	for _, c := range course(t) {
		if c.Server == nil {
			continue
		}
		before := mended
		t.Run(c.Folder, func(t *testing.T) {
			t.Parallel()
			address := startChapterServer(t, buildChapterServer(t, c), c.Server.Args)
			if before != nil {
				if talk := ask(t, address, before, deadline); talk.Err != nil {
					t.Errorf("what the chapter before is broken in should be mended here: %v", talk.Err)
				}
			}
			if c.Server.Broken != nil {
				if talk := ask(t, address, c.Server.Broken, 2*time.Second); talk.Err == nil {
					t.Error("the server is not broken in the way that chapter.toml says")
				}
			}
		})
		mended = c.Server.Broken
	}
}

func ask(t *testing.T, address string, c *tutorial.Check, patience time.Duration) check.Talk {
	return check.Target{Address: address, Timeout: patience}.Talk(t.Context(), c.Steps)
}

// buildChapterServer builds the server as a learner does, in a folder with nothing of this module.
func buildChapterServer(t *testing.T, c *tutorial.Chapter) string {
	t.Helper()
	dir := t.TempDir()
	if err := errors.Join(c.Lay(dir, "go"), c.LayServer(dir)); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "server.exe")
	build := exec.Command("go", "build", "-o", binary, "./"+c.Folder+"/server")
	build.Dir, build.Env = dir, append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

func startChapterServer(t *testing.T, binary string, args []string) string {
	t.Helper()
	p := peer.Program{Words: append([]string{binary, "{port}"}, args...), Dir: filepath.Dir(binary)}
	server, err := peer.Launch(t.Context(), p, deadline)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server.Address
}

// TestCourseTranscripts: every console session in the texts is run again, in a learner's folder with the solutions in it.
func TestCourseTranscripts(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"sh", "curl", "python3"} {
		suite.Program(t, program)
	}
	for _, c := range course(t) {
		page, err := c.Page("en")
		if err != nil {
			t.Fatal(err)
		}
		skeleton, err := tutorial.ReadSkeleton(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, transcript := range skeleton.Transcripts() {
			t.Run(c.Folder, func(t *testing.T) {
				t.Parallel()
				runTranscript(t, c, transcript)
			})
		}
	}
}

func runTranscript(t *testing.T, c *tutorial.Chapter, transcript tutorial.Transcript) {
	dir, port := solvedFolder(t, c), "8888"
	if transcript.Server {
		_, port, _ = net.SplitHostPort(startChapterServer(t, buildChapterServer(t, c), c.Server.Args))
	}
	for _, command := range transcript.Commands {
		shell := exec.CommandContext(t.Context(), "sh", "-c", strings.ReplaceAll(command.Line, "8888", port))
		shell.Dir = filepath.Join(dir, c.Folder)
		shell.Env = append(os.Environ(), "NO_COLOR=1", "PATH="+glassFolder(t)+":"+os.Getenv("PATH"))
		got, _ := shell.CombinedOutput()
		if !matchesTranscript(strings.ReplaceAll(string(got), port, "8888"), command.Output) {
			t.Errorf("$ %s\n%s\nwhere the text has\n%s", command.Line, got, command.Output)
		}
	}
}

// matchesTranscript: … stands for anything, CR LF is a line's end, and so is none after the last line.
func matchesTranscript(got, want string) bool {
	want = regexp.QuoteMeta(strings.TrimSpace(want))
	pattern := "(?s)^" + strings.ReplaceAll(want, "…", ".*") + "$"
	return regexp.MustCompile(pattern).MatchString(strings.TrimSpace(strings.ReplaceAll(got, "\r\n", "\n")))
}

// solvedFolder is a learner's folder in which everything is done.
func solvedFolder(t *testing.T, c *tutorial.Chapter) string {
	t.Helper()
	dir := t.TempDir()
	if err := errors.Join(c.Lay(dir, "python"), c.LayServer(dir)); err != nil {
		t.Fatal(err)
	}
	for _, e := range c.Exercises {
		solution, err := e.Solution(e.In("python"))
		if err == nil {
			err = tutorial.Put(filepath.Join(dir, filepath.FromSlash(e.Path())), solution, true)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// glassFolder is a folder in which this test binary is called glass.
func glassFolder(t *testing.T) string {
	t.Helper()
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "glass")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestCourseReport: what a learner is shown of a failure.
func TestCourseReport(t *testing.T) {
	t.Parallel()
	e := course(t)[1].Exercise("always-the-same")
	files, err := e.Variant(e.Wrong[0].Language, e.Wrong[0].Edits)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := tutorial.Put(dir, files, true); err != nil {
		t.Fatal(err)
	}
	if err := tutorial.Put(dir, map[string][]byte{"go.mod": []byte("module course\n\ngo 1.21\n")}, true); err != nil {
		t.Fatal(err)
	}
	a, err := judge(2*time.Second).Judge(t.Context(), tutorial.Work{Exercise: e, Dir: dir, Language: "go"})
	if err != nil {
		t.Fatal(err)
	}
	var en, zh bytes.Buffer
	a.Write(&en, "en")
	a.Write(&zh, "zh")
	contains(t, en.String(), "You counted characters, not bytes.", `> GET / HTTP/1.0\r\n`, `< Content-Length: 11\r\n`,
		"got:   Content-Length: 11\\r\\n\n                          ^", "hex:", "31 [31] 0d 0a", "RFC 9112 §4")
	contains(t, zh.String(), "你数的是字符，而不是字节。")
}

// TestCourseReportOfCalls: what a call was given and gave can be read; bytes look like bytes; and where it did not come to
// a check, its rule is not the reason.
func TestCourseReportOfCalls(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	attempt := func(e *tutorial.Exercise, file, text, language string) string {
		t.Helper()
		dir := t.TempDir()
		write(t, dir, file, text)
		write(t, dir, "go.mod", "module course\n\ngo 1.21\n")
		a, err := judge(2*time.Second).Judge(t.Context(), tutorial.Work{Exercise: e, Dir: dir, Language: language})
		if err != nil {
			t.Fatal(err)
		}
		return report(a)
	}
	routes := course(t)[5].Exercise("routes")
	solution, err := routes.Solution("python")
	if err != nil {
		t.Fatal(err)
	}
	app := string(solution["app.py"])
	contains(t, attempt(routes, "app.py", strings.Replace(app, `"", "/"`, `"/",`, 1), "python"), `GET '/x'  # and in environ: PATH_INFO="" SCRIPT_NAME="/shop"`)
	contains(t, attempt(routes, "app.py", strings.Replace(app, `.encode("utf-8")`, `.encode("utf-16")`, 1), "python"), `\u00`)
	contains(t, attempt(routes, "app.py", "def application(environ, start_response):\n    x[1]\n", "python"),
		"< error: NameError: name 'x' is not defined\n  <   app.py, line 2: x[1]\n")
	contains(t, attempt(course(t)[5].Exercise("make-environ"), "environ.py", "def make_environ(*request):\n    return {}\n", "python"),
		">>> make_environ(b'PUT', b'/", "[(b'Host', b'example.org')]")
	contains(t, attempt(course(t)[0].Exercise("call-application"), "caller.py", "def call_application(app, environ):\n    return 1\n", "python"),
		">>> call_application(app, environ of GET /)")
	refused := attempt(course(t)[1].Exercise("always-the-same"), "main.go", "package main\n\nfunc main() { x }\n", "go")
	contains(t, refused, "main.go:3:15", "The compiler refuses it.")
	if strings.Count(refused, "main.go:3:15") != 1 || strings.Contains(refused, "RFC") {
		t.Error(refused)
	}
}
