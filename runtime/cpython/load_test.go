package cpython_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"glasswsgi/check/suite"
	"glasswsgi/runtime/cpython"
)

// cases splits a file of testdata into its cases: a name, and the lines before and after "== ".
func cases(t *testing.T, file string, run func(t *testing.T, given, want string)) {
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range strings.Split(string(text), "\n-- ")[1:] {
		name, rest, _ := strings.Cut(section, " --\n")
		given, want, ok := strings.Cut(rest, "== ")
		if !ok {
			t.Fatalf("%s: no result", name)
		}
		t.Run(name, func(t *testing.T) { run(t, given, strings.TrimSuffix(want, "\n")) })
	}
}

func TestLoadErrors(t *testing.T) {
	suite.Long(t)
	interpreter := interpreters(t)[0]
	cases(t, "load.txt", func(t *testing.T, given, want string) {
		t.Parallel()
		spec, files := parseFiles(given)
		dir := folder(t, files...)
		_, err := cpython.Start(context.Background(),
			cpython.Config{Interpreter: interpreter, App: spec, Dir: dir, Output: discard(t)})
		var load *cpython.LoadError
		if !errors.As(err, &load) {
			t.Fatalf("not a LoadError: %v", err)
		}
		got := string(load.Kind) + ": " + strings.TrimSuffix(load.Error(), "\n")
		want = strings.ReplaceAll(want, "DIR", dir)
		want = strings.ReplaceAll(want, "PYTHON", "glass pip install")
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

// parseFiles reads "spec: SPEC", and files whose lines are indented.
func parseFiles(text string) (spec string, files []string) {
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(line, "spec: "); ok {
			spec = strings.TrimSpace(name)
		} else if name, ok := strings.CutPrefix(line, "file: "); ok {
			files = append(files, strings.TrimSpace(name), "")
		} else if line, ok := strings.CutPrefix(line, "\t"); ok {
			files[len(files)-1] += line
		}
	}
	return spec, files
}

func TestLoadHangs(t *testing.T) {
	dir := folder(t, "slow.py", "import time\ntime.sleep(600)\n")
	for limit := 30 * time.Millisecond; ; limit *= 10 { // on a busy machine the import may not have begun by then
		_, err := tryStart(t, "slow.py", func(c *cpython.Config) { c.Dir, c.StartTimeout = dir, limit })
		var load *cpython.LoadError
		if !errors.As(err, &load) || load.Kind != cpython.LoadTimeout {
			t.Fatalf("got %#v", err)
		}
		if strings.Contains(load.Traceback, "time.sleep(600)") {
			return
		}
		if load.Traceback == "" && strings.Contains(load.Hint, "below") {
			t.Errorf("the hint is about a line that is not there: %#v", load)
		}
		if limit > patience {
			t.Fatalf("it does not say where it hangs: %#v", load)
		}
	}
}

// A folder that is not there is named, and not the program that cannot be started in it.
func TestLoadInNoFolder(t *testing.T) {
	dir := folder(t, "app.py", "")
	for at, want := range map[string]string{dir + "/none": "no such file or directory", dir + "/app.py": "not a directory"} {
		_, err := tryStart(t, "app.py", inFolder(at))
		var load *cpython.LoadError
		if !errors.As(err, &load) || load.Kind != cpython.LoadNoFolder || !strings.Contains(load.Detail, at) || !strings.Contains(load.Detail, want) {
			t.Errorf("got %v", err)
		}
	}
}

// Without a limit it is waited for: for ever, but until the context ends.
func TestLoadTakesItsTime(t *testing.T) {
	t.Parallel()
	dir := folder(t, "slow.py", "import time\nopen('began', 'w').close()\ntime.sleep(600)\n")
	ctx, cancel := context.WithCancel(context.Background())
	interpreter := interpreters(t)[0]
	failed := make(chan error)
	go func() {
		_, err := cpython.Start(ctx, cpython.Config{Interpreter: interpreter, App: "slow.py", Dir: dir, StartTimeout: -1, Output: discard(t)})
		failed <- err
	}()
	eventually(t, "it is being imported", func() bool { _, err := os.Stat(dir + "/began"); return err == nil })
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestSpecs(t *testing.T) {
	suite.Long(t)
	const app = "\tstart_response('200 OK', [])\n\treturn [__name__.encode()]\n"
	const function = "(environ, start_response):\n" + app
	dir := folder(t,
		"plain.py", "def application"+function+"if __name__ == '__main__': raise SystemExit('served twice')\n",
		"my-app.v2.py", "def app"+function,
		"os.py", "def app"+function,
		"shop/__init__.py", "", "shop/site/__init__.py", "def wsgi"+function+"class holder: app = staticmethod(wsgi)\n",
		"shop/factory.py", "def make(name='x', *, n=1):\n def inner"+strings.ReplaceAll(function, "\t", "  ")+" return inner\n",
		"klass.py", "class App:\n def __init__(self, environ, start_response): start_response('200 OK', [])\n"+
			" def __iter__(self): yield __name__.encode()\napplication = App\n",
		"instance.py", "class App:\n def __call__(self, e, s):\n  s('200 OK', []); return [__name__.encode()]\napp = App()\nmethod = app.__call__\n",
		"lib/extra.py", "def app"+function,
		"site.wsgi", "def application"+function,
		"sub/beside.py", "import neighbour\napp = neighbour.app\n", "sub/neighbour.py", "def app"+function,
	)
	for spec, want := range map[string]string{
		"plain.py": "plain", "plain": "plain", "plain:application": "plain", "./plain.py": "plain",
		"my-app.v2.py": "my-app_v2", "os.py:app": "os_file",
		"shop.site:wsgi": "shop.site", "shop.site:holder.app": "shop.site",
		"shop.factory:make()": "shop.factory", "shop.factory:make('y', n=2)": "shop.factory", "shop/site/__init__.py:wsgi": "__init__",
		"klass.py": "klass", "instance:app": "instance", "instance:method": "instance",
		"extra": "extra", "sub/beside.py": "neighbour",
		dir + "/plain.py": "plain", "site.wsgi": "site_file", "./site.wsgi:application": "site_file",
	} {
		t.Run(spec, func(t *testing.T) {
			t.Parallel()
			pool := start(t, spec, func(c *cpython.Config) { c.Dir, c.PythonPath = dir, []string{"lib"} })
			if got := get(t, pool, "/"); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// A learner's folder may hold files with the names of modules that the worker needs.
func TestNamesOfTheLibrary(t *testing.T) {
	files := []string{"hello.py", "import json\ndef app(e, s):\n s('200 OK', [])\n if e['PATH_INFO'] == '/bad': raise ValueError('bad')\n return [json.NAME]\n"}
	for _, name := range []string{"socket", "marshal", "json", "os", "io", "struct", "_socket", "queue", "threading",
		"traceback", "inspect", "linecache", "tokenize", "re", "difflib", "ast", "types", "importlib", "typing",
		"collections", "serve", "channel", "call", "load"} {
		files = append(files, name+".py", "NAME = b'the learner'\n")
	}
	dir := folder(t, files...)
	for _, interpreter := range interpreters(t) {
		for _, threads := range []int{1, 2} {
			pool := start(t, "hello.py", func(c *cpython.Config) {
				c.Dir, c.Threads, c.Interpreter = dir, threads, interpreter
			})
			if got := get(t, pool, "/"); got != "the learner" {
				t.Errorf("got %q", got)
			}
			_, err := call(pool, request{target: "/bad"})
			if err == nil || !strings.Contains(err.Error(), "ValueError: bad") {
				t.Errorf("got %v", err)
			}
		}
	}
}
