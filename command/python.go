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
	"glasswsgi/runtime/inprocess"
	"glasswsgi/runtime/wsgi"
)

// workerRuntime is a pool of workers, once the application could be loaded: of Python, or of another language.
type workerRuntime struct {
	config  cpython.Config
	threads int                          // of a worker; it may take more calls at a time
	host    *inprocess.Python            // of --in-process; else nil
	pool    atomic.Pointer[cpython.Pool] // nil until then
}

// startPython finds the interpreter and starts the workers.
func startPython(ctx context.Context, a *application, o options) (runtime, error) {
	interpreter, err := a.interpreter(o.log)
	if err != nil {
		return nil, err
	}
	p := newWorkers(a, o, interpreter)
	p.config.Lint, p.config.Preload, p.config.Debugger = o.lint, o.preload, o.debugger
	if o.inProcess {
		if err := p.moveIn(o); err != nil {
			return nil, err
		}
	}
	return p.load(ctx)
}

// newWorkers is what the flags say of workers in any language.
func newWorkers(a *application, o options, interpreter cpython.Interpreter) *workerRuntime {
	return &workerRuntime{threads: a.Threads, config: cpython.Config{
		Interpreter: interpreter,
		App:         a.App, Dir: a.Chdir, PythonPath: a.Pythonpath, Env: a.Env,
		Workers: a.Workers, Threads: a.Threads,
		Timeout: o.timeout, GracefulTimeout: o.graceful, StartTimeout: o.start,
		MaxRequests: o.maxRequests, MaxRequestsJitter: o.maxJitter, MaxMemory: o.maxMemory,
		Output: o.output, Log: o.log, Bell: o.bell, NoDescriptor: o.noDescriptor,
	}}
}

// load starts the workers.
func (p *workerRuntime) load(ctx context.Context) (runtime, error) {
	if err := p.Restart(ctx); err != nil {
		return p, fmt.Errorf("cannot load %s: %w", p.config.App, err)
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
	if interpreter.Code == "" {
		interpreter.Code, _ = embedded.Folder() // it is a cache: without one, workers start slower
	}
	return interpreter, err
}

// Restart loads the application anew, or for the first time.
func (p *workerRuntime) Restart(ctx context.Context) error {
	if pool := p.pool.Load(); pool != nil && p.host != nil {
		return errInProcess
	} else if pool != nil {
		return pool.Restart(ctx)
	}
	pool, err := cpython.Start(ctx, p.config)
	if err == nil {
		p.pool.Store(pool)
	}
	return err
}

// Call implements wsgi.Application.
func (p *workerRuntime) Call(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	return p.pool.Load().Call(environ, startResponse)
}

// Lane implements wsgi.Express.
func (p *workerRuntime) Lane() wsgi.Lane {
	if pool := p.pool.Load(); pool != nil {
		return pool.Lane()
	}
	return nil
}

func (p *workerRuntime) String() string {
	if p.host != nil {
		return fmt.Sprintf("%s in this process, 1 × %d", p.config.Interpreter.Name, p.threads)
	}
	return fmt.Sprintf("%s, %d × %d", p.config.Interpreter.Name, p.config.Workers, p.threads)
}

func (p *workerRuntime) Concurrency() (multithread, multiprocess bool) {
	return p.threads > 1, p.config.Workers > 1
}

func (p *workerRuntime) Close(ctx context.Context) error {
	pool := p.pool.Load()
	if pool == nil {
		return nil
	}
	err := pool.Close(ctx)
	if p.host != nil {
		p.moveOut()
	}
	return err
}

func (p *workerRuntime) Kill() {
	if pool := p.pool.Load(); pool != nil {
		pool.Kill()
	}
}

func (p *workerRuntime) Nudge() {
	if pool := p.pool.Load(); pool != nil {
		pool.Nudge()
	}
}

// Load is what the workers have to do: nothing, while there are none.
func (p *workerRuntime) Load() (l cpython.Load) {
	if pool := p.pool.Load(); pool != nil {
		return pool.Load()
	}
	return l
}

// Restarts is how often workers were replaced, by cause: all causes are there from the beginning, so that a rate sees the
// first time.
func (p *workerRuntime) Restarts() map[string]uint64 {
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
func (p *workerRuntime) Memory() int64 {
	if pool := p.pool.Load(); pool != nil {
		return pool.Memory()
	}
	return 0
}

// Broken returns the rule of each finding of --lint, in the order in which they were found.
func (p *workerRuntime) Broken() (rules []string) {
	if pool := p.pool.Load(); pool != nil {
		for _, f := range pool.Findings() {
			rules = append(rules, f.Rule)
		}
	}
	return rules
}
