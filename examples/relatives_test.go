package examples

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"glasswsgi/check/suite"
)

// relatives are applications in other languages than Python, and what must run for them to be tested.
var relatives = []struct {
	name, file string
	needs      []string // a command that fails where the framework is not installed
}{
	{"Sinatra", "sinatra.ru", []string{"ruby", "-e", "require 'sinatra/base'"}},
	{"Rack", "hello.ru", []string{"ruby", "-e", "require 'rack'"}},
	{"Dancer2", "dancer.psgi", []string{"perl", "-MDancer2", "-e1"}},
	{"Mojolicious", "mojolicious.psgi", []string{"perl", "-MMojolicious", "-e1"}},
	{"PSGI", "hello.psgi", []string{"perl", "-MPlack::Middleware::Lint", "-e1"}},
	{"JSGI", "node.mjs", []string{"node", "--version"}},
	{"JSGI", "hello.js", []string{"node", "--version"}},
}

// TestRelatives asks the same of every framework as TestFrameworks; an application without one has a single route.
func TestRelatives(t *testing.T) {
	for _, r := range relatives {
		t.Run(r.file, func(t *testing.T) {
			t.Parallel()
			suite.NeedsMore(t)
			if out, err := exec.Command(r.needs[0], r.needs[1:]...).CombinedOutput(); err != nil {
				t.Fatalf("%s%v: run .ci/packages, which installs it", out, err)
			}
			s := start(t, "examples/relatives/"+r.file)
			if strings.HasPrefix(r.file, "hello.") {
				helloRelative(t, s, r.name)
				return
			}
			for _, route := range routes(r.name) {
				t.Run(route.name, func(t *testing.T) { route.try(t, s.URL) })
			}
		})
	}
}

// helloRelative sends what a checker of the relative's specification looks at: each kind of request and of body.
func helloRelative(t *testing.T, s *server, name string) {
	megabyte := randomBytes(1 << 20)
	for _, row := range []struct{ method, target, body, want string }{
		{"GET", "/any/path?a=b", "", "GET /any/path with 0 bytes"},
		{"POST", "/", "abc", "POST / with 3 bytes"},
		{"PUT", "/caf%C3%A9%2F", megabyte, "PUT /café/ with 1048576 bytes"},
		{"HEAD", "/", "", ""},
		{"OPTIONS", "/", "", "OPTIONS / with 0 bytes"},
	} {
		got := send(t, newRequest(t, row.method, s.URL+row.target, row.body))
		want := "Hello from " + name + ": " + row.want + "\n"
		if row.method == "HEAD" {
			want = ""
		}
		if got.StatusCode != 200 || got.body != want {
			t.Errorf("%s %s: %s %q, want %q", row.method, row.target, got.Status, got.body, want)
		}
	}
	if log := s.log.String(); strings.Contains(log, "ERR") {
		t.Errorf("the checker objects:\n%s", log)
	}
}

// TestRelativesDocuments: every file is tested, is listed in README.md, and says how it is run.
func TestRelativesDocuments(t *testing.T) {
	files, err := filepath.Glob("relatives/*")
	if err != nil {
		t.Fatal(err)
	}
	readme := fileText("README.md")
	for _, file := range files {
		if !strings.Contains(readme, "("+filepath.ToSlash(file)+")") {
			t.Errorf("README.md has no link to %s", file)
		}
		tested := false
		for _, r := range relatives {
			tested = tested || r.file == filepath.Base(file)
		}
		text, err := os.ReadFile(file)
		if err != nil || !tested || !strings.Contains(string(text), " Run:  go run . examples/"+filepath.ToSlash(file)+"\n") {
			t.Errorf("%s: %v; tested: %v; or it has no Run: line", file, err, tested)
		}
	}
}
