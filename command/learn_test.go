package command

import (
	"bufio"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"glasswsgi/check/suite"
	"glasswsgi/tutorial"
)

const learned = "wsgi-course/01-two-sides/four-callables/app.py"

// learnIn is glass learn in a folder.
func learnIn(t *testing.T, dir string, args ...string) *exec.Cmd {
	c := command(t, append([]string{"learn"}, args...)...)
	c.Dir = dir
	return c
}

// session begins glass learn, and waits until it asks the first question.
func session(t *testing.T, dir string, args ...string) (in io.WriteCloser, out *output, c *exec.Cmd) {
	t.Helper()
	c = learnIn(t, dir, args...)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out = newOutput()
	c.Stdout, c.Stderr = out, out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	out.await(t, "eight-objects")
	return in, out, c
}

func solve(t *testing.T, dir, chapterFolder, exercise, language string) {
	t.Helper()
	for _, c := range course(t) {
		if c.Folder != chapterFolder {
			continue
		}
		solution, err := c.Exercise(exercise).Solution(language)
		if err == nil {
			err = tutorial.Put(filepath.Join(dir, "wsgi-course", c.Folder, exercise), solution, true)
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatal("no chapter " + chapterFolder)
}

// TestLearnSession: a question answered, of which the first answer counts, an exercise run, hints, and where one goes on the next time.
func TestLearnSession(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	dir := t.TempDir()
	got := finish(t, learnIn(t, dir), "9\n1 2\n0\nr\nh\nh\ns\nfoo\nl\nt\n?\ng eight-objects\n1 3 4 7 8\ng 2\nn\ng four-callables\nq\n")
	contains(t, got.out, "0 of ", "Which of these", "✗ Not right", "TypeError", "01/four-callables", "still the stub",
		"01/four-callables, hint 1 of 3", "hint 2 of 3", "Type numbers from 1 to 8", "A string is only the name", "Your first answer, which counts: 1 2", "02/how-long is skipped", "solution now", `no command "foo"`, "✓ 01/eight-objects", "## Write it", "put the stub back", "Everything is saved")
	got = finish(t, learnIn(t, dir), "")
	contains(t, got.out, "2 of ", "01/four-callables", filepath.FromSlash(learned))
	if strings.Contains(got.out, "eight-objects") {
		t.Errorf("it begins anew\n%s", got.out)
	}
	got = finish(t, learnIn(t, dir, "--lang", "zh"), "h\nq\n")
	contains(t, got.out, "两个角色", "提示 3 / 3")
	got = finish(t, learnIn(t, dir, "list"), "") // the language is remembered
	contains(t, got.out, "✓ 01/generator-runs", "←", "套接字")
}

// TestLearnSystemLanguage: a course begins in the language of the system, where the course has it, until another is asked for.
func TestLearnSystemLanguage(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	for _, row := range [][3]string{
		{"LC_ALL=", "LANG=zh_CN.UTF-8", "两个角色"}, {"LC_ALL=C.UTF-8", "LANG=zh_CN.UTF-8", "Two sides"}, {"LC_ALL=", "LANG=fr_FR.UTF-8", "Two sides"},
	} {
		dir := t.TempDir()
		c := learnIn(t, dir, "list")
		c.Env = append(c.Environ(), "LC_MESSAGES=", row[0], row[1])
		contains(t, finish(t, c, "").out, row[2])
		contains(t, finish(t, learnIn(t, dir, "--lang", "zh", "list"), "").out, "两个角色")
	}
}

// TestLearnWatches: a file that is saved is judged, whoever tells of it.
func TestLearnWatches(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	for name, args := range map[string][]string{"told by the system": nil, "looking": {"--poll"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			in, out, c := session(t, dir, args...)
			io.WriteString(in, "go four-callables\n")
			out.await(t, "Save the file")
			write(t, dir, learned, "def function_app(environ, start_response)\n    pass\n")
			out.await(t, "there is a syntax error")
			solve(t, dir, "01-two-sides", "four-callables", "python")
			out.await(t, "01/four-callables is right")
			in.Close()
			if err := c.Wait(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// TestLearnCommands: what can be done without a session.
func TestLearnCommands(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	dir := t.TempDir()
	run := func(code int, stdin string, args ...string) string {
		t.Helper()
		got := finish(t, learnIn(t, dir, args...), stdin)
		if got.code != code {
			t.Errorf("glass learn %v: exit %d\n%s%s", args, got.code, got.out, got.err)
		}
		return got.out + got.err
	}
	contains(t, run(exitFailed, "", "check"), "01/four-callables", "✗ a function", "glass call app.py:function_app")
	contains(t, run(0, "", "hint", "1"), "hint 1 of 3")
	contains(t, run(0, "", "solution", "1"), "when the exercise passes")
	contains(t, run(0, "", "solution", "four-callables", "--now"), "--- 01/four-callables/app.py", "instance_app = Page()")
	solve(t, dir, "01-two-sides", "four-callables", "python")
	contains(t, run(0, "", "check", "four-callables"), "✓ a generator")
	contains(t, run(0, "", "solution", "four-callables"), "instance_app = Page()")
	contains(t, run(0, "", "reset", "four-callables"), "app.py.before-reset", "as it was")
	if _, err := os.Stat(filepath.Join(dir, learned+".before-reset")); err != nil {
		t.Error(err)
	}
	contains(t, run(0, "11\n1 2\n2\n", "predict", "2"), "✗ Not right", "11 counts characters", "nine bytes of tags", "Type one number from 1 to 3", "Content-Length counts bytes")
	contains(t, run(0, "", "predict", "2"), "Your first answer, which counts: 11")
	contains(t, run(0, "x\n50\n", "predict", "b1"), "Type a number, in digits", "✗ Not right")
	if listed := run(0, "", "list", "3"); !strings.Contains(listed, "03/read-the-head") || strings.Contains(listed, "04/three-parts") {
		t.Errorf("list 3:\n%s", listed)
	}
	contains(t, run(0, "n\n", "predict", "3"), "03/answers-of-chapter-2 is skipped")
	contains(t, run(exitFailed, "", "check", "no-such"), `no chapter or exercise "no-such"`)
	contains(t, run(exitMisused, "", "--lang", "fr"), "--lang")
	contains(t, run(exitFailed, "", "reset"), "reset which exercise?")
	contains(t, run(exitFailed, "", "chec"), "is check meant?")
	if _, err := os.Stat(filepath.Join(dir, "chec")); err == nil {
		t.Error("a command that is mistyped makes a folder")
	}
	contains(t, run(exitFailed, "", "check", "01/four-callables", "--", "node", "x.js"), "Python objects")
	contains(t, run(exitFailed, "", "check", "9", "3"), "one exercise or chapter at a time", "no program 3")
}

// TestLearnOwnChecks: a learner's own checks run after the course's, over a socket even where an application is called, and
// one that fails takes nothing away.
func TestLearnOwnChecks(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	dir := t.TempDir()
	finish(t, learnIn(t, dir, "list"), "")
	solve(t, dir, "01-two-sides", "four-callables", "python")
	write(t, dir, filepath.Join(filepath.Dir(learned), "my.checks"), `
[[check]]
id = "by-socket"
steps = [
  { send = "GET /{random} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n" },
  { expect = ['200 body "hello /{random}" close'] },
]

[[check]]
id = "louder"
what = "it shouts"
call = { app = "app.py:ClassApp", target = "/x" }
expect = ['json body == "HELLO /x"']
`)
	got := finish(t, learnIn(t, dir, "check", "four-callables"), "")
	contains(t, got.out, "✓ a generator", "your own checks, in my.checks", "✓ by-socket", "✗ it shouts", `body is "hello /x", and should be "HELLO /x"`, "counts as passed")
	if got.code != 0 {
		t.Errorf("exit %d", got.code)
	}
	contains(t, finish(t, learnIn(t, dir, "list"), "").out, "✓ 01/four-callables")
}

// TestLearnInspector: beside the pages, without a flag, is the live inspector. A call of a check is there with its worker.
func TestLearnInspector(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, out, c := session(t, dir)
	defer func() { in.Close(); c.Wait() }()
	url := regexp.MustCompile(`http://\S+`).FindString(out.String())
	base, _, _ := strings.Cut(url, "/learn/")
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar, Timeout: time.Minute}
	do := func(method, path, body string) *http.Response {
		t.Helper()
		r, _ := http.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Origin", base)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := client.Do(r)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%s: %v, %+v", path, err, response)
		}
		t.Cleanup(func() { response.Body.Close() })
		return response
	}
	read := func(r *http.Response) string {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	do("GET", url, "")
	chapter := read(do("GET", base+"/learn/chapter/01", ""))
	frame := html.UnescapeString(regexp.MustCompile(`<iframe id="inspector" src="([^"]*)"`).FindStringSubmatch(chapter)[1])
	contains(t, read(do("GET", base+frame, "")), `id="exchanges"`)
	events := bufio.NewScanner(do("GET", base+"/glass/api/events", "").Body)
	events.Scan() // somebody looks
	contains(t, read(do("POST", base+"/learn/run", "unit=01/four-callables")), "{}")
	for events.Scan() && !strings.Contains(events.Text(), `"ended"`) {
	}
	contains(t, read(do("GET", base+"/glass/api/exchanges", "")), `"worker"`, `"status":"500 Internal Server Error"`)
	contains(t, read(do("GET", base+"/learn/panel/01/four-callables", "")), `data-exchange="after-0"`)
}

// TestLearnAnyLanguage: a command is judged in place of files, over the socket.
func TestLearnAnyLanguage(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	dir := t.TempDir()
	interpreter, err := unpackOnce()
	if err != nil {
		t.Fatal(err)
	}
	finish(t, learnIn(t, dir, "list"), "")
	solve(t, dir, "02-socket", "always-the-same", "python")
	server := filepath.Join(dir, "wsgi-course/02-socket/always-the-same/server.py")
	got := finish(t, learnIn(t, dir, "check", "2", "--", interpreter.Path, server, "{port}"), "")
	if got.code != 0 {
		t.Errorf("%+v", got)
	}
	got = finish(t, learnIn(t, dir, "check", "2", "--", "/no/such/program", "{port}"), "")
	contains(t, got.out, "The command cannot be started")
}

// TestLearnBadPrograms: one that hangs, one that prints for ever, one that ends the interpreter; each has its name, and
// none outlives its judgement.
func TestLearnBadPrograms(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	e := course(t)[0].Exercise("four-callables")
	for text, want := range map[string]string{
		"import time\nwhile True: time.sleep(0.01)": "does-not-end",
		"while True: print('x' * 1000)":             "prints-without-end",
		"import os; os._exit(3)":                    "interpreter-ended",
		"import sys; sys.exit(3)":                   "",
		"def application(): pass":                   "name-missing",
		"def function_app(environ, x):\n return":    "not-iterable",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			j := judge(time.Second)
			dir := t.TempDir()
			write(t, dir, "app.py", text)
			a, err := j.Judge(t.Context(), tutorial.Work{Exercise: e, Dir: dir, Language: "python"})
			if err != nil {
				t.Fatal(err)
			}
			if got := named(a); got != want {
				t.Errorf("named %q, and should be %q\n%s", got, want, report(a))
			}
		})
	}
}

// TestLearnTeaching: the timetable, and the notes of a chapter.
func TestLearnTeaching(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got := finish(t, learnIn(t, dir, "plan", "--start", "08:30"), "")
	contains(t, got.out, "08:30   25 min  01 Two sides", "minutes of work", "faster:\n        25 min  10 ", " min  b3 ")
	half := finish(t, learnIn(t, dir, "plan", "--half", "--lang", "zh"), "")
	contains(t, half.out, "09:00    25 分钟  01 两个角色")
	if strings.Contains(half.out, "14 ") || strings.Contains(half.out, "b1 ") || strings.Contains(half.out, "午餐") {
		t.Errorf("this is no half day\n%s", half.out)
	}
	got = finish(t, learnIn(t, dir, "notes", "2"), "")
	contains(t, got.out, "Exercise: always the same", "# Instructor's notes", "Length 11")
	got = finish(t, learnIn(t, dir, "notes", "77"), "")
	contains(t, got.err, "no chapter 77")
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Error("whoever teaches needs no folder")
	}
}

// TestLearnClinic: the score, and the command that opens the stage of the first failure.
func TestLearnClinic(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	dir := t.TempDir()
	got := finish(t, learnIn(t, dir, "check", "14/mend-the-server"), "")
	if got.code != exitFailed {
		t.Errorf("exit %d", got.code)
	}
	contains(t, got.out, "score: 1 of 28", "✓ a plain GET", "✗ a request in two pieces", "glass step ", "mend-the-server/app.py --request ", "> break need-data")
	request, err := os.ReadFile(filepath.Join(dir, "wsgi-course/14-clinic/mend-the-server/.request.http"))
	if err != nil || !strings.HasPrefix(string(request), "GET /") {
		t.Errorf("%q, %v", request, err)
	}
}
