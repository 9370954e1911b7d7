package command

import (
	"maps"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"glasswsgi/check/suite"
	"glasswsgi/tutorial"
)

// kindsHead is how the chapters of these tests begin.
const kindsHead = `
title = "Kinds"
goal = "Kinds"
minutes = 1
plan = [{ minutes = 1, what = "all" }]
[[predict]]
id = "one"
ask = "1?"
answers = ["1"]
why = "1"
but = { 2 = "2" }
`

// kinds is a chapter with each kind of check that the pattern chapters do not have.
var kinds = fstest.MapFS{
	"01-kinds/en.md":       {Data: []byte("# Kinds\n")},
	"01-kinds/zh.md":       {Data: []byte("# Kinds\n")},
	"01-kinds/teach.en.md": {Data: []byte("# Notes\n")},
	"01-kinds/teach.zh.md": {Data: []byte("# Notes\n")},
	"01-kinds/served/python/stub/app.py": {Data: []byte(`
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield environ["PATH_INFO"].encode("latin-1")
`)},
	"01-kinds/served/python/solution/app.py": {Data: []byte("")},
	"01-kinds/filter/python/stub/server.py": {Data: []byte(`
import sys
sys.stdout.write(sys.argv[1] + sys.stdin.read().upper())
`)},
	"01-kinds/filter/python/solution/x.py": {Data: []byte("")},
	"01-kinds/chapter.toml": {Data: []byte(kindsHead + `
[[exercise]]
id = "served"
title = "Served by glass"
task = "Serve"
languages = ["python"]
serve = "app.py"
hints = ["1", "2", "3"]
[[exercise.check]]
id = "path"
what = "path"
why = "path"
steps = [
  { send = "GET /{random} HTTP/1.1\r\nHost: {host}\r\n\r\n" },
  { expect = ['200 body "/{random}" field Transfer-Encoding "chunked"'] },
]
[[exercise.check]]
id = "restarted"
restart = true
what = "again"
why = "again"
steps = [
  { send = "GET /{random} HTTP/1.0\r\n\r\n" },
  { expect = ['200 body "/{random}" close'] },
]
[[exercise]]
id = "filter"
title = "A program that ends"
task = "Shout"
languages = ["python"]
hints = ["1", "2", "3"]
[[exercise.check]]
id = "shouts"
what = "shouts"
why = "shouts"
run = { stdin = "a{random}\u00e9\n", args = ["> "] }
expect = ['body ~/^> A[A-Z0-9]{12}/']
`)},
}

// TestCourseKinds: an application that glass serves, a restart, and a program that runs to its end, also as a command.
func TestCourseKinds(t *testing.T) {
	t.Parallel()
	chapters, err := tutorial.LoadFrom(kinds)
	if err != nil {
		t.Fatal(err)
	}
	j := judge(deadline)
	python, _, err := j.Python()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range chapters[0].Exercises {
		dir := t.TempDir()
		stub, err := e.Stub("python")
		if err == nil {
			err = tutorial.Put(dir, stub, true)
		}
		if err != nil {
			t.Fatal(err)
		}
		commands := [][]string{nil}
		if e.Any() {
			commands = append(commands, []string{python, "{dir}/server.py"})
		}
		for _, command := range commands {
			a, err := j.Judge(t.Context(), tutorial.Work{Exercise: e, Dir: dir, Language: "python", Command: command})
			if err != nil {
				t.Fatal(err)
			}
			if !a.Passed() {
				t.Errorf("%v\n%s", command, report(a))
			}
		}
	}
}

// TestCourseLimits: a program that should end and does not is ended, and so is what it started.
func TestCourseLimits(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	chapters, err := tutorial.LoadFrom(kinds)
	if err != nil {
		t.Fatal(err)
	}
	j := judge(time.Second)
	dir := t.TempDir()
	write(t, dir, "server.py", `import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
open("child", "w").write(str(child.pid))
child.wait()
`)
	a, err := j.Judge(t.Context(), tutorial.Work{Exercise: chapters[0].Exercise("filter"), Dir: dir, Language: "python"})
	if err != nil {
		t.Fatal(err)
	}
	if got := named(a); got != "does-not-end" {
		t.Errorf("it is called %q\n%s", got, report(a))
	}
	text, err := os.ReadFile(filepath.Join(dir, "child"))
	if err != nil {
		t.Skip("it was too slow to start another")
	}
	pid, _ := strconv.Atoi(string(text))
	for begun := time.Now(); alive(pid); time.Sleep(10 * time.Millisecond) {
		if time.Since(begun) > deadline {
			t.Fatalf("process %d is still there", pid)
		}
	}
}

// alive says whether there is a process that has not ended. Windows has no process groups: see the README.
func alive(pid int) bool {
	process, err := os.FindProcess(pid)
	return goruntime.GOOS != "windows" && err == nil && process.Signal(syscall.Signal(0)) == nil
}

// TestCoursePrinted: what a server prints of one request, late, is shown for the check that caused it and not for the next.
func TestCoursePrinted(t *testing.T) {
	t.Parallel()
	chapter := maps.Clone(kinds)
	chapter["01-kinds/chapter.toml"] = &fstest.MapFile{Data: []byte(kindsHead + `
[[exercise]]
id = "filter"
title = "A server"
task = "Serve"
languages = ["python"]
hints = ["1", "2", "3"]
[[exercise.check]]
id = "first"
what = "it closes"
why = "and prints later"
steps = [{ send = "first" }, { expect_end = true }]
[[exercise.check]]
id = "second"
what = "it answers"
why = "and prints nothing"
steps = [{ send = "second" }, { expect = ["200"] }]
`)}
	chapters, err := tutorial.LoadFrom(chapter)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, "server.py", `import socket, sys, time, traceback
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    connection, _ = listener.accept()
    with connection:
        asked = connection.recv(100)
        connection.sendall(b"" if asked == b"first" else b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    if asked == b"first":
        begun = time.process_time()
        while time.process_time() < begun + 0.1:
            pass
        try:
            raise ValueError("of the first")
        except ValueError:
            traceback.print_exc()
    else:
        print("of the second")
`)
	a, err := judge(10*time.Second).Judge(t.Context(), tutorial.Work{Exercise: chapters[0].Exercise("filter"), Dir: dir, Language: "python"})
	if err != nil {
		t.Fatal(err)
	}
	second := a.Outcomes[len(a.Outcomes)-1]
	if second.Check.ID != "second" || second.Passed || second.Raised != nil || strings.Contains(second.Printed, "of the first") {
		t.Errorf("%s passed: %v, raised: %v, printed:\n%s", second.Check.ID, second.Passed, second.Raised, second.Printed)
	}
}
