package relatives_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/relatives"
)

// loadErrors are files that are no applications, by relative: what is in the file, and what its author is told.
var loadErrors = map[string][]struct {
	what, text string
	kind       cpython.LoadKind
	says       []string
}{
	"Rack": {
		{"a syntax error", "run ->(env) {\n  [200, {}, ['']\n}\n", cpython.LoadSyntaxError, []string{"config.ru:3: syntax error"}},
		{"a missing gem", "require 'a_gem/of_mine'\nrun 1\n", cpython.LoadImportMissing,
			[]string{"config.ru requires a_gem/of_mine, which is not installed", "gem install a_gem", "apt install ruby-a-gem", "config.ru:1:in"}},
		{"a missing file of its own", "require_relative 'mine'\n", cpython.LoadModuleNotFound, []string{"/mine, and there is no such file"}},
		{"no run", "use Rack::Head\n", cpython.LoadAttributeMissing, []string{"config.ru has no line that says run", "hint: end it with the application: run App"}},
		{"no application", "run 5\n", cpython.LoadNotCallable, []string{"config.ru runs 5, which does not respond to call", "hint: an application is"}},
		{"an exception", "def f = raise('oh no')\nf\n", cpython.LoadException, []string{"config.ru raised RuntimeError: oh no", "config.ru:1:in `f'"}},
		{"an end", "exit 3\n", cpython.LoadExit, []string{"config.ru called exit(3)"}},
	},
	"PSGI": {
		{"a syntax error", "sub {\n  [200, [], ['']\n}\n", cpython.LoadSyntaxError, []string{"app.psgi line 3, near"}},
		{"an unknown name", "use strict;\n$x = 1;\n", cpython.LoadSyntaxError, []string{`Global symbol "$x" requires explicit package name`, "app.psgi line 2"}},
		{"a missing module", "use A::Module::Of::Mine;\n", cpython.LoadImportMissing,
			[]string{"app.psgi uses A::Module::Of::Mine, which is not installed", "cpanm A::Module::Of::Mine", "apt install liba-module-of-mine-perl", "app.psgi line 1"}},
		{"no application", "my $app = sub { };\n1;\n", cpython.LoadNotCallable, []string{"app.psgi ends with '1', which is no code reference", "hint: let its last line be the application"}},
		{"an empty file", "", cpython.LoadNotCallable, []string{"app.psgi ends with undef"}},
		{"an exception", "die 'oh no'\n", cpython.LoadException, []string{"app.psgi died: oh no at ./app.psgi line 1"}},
		{"an end", "exit 3\n", cpython.LoadExit, []string{"app.psgi called exit(3)"}},
	},
	"JSGI": {
		{"a syntax error", "exports.app = () => {\n  return {;\n}\n", cpython.LoadSyntaxError, []string{"app.js, line 2: Unexpected token ';'", "return {;"}},
		{"a missing package", "require('@mine/a-package/part');\n", cpython.LoadImportMissing,
			[]string{"app.js requires @mine/a-package/part, which is not installed", "npm install @mine/a-package", "apt install node-mine-a-package", "app.js:1"}},
		{"a missing package of a module", "import x from 'mine-too';\n", cpython.LoadImportMissing, []string{"app.js requires mine-too, which is not installed"}},
		{"a missing file of its own", "require('./mine');\n", cpython.LoadModuleNotFound, []string{"app.js requires ./mine, and there is no such file"}},
		{"no application", "exports.handler = () => 1;\n", cpython.LoadAttributeMissing, []string{"app.js exports no app", "hint: it exports handler"}},
		{"nothing", "", cpython.LoadAttributeMissing, []string{"app.js exports no app", "hint: an application is exports.app"}},
		{"no function", "exports.app = 5;\n", cpython.LoadNotCallable, []string{"app in app.js is no function, but 5"}},
		{"a handler of node's", "module.exports = (request, response) => 1;\n", cpython.LoadWrongParameters, []string{"takes 2 parameters", "handlers of node's http"}},
		{"an exception", "throw new RangeError('oh no');\n", cpython.LoadException, []string{"app.js raised RangeError: oh no", "app.js:1"}},
		{"no error", "throw 'oh no';\n", cpython.LoadException, []string{"app.js raised oh no, which is no Error"}},
		{"an end", "process.exit(3);\n", cpython.LoadExit, []string{"app.js called process.exit(3)"}},
	},
}

// TestLoadErrors: what keeps an application from being loaded is told to its author, and no line of ours is.
func TestLoadErrors(t *testing.T) {
	each(t, func(t *testing.T, r *relatives.Relative, app string) {
		name := map[string]string{"Rack": "config.ru", "PSGI": "app.psgi", "JSGI": "app.js"}[r.Name]
		for _, row := range loadErrors[r.Name] {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, name), []byte(row.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := tryStart(t, r, name, func(c *cpython.Config) { c.Dir = dir })
			checkLoadError(t, row.what, err, row.kind, row.says)
		}
		_, err := tryStart(t, r, "nowhere/"+name, nil)
		checkLoadError(t, "no file", err, cpython.LoadFileNotFound, []string{"there is no file nowhere/" + name, "hint: that folder holds no *"})
		_, err = tryStart(t, r, strings.Replace(app, "app", "ap", 1), nil)
		checkLoadError(t, "a wrong name", err, cpython.LoadFileNotFound, []string{"hint: that folder holds " + app})
	})
}

func checkLoadError(t *testing.T, what string, err error, kind cpython.LoadKind, says []string) {
	t.Helper()
	var load *cpython.LoadError
	if !errors.As(err, &load) || load.Kind != kind {
		t.Errorf("%s: %v", what, err)
		return
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %q is not in:\n%v", what, text, err)
		}
	}
	if strings.Contains(err.Error(), "glass worker") {
		t.Errorf("%s: our own lines are in:\n%v", what, err)
	}
}

// hangs are applications that do not end to be loaded.
var hangs = map[string]string{"Rack": "sleep 600\n", "PSGI": "sleep 600;\n", "JSGI": "for (;;);\n"}

// TestLoadHangs: an application that does not end to be loaded is told with the line at which it waits.
func TestLoadHangs(t *testing.T) {
	each(t, func(t *testing.T, r *relatives.Relative, app string) {
		file := filepath.Join(t.TempDir(), "hangs"+filepath.Ext(app))
		if err := os.WriteFile(file, []byte(hangs[r.Name]), 0o600); err != nil {
			t.Fatal(err)
		}
		where, limit := filepath.Base(file)+":1", time.Second
		if r == relatives.JSGI { // nothing can be asked while a loop runs
			where, limit = "does not say where it is", 100*time.Millisecond
		}
		for ; ; limit *= 2 { // on a busy machine it has not come to the line after a second
			_, err := tryStart(t, r, file, func(c *cpython.Config) { c.StartTimeout = limit })
			var load *cpython.LoadError
			if !errors.As(err, &load) || load.Kind != cpython.LoadTimeout || !strings.Contains(err.Error(), "--start-timeout") {
				t.Fatal(err)
			}
			if strings.Contains(err.Error(), where) {
				break
			}
			if limit > patience {
				t.Fatal(err)
			}
		}
	})
}

// TestNoInterpreter: what is missing is said with the package that brings it.
func TestNoInterpreter(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, s := range subjects {
		_, err := s.Find()
		if err == nil || !strings.Contains(err.Error(), s.Name+" applications need "+s.Language) || !strings.Contains(err.Error(), "apt install ") {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}

// TestWrongInterpreter: an interpreter that is too old, or none, is not taken.
func TestWrongInterpreter(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	for answer, want := range map[string]string{"echo 1.2.3": "or newer is needed", "echo hello": "it answered", "echo oh no >&2; exit 3": "oh no"} {
		for _, name := range []string{"ruby", "perl", "node"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+answer+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range subjects {
			if _, err := s.Find(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s, %s: %v", s.Name, answer, err)
			}
		}
	}
}
