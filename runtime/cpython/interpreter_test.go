package cpython_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"glasswsgi/runtime/cpython"
)

func TestFind(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the folders below are laid out as on Unix")
	}
	real := interpreters(t)[0]
	embedded := func() (cpython.Interpreter, error) { return cpython.Interpreter{Path: "EMBEDDED"}, nil }
	dir := folder(t, "text", "no program", "bin/old", "#!/bin/sh\necho CPython 3 8 1\n", "bin/pypy",
		"#!/bin/sh\necho PyPy 3 11 0\n", "bin/not", "#!/bin/sh\necho hello\n", "bin/fails", "#!/bin/sh\necho broken >&2; exit 1\n",
		"bin/two", "#!/bin/sh\nif [ $1 = -I ]; then echo 'Unknown option: -I' >&2; exit 2; fi\necho CPython 2 7 18\n")
	for _, name := range []string{"old", "pypy", "not", "fails", "two"} {
		os.Chmod(filepath.Join(dir, "bin", name), 0o700)
	}
	withVenv := folder(t, ".venv/pyvenv.cfg", "")
	os.Mkdir(filepath.Join(withVenv, ".venv", "bin"), 0o700)
	if err := os.Symlink(real.Path, filepath.Join(withVenv, ".venv", "bin", "python")); err != nil {
		t.Fatal(err)
	}
	venv := filepath.Join(withVenv, ".venv")
	for _, row := range []struct {
		name, flag, dir, active string
		path, why, err          string
	}{
		{name: "embedded", flag: "embedded", path: "EMBEDDED", why: "--python embedded"},
		{name: "nothing", dir: dir, path: "EMBEDDED", why: "no --python and no virtual environment"},
		{name: "path", flag: real.Path, path: real.Path, why: "--python"},
		{name: ".venv", dir: withVenv, path: venv + "/bin/python", why: "there is a virtual environment"},
		{name: "active", dir: dir, active: venv, path: venv + "/bin/python", why: "is active"},
		{name: "flag before active", flag: "embedded", dir: withVenv, active: venv, path: "EMBEDDED", why: "--python"},
		{name: "active but broken", active: dir, err: "or use --python embedded"},
		{name: "missing", flag: dir + "/none", err: "there is no Python"},
		{name: "no program", flag: dir + "/text", err: "there is no Python"},
		{name: "old", flag: dir + "/bin/old", err: "is CPython 3.8.1; CPython 3.9 or newer is needed"},
		{name: "Python 2", flag: dir + "/bin/two", err: "is CPython 2.7.18; CPython 3.9 or newer is needed"},
		{name: "PyPy", flag: dir + "/bin/pypy", err: "is PyPy 3.11.0"},
		{name: "not Python", flag: dir + "/bin/not", err: `is no Python: it answered "hello"`},
		{name: "fails", flag: dir + "/bin/fails", err: "broken"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Setenv("VIRTUAL_ENV", row.active)
			got, why, err := cpython.Find(row.flag, row.dir, embedded)
			if row.err != "" {
				if err == nil || !strings.Contains(err.Error(), row.err) {
					t.Errorf("got %v, want %s", err, row.err)
				}
				return
			}
			if err != nil || got.Path != row.path || !strings.Contains(why, row.why) {
				t.Errorf("got %s, %q, %v", got.Path, why, err)
			}
		})
	}
	if _, _, err := cpython.Find("embedded", "", nil); err == nil {
		t.Error("no embedded Python: no error")
	}
}

func TestStartWithoutPython(t *testing.T) {
	_, err := tryStart(t, "hello.py", func(c *cpython.Config) { c.Interpreter.Path = "/nowhere/python" })
	var failed *cpython.WorkerError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "could not be started") {
		t.Errorf("got %v", err)
	}
}

// What the interpreter's start needs is not what the application and its children see.
func TestEnvironmentOfTheApplication(t *testing.T) {
	t.Setenv("PYTHONHOME", "/nowhere")
	t.Setenv("PYTHONUSERBASE", "/mine")
	dir := folder(t, "app.py", `
import os
def app(e, s):
    s("200 OK", [])
    names = "PYTHONHOME", "PYTHONUSERBASE", "PYTHONSAFEPATH", "GLASS_TEST"
    return [repr([os.environ.get(name) for name in names]).encode()]
`)
	pool := start(t, "app.py", func(c *cpython.Config) { c.Dir, c.Env = dir, []string{"GLASS_TEST=1"} })
	if got := get(t, pool, "/"); got != "['/nowhere', '/mine', None, '1']" {
		t.Errorf("got %s", got)
	}
	if slices.Contains(interpreters(t)[0].Environ(), "PYTHONHOME=/nowhere") {
		t.Error("the interpreter itself gets PYTHONHOME")
	}
}
