package command

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"sync/atomic"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/cpython/embedded"
	"glasswsgi/runtime/wsgi"
)

// pythonRuntime is a pool of workers, once the application could be loaded.
type pythonRuntime struct {
	config cpython.Config
	pool   atomic.Pointer[cpython.Pool] // nil until then
}

// startPython finds the interpreter and starts the workers.
func startPython(ctx context.Context, a *application, o options) (runtime, error) {
	interpreter, err := a.interpreter(o.log)
	if err != nil {
		return nil, err
	}
	p := &pythonRuntime{config: cpython.Config{
		Interpreter: interpreter,
		App:         a.App, Dir: a.Chdir, PythonPath: a.Pythonpath, Env: a.Env,
		Workers: a.Workers, Threads: a.Threads,
		Timeout: o.timeout, GracefulTimeout: o.graceful, StartTimeout: o.start,
		MaxRequests: o.maxRequests, MaxRequestsJitter: o.maxJitter, MaxMemory: o.maxMemory, Preload: o.preload,
		Output: o.output, Log: o.log, Lint: o.lint, Debugger: o.debugger, Bell: o.bell,
	}}
	if err := p.Restart(ctx); err != nil {
		return p, fmt.Errorf("cannot load %s: %w", a.App, err)
	}
	return p, nil
}

// interpreter finds the Python to run, and says so where a virtual environment was found that nothing on the command
// line names.
func (a *application) interpreter(log *slog.Logger) (cpython.Interpreter, error) {
	interpreter, why, err := cpython.Find(a.Python, a.Chdir, func() (cpython.Interpreter, error) {
		return embedded.Unpack(os.Stderr)
	})
	if err == nil && a.Python == "" && interpreter.Pip == "" {
		log.Info("using "+interpreter.Path, "because", why)
	}
	return interpreter, err
}

// Restart loads the application anew, or for the first time.
func (p *pythonRuntime) Restart(ctx context.Context) error {
	if pool := p.pool.Load(); pool != nil {
		return pool.Restart(ctx)
	}
	pool, err := cpython.Start(ctx, p.config)
	if err == nil {
		p.pool.Store(pool)
	}
	return err
}

// Call implements wsgi.Application.
func (p *pythonRuntime) Call(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	return p.pool.Load().Call(environ, startResponse)
}

// Lane implements wsgi.Express.
func (p *pythonRuntime) Lane() wsgi.Lane {
	if pool := p.pool.Load(); pool != nil {
		return pool.Lane()
	}
	return nil
}

func (p *pythonRuntime) String() string {
	return fmt.Sprintf("%s, %d × %d", p.config.Interpreter.Name, p.config.Workers, p.config.Threads)
}

func (p *pythonRuntime) Concurrency() (multithread, multiprocess bool) {
	return p.config.Threads > 1, p.config.Workers > 1
}

func (p *pythonRuntime) Close(ctx context.Context) error {
	if pool := p.pool.Load(); pool != nil {
		return pool.Close(ctx)
	}
	return nil
}

func (p *pythonRuntime) Kill() {
	if pool := p.pool.Load(); pool != nil {
		pool.Kill()
	}
}

func (p *pythonRuntime) Nudge() {
	if pool := p.pool.Load(); pool != nil {
		pool.Nudge()
	}
}

// Load is what the workers have to do: nothing, while there are none.
func (p *pythonRuntime) Load() (l cpython.Load) {
	if pool := p.pool.Load(); pool != nil {
		return pool.Load()
	}
	return l
}

// Restarts is how often workers were replaced, by cause: all causes are there from the beginning, so that a rate sees the
// first time.
func (p *pythonRuntime) Restarts() map[string]uint64 {
	all := map[string]uint64{}
	for _, cause := range cpython.Causes {
		all[cause] = 0
	}
	if pool := p.pool.Load(); pool != nil {
		maps.Copy(all, pool.Restarts())
	}
	return all
}

// Memory is what the workers have in RAM, in bytes.
func (p *pythonRuntime) Memory() int64 {
	if pool := p.pool.Load(); pool != nil {
		return pool.Memory()
	}
	return 0
}

// Broken returns the rule of each finding of --lint, in the order in which they were found.
func (p *pythonRuntime) Broken() (rules []string) {
	if pool := p.pool.Load(); pool != nil {
		for _, f := range pool.Findings() {
			rules = append(rules, f.Rule)
		}
	}
	return rules
}
