package relatives

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"glasswsgi/runtime/cpython"
)

const probeTimeout = 20 * time.Second // for an interpreter to say which version it is

// Relative is a specification beside WSGI, and how its workers are started.
type Relative struct {
	Name     string   // of the specification
	Language string   // that its applications are written in
	Suffixes []string // how the names of its applications end
	Sources  []string // how the names of their other source files end

	command  string   // the interpreter
	packages string   // Debian's, for the interpreter and what a worker needs
	version  []string // arguments that make the interpreter print its version
	least    [2]int   // the version that workers need
	boot     []string // arguments that make it a worker
	modules  []string // the files of the worker, each after those that it needs
	environ  []string // NAME=VALUE: what says that this is no development, where it is not set
	threads  bool     // a worker can run more than one thread
	calls    int      // that a worker without threads takes at a time
	mute     string   // why a worker may not say where a call hangs
}

//go:embed rack/*.rb psgi/*.pl jsgi/*.js
var workers embed.FS

// Find finds the interpreter, and checks its version.
func (r *Relative) Find() (cpython.Interpreter, error) {
	if runtime.GOOS == "windows" {
		// Simplified: Rack, PSGI and JSGI workers need descriptors that they inherit, so they do not run on Windows.
		return cpython.Interpreter{}, fmt.Errorf("%s workers do not run on Windows", r.Name)
	}
	path, err := exec.LookPath(r.command)
	if err != nil {
		return cpython.Interpreter{}, fmt.Errorf("%s applications need %s, and there is no %s on PATH: install it, on Debian with: apt install %s", r.Name, r.Language, r.command, r.packages)
	}
	if path, err = filepath.Abs(path); err != nil { // a worker may run in another folder
		return cpython.Interpreter{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	answer, err := exec.CommandContext(ctx, path, r.version...).Output()
	if err != nil {
		return cpython.Interpreter{}, fmt.Errorf("%s does not run as %s: %w%s", path, r.Language, err, complaint(err))
	}
	version := strings.TrimPrefix(strings.TrimSpace(string(answer)), "v")
	var major, minor int
	if n, _ := fmt.Sscanf(version, "%d.%d", &major, &minor); n < 2 {
		return cpython.Interpreter{}, fmt.Errorf("%s is no %s: it answered %q", path, r.Language, version)
	}
	if cmp.Or(cmp.Compare(major, r.least[0]), cmp.Compare(minor, r.least[1])) < 0 {
		return cpython.Interpreter{}, fmt.Errorf("%s is %s %s; %d.%d or newer is needed", path, r.Language, version, r.least[0], r.least[1])
	}
	return cpython.Interpreter{Path: path, Name: r.Language + " " + version}, nil
}

func complaint(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return ": " + strings.TrimSpace(string(exit.Stderr))
	}
	return ""
}

// Calls is how many calls a worker takes at a time, where --threads says so many.
func (r *Relative) Calls(threads int) (int, error) {
	switch {
	case r.threads || threads == 1:
		return max(threads, r.calls), nil
	case r.calls > 1:
		return 0, fmt.Errorf("a %s worker has one thread, which takes up to %d calls at a time: leave out --threads, and use --workers", r.Name, r.calls)
	}
	return 0, fmt.Errorf("a %s worker has one thread: leave out --threads, and use --workers", r.Name)
}

// Threaded says that two threads may call the application at the same time.
func (r *Relative) Threaded(threads int) bool { return r.threads && threads > 1 }

// Worker implements cpython.Language.
func (r *Relative) Worker(config *cpython.Config, b cpython.Birth) (*exec.Cmd, []byte) {
	title := strings.Replace(b.Title, "worker", r.Name+" worker", 1) // glass pdb is for the others
	command := exec.Command(config.Interpreter.Path, append(r.boot, title)...)
	command.Env = append(append(r.unset(), config.Env...), "GLASS_BOOT="+r.source())
	return command, cpython.StartMessage(config, title, map[string]any{"reasons": reasons()})
}

// SharesMemory implements cpython.Language.
func (r *Relative) SharesMemory() bool { return false }

// Mute implements cpython.Language.
func (r *Relative) Mute() string { return r.mute }

// unset is our environment, with what is not set in it.
func (r *Relative) unset() []string {
	all := os.Environ()
	for _, entry := range r.environ {
		name, _, _ := strings.Cut(entry, "=")
		if _, isSet := os.LookupEnv(name); !isSet {
			all = append(all, entry)
		}
	}
	return all
}

// source is all files of the worker, with form feeds between.
func (r *Relative) source() string {
	var files []string
	for _, module := range r.modules {
		text, err := workers.ReadFile(module)
		if err != nil {
			panic(err) // it is embedded: a name is wrong
		}
		files = append(files, string(text))
	}
	return strings.Join(files, "\f")
}

// reasons are the reason phrases of all status codes (RFC 9110 §15), which the relatives have no word for.
func reasons() map[string]string {
	all := map[string]string{}
	for code := 200; code < 600; code++ {
		if phrase := http.StatusText(code); phrase != "" {
			all[strconv.Itoa(code)] = phrase
		}
	}
	return all
}
