package cpython

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

const probeTimeout = 20 * time.Second // for a Python to say what it is

// Interpreter is a Python that can run workers.
type Interpreter struct {
	Path string   // the executable
	Env  []string // KEY=VALUE: set when it starts; KEY: not set when it starts. The application sees neither.
	Name string   // for messages: "embedded CPython 3.14.6"
	Pip  string   // the command that installs packages for it; empty: PATH -m pip
	Code string   // a folder that no other user can write to, where a worker leaves its own code compiled; empty: nowhere
}

// install is the command line that installs a package, for hints.
func (i Interpreter) install() string {
	if i.Pip != "" {
		return i.Pip + " install"
	}
	return i.Path + " -m pip install"
}

// Find chooses the Python that --python names: "embedded", a path, or a command. Without the flag it is that of an
// activated virtual environment, or of .venv in the folder dir, or else the embedded one. why says which of these, for
// a message. embedded unpacks the embedded Python; it may be nil.
func Find(flag, dir string, embedded func() (Interpreter, error)) (found Interpreter, why string, err error) {
	switch {
	case flag == "embedded":
		found, err = callEmbedded(embedded)
		return found, "--python embedded", err
	case flag != "":
		found, err = probe(flag)
		return found, "--python " + flag, err
	}
	if folder := os.Getenv("VIRTUAL_ENV"); folder != "" {
		found, err = probe(inVirtualEnvironment(folder))
		return found, "the virtual environment " + folder + " is active", orEmbedded(err)
	}
	folder := filepath.Join(dir, ".venv")
	if path := inVirtualEnvironment(folder); isFile(path) {
		found, err = probe(path)
		return found, "there is a virtual environment " + folder, orEmbedded(err)
	}
	found, err = callEmbedded(embedded)
	return found, "no --python and no virtual environment", err
}

// orEmbedded adds a way out to the error of a virtual environment that the user did not ask for by name.
func orEmbedded(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w; repair the virtual environment, or use --python embedded", err)
}

func callEmbedded(embedded func() (Interpreter, error)) (Interpreter, error) {
	if embedded == nil {
		return Interpreter{}, errors.New("this program has no embedded Python; name one with --python PATH")
	}
	return embedded()
}

// inVirtualEnvironment is where a virtual environment has its Python.
func inVirtualEnvironment(folder string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(folder, "Scripts", "python.exe")
	}
	return filepath.Join(folder, "bin", "python")
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// probeSource prints what an interpreter is, in a form that every Python understands.
const probeSource = `import sys, platform; print("%s %d %d %d" % ((platform.python_implementation(),) + sys.version_info[:3]))`

// probe finds out whether a command is a Python that workers can run on: CPython 3.9 or newer.
func probe(command string) (Interpreter, error) {
	path, err := exec.LookPath(command)
	if err != nil {
		return Interpreter{}, fmt.Errorf("there is no Python %s: %w", command, err)
	}
	if path, err = filepath.Abs(path); err != nil { // a worker may run in another folder
		return Interpreter{}, err
	}
	answer, err := ask(path, "-I", probeSource)
	if err != nil {
		if old, again := ask(path, "-E", probeSource); again == nil { // Python 2 has no -I
			answer, err = old, nil
		}
	}
	if err != nil {
		return Interpreter{}, err
	}
	var name string
	var major, minor, micro int
	if _, err := fmt.Sscan(string(answer), &name, &major, &minor, &micro); err != nil {
		return Interpreter{}, fmt.Errorf("%s is no Python: it answered %q", path, firstLine(string(answer)))
	}
	version := fmt.Sprintf("%s %d.%d.%d", name, major, minor, micro)
	if name != "CPython" || major != 3 || minor < 9 {
		return Interpreter{}, fmt.Errorf("%s is %s; CPython 3.9 or newer is needed", path, version)
	}
	return Interpreter{Path: path, Name: version}, nil
}

// Ask returns what the interpreter prints when it runs a source.
func (i Interpreter) Ask(source string) (answer string, err error) {
	printed, err := ask(i.Path, "-I", source)
	return string(printed), err
}

// ask runs a source, without what is in the environment and in our folder.
func ask(path, isolation, source string) (answer []byte, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	var complaint bytes.Buffer
	process := exec.CommandContext(ctx, path, isolation, "-c", source)
	process.Dir = filepath.Dir(path)
	process.Stderr = &complaint
	process.WaitDelay = time.Second
	if answer, err = process.Output(); err != nil {
		return nil, fmt.Errorf("%s does not run as a Python: %w: %s", path, err, firstLine(complaint.String()))
	}
	return answer, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if len(line) > 200 {
		line = line[:200]
	}
	return line
}
