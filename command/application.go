package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/cpython/embedded"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

// application is the part of the command line that says what to run, and in which Python.
type application struct {
	App        string   `arg:"" name:"app" help:"MODULE:CALLABLE, FILE.py[:CALLABLE] or go:NAME."`
	Workers    int      `short:"w" default:"1" env:"WEB_CONCURRENCY" help:"Worker processes."`
	Threads    int      `default:"1" help:"Threads of each worker."`
	Chdir      string   `placeholder:"DIR" help:"Change to a folder before the application is loaded."`
	Pythonpath []string `placeholder:"DIR" sep:"," help:"Folders to import from, separated by commas."`
	Python     string   `placeholder:"PATH" help:"embedded, or the Python to run: a path or a command. By default an activated virtual environment, else ./.venv, else embedded."`
	Env        []string `short:"e" sep:"none" placeholder:"NAME=VALUE" help:"Set an environment variable of the application; may be repeated."`
	Lint       bool     `help:"Tell which rules of PEP 3333 the Python application or its middleware breaks, with the line that does."`
}

// Validate is called by the commands that embed it.
func (a *application) Validate() error {
	if a.Workers <= 0 || a.Threads <= 0 {
		return errors.New("--workers and --threads must be more than 0")
	}
	for _, e := range a.Env {
		if name, _, found := strings.Cut(e, "="); !found || name == "" {
			return fmt.Errorf("--env %s: write NAME=VALUE", e)
		}
	}
	return nil
}

// runtime is what main needs of whatever runs the application. Another runtime is added in start.
type runtime interface {
	wsgi.Application
	fmt.Stringer
	concurrency() (multithread, multiprocess bool)
	Restart(ctx context.Context) error
	Close(ctx context.Context) error
	Kill()
	Findings() []cpython.Finding // of --lint
	Nudge()                      // see cpython.Pool
}

// options are what serve adds to an application.
type options struct {
	timeout, graceful      time.Duration
	maxRequests, maxJitter int
	reload                 bool
	output                 *os.File
	log                    *slog.Logger
	debugger               cpython.Debugger // nil: the application cannot be debugged
}

func (c *serveCommand) options(output *os.File, log *slog.Logger) options {
	return options{
		timeout: time.Duration(c.Timeout), graceful: time.Duration(c.GracefulTimeout),
		maxRequests: c.MaxRequests, maxJitter: c.MaxRequestsJitter,
		reload: c.Reload, output: output, log: log,
	}
}

// start starts the runtime that the application is written for.
func (a *application) start(ctx context.Context, o options) (runtime, error) {
	if name, ok := strings.CutPrefix(a.App, "go:"); ok {
		return startNative(name)
	}
	return a.startPython(ctx, o)
}

// nativeRuntime runs a callable that is compiled in: nothing of it starts or stops.
type nativeRuntime struct{ native.Callable }

func startNative(name string) (runtime, error) {
	callable, ok := native.Applications[name]
	if !ok {
		var names []string
		for name := range native.Applications {
			names = append(names, "go:"+name)
		}
		slices.Sort(names)
		return nil, fmt.Errorf("there is no go:%s; there are %s", name, strings.Join(names, ", "))
	}
	return nativeRuntime{callable}, nil
}

func (nativeRuntime) String() string                { return "Go" }
func (nativeRuntime) concurrency() (bool, bool)     { return true, false }
func (nativeRuntime) Restart(context.Context) error { return nil }
func (nativeRuntime) Close(context.Context) error   { return nil }
func (nativeRuntime) Kill()                         {}
func (nativeRuntime) Nudge()                        {}
func (nativeRuntime) Findings() []cpython.Finding   { return nil }

// pythonRuntime is a pool of workers.
type pythonRuntime struct {
	*cpython.Pool
	config cpython.Config
}

func (p *pythonRuntime) String() string {
	return fmt.Sprintf("%s, %d × %d", p.config.Interpreter.Name, p.config.Workers, p.config.Threads)
}

func (p *pythonRuntime) concurrency() (multithread, multiprocess bool) {
	return p.config.Threads > 1, p.config.Workers > 1
}

func (a *application) startPython(ctx context.Context, o options) (runtime, error) {
	interpreter, err := a.interpreter(o.log)
	if err != nil {
		return nil, err
	}
	config := cpython.Config{
		Interpreter: interpreter,
		App:         a.App, Dir: a.Chdir, PythonPath: a.Pythonpath, Env: a.Env,
		Workers: a.Workers, Threads: a.Threads,
		Timeout: o.timeout, GracefulTimeout: o.graceful,
		MaxRequests: o.maxRequests, MaxRequestsJitter: o.maxJitter,
		Output: o.output, Log: o.log, Lint: a.Lint, Debugger: o.debugger,
	}
	if o.reload {
		return startReloading(ctx, config)
	}
	pool, err := cpython.Start(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("cannot load %s: %w", a.App, err)
	}
	return &pythonRuntime{pool, config}, nil
}

// summary counts findings by their rules, in the order in which these were found: "lint: 3 found: 2 × RULE, 1 × RULE".
func summary(findings []cpython.Finding) string {
	if len(findings) == 0 {
		return "lint: no findings"
	}
	var rules []string
	count := map[string]int{}
	for _, f := range findings {
		if count[f.Rule]++; count[f.Rule] == 1 {
			rules = append(rules, f.Rule)
		}
	}
	for i, rule := range rules {
		rules[i] = fmt.Sprintf("%d × %s", count[rule], rule)
	}
	return fmt.Sprintf("lint: %d found: %s", len(findings), strings.Join(rules, ", "))
}

// interpreter finds the Python to run, and says so where a virtual environment was found that nobody asked for.
func (a *application) interpreter(log *slog.Logger) (cpython.Interpreter, error) {
	interpreter, why, err := cpython.Find(a.Python, a.Chdir, func() (cpython.Interpreter, error) {
		return embedded.Unpack(os.Stderr)
	})
	if err == nil && a.Python == "" && interpreter.Pip == "" {
		log.Info("using "+interpreter.Path, "because", why)
	}
	return interpreter, err
}
