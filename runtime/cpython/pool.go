package cpython

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"glasswsgi/runtime/wsgi"
)

// Times that are not for the user to choose.
const (
	defaultStartTimeout = 60 * time.Second       // for the import of the application
	defaultGrace        = 30 * time.Second       // for calls in hand when a worker retires
	whereGrace          = 3 * time.Second        // for a call or an import that hangs to tell where
	orderGrace          = time.Second            // for a worker to take an order
	exitGrace           = 5 * time.Second        // for a worker to end by itself: for atexit handlers
	strayPoll           = time.Second            // how often we look whether processes are gone that a replaced worker left
	groupGrace          = time.Second            // for processes that the application started, after SIGTERM
	groupPoll           = 5 * time.Millisecond   // how often we look whether they are gone
	readyTimeout        = 10 * time.Second       // how long a call waits while no worker is ready
	firstBackOff        = 100 * time.Millisecond // before a worker is started again that did not come up; it doubles
	lastBackOff         = 30 * time.Second
	spawnTries          = 16          // how often a worker is tried for which Config.NoDescriptor made room
	shortLife           = time.Second // a worker that dies younger, without a call, has not come up
)

// Config says what to run, and how.
type Config struct {
	Interpreter Interpreter
	Language    Language // of the workers; nil: Python, in Interpreter
	App         string   // MODULE:CALLABLE or FILE.py[:CALLABLE], or what Language takes
	Dir         string   // the workers' working directory; empty: ours
	PythonPath  []string // importable after FILE's directory and Dir
	Env         []string // KEY=VALUE, added to our own environment

	Workers, Threads           int           // processes, and calls at a time in each; 0 is 1
	Timeout                    time.Duration // how long the application may be silent while it is its turn; 0: for ever
	GracefulTimeout            time.Duration // for calls in hand when a worker is replaced; 0 is 30 seconds
	StartTimeout               time.Duration // for the import of the application; 0 is 60 seconds, less is no limit
	MaxRequests                int           // a worker retires after so many calls; 0: never
	MaxRequestsJitter          int           // plus a random number up to this
	MaxMemory                  int64         // a worker retires after the call after which it has more than so many bytes in RAM; 0: never. Linux only
	Preload                    bool          // one process loads the application, and makes the workers by fork: they share memory. Not on Windows
	readyTimeout, firstBackOff time.Duration // for tests
	aheadBudget                time.Duration // for tests
	shortLife                  time.Duration // for tests
	Output                     *os.File      // the workers' stdout and stderr; nil is our stderr
	Log                        *slog.Logger  // nil: no log
	Lint                       bool          // tell which rules of PEP 3333 the application breaks; see Findings
	Host                       Host          // runs the workers; nil: they are processes
	Debugger                   Debugger      // nil: the workers cannot be debugged
	Bell                       *os.File      // an eventfd that wakes an event loop, see Lane; nil: there is none
	NoDescriptor               func() bool   // makes room for a descriptor, and says whether another try is worth it; nil: it cannot
}

// Pool is a set of worker processes that run one application. It implements wsgi.Application.
type Pool struct {
	config  Config
	log     *slog.Logger
	slots   chan *worker              // one entry for each call that a worker can take now
	lane    atomic.Pointer[lane]      // nil: no event loop has asked for one
	living  atomic.Pointer[[]*worker] // the workers, for the lane
	calls   sync.Pool
	spawner *spawner

	closed  chan struct{}  // no more calls, no more replacements
	over    chan struct{}  // no more workers
	end     sync.Once      // for closing it
	ended   sync.WaitGroup // the goroutines of the pool
	restart sync.Mutex     // one Restart at a time

	mu       sync.Mutex
	closing  bool
	workers  map[*worker]bool // all whose process lives
	born     int              // how many there have been
	restarts map[string]uint64
	ready    int   // those of them that take calls
	trouble  error // why the latest worker did not come up, or nil
	early    int   // how many workers in a row died young

	loading sync.Mutex       // one process of Config.Preload is loaded at a time
	loader  *loader          // the one that makes workers now; guarded by mu
	loaders map[*loader]bool // all whose process lives; guarded by mu

	waiting atomic.Int64 // calls that wait for a slot

	visit atomic.Pointer[func(until func() bool) bool] // runs the event loop on the thread of a hosted worker; nil: there is none yet

	findings findings // of --lint
}

// Start starts the workers and returns when the first has loaded the application. The error is a *LoadError when the
// application could not be loaded and a *WorkerError when Python did not run.
func Start(ctx context.Context, config Config) (*Pool, error) {
	config.Workers, config.Threads = max(config.Workers, 1), max(config.Threads, 1)
	config.StartTimeout = cmp.Or(config.StartTimeout, defaultStartTimeout)
	config.GracefulTimeout = cmp.Or(config.GracefulTimeout, defaultGrace)
	config.readyTimeout = cmp.Or(config.readyTimeout, readyTimeout)
	config.firstBackOff = cmp.Or(config.firstBackOff, firstBackOff)
	config.shortLife = cmp.Or(config.shortLife, shortLife)
	config.aheadBudget = cmp.Or(config.aheadBudget, aheadBudget)
	if config.Language == nil {
		config.Language = python{config.Interpreter}
	}
	if !config.Language.SharesMemory() {
		config.Bell = nil
	}
	if config.Output == nil {
		config.Output = os.Stderr
	}
	p := &Pool{
		config: config,
		log:    config.Log,
		// During Restart the old and the new workers have slots at the same time; the rest is room for those of workers
		// that have just died, until they are dropped.
		slots:    make(chan *worker, 3*max(config.Workers*config.Threads, mostAhead)),
		spawner:  newSpawner(config.NoDescriptor),
		closed:   make(chan struct{}),
		over:     make(chan struct{}),
		workers:  map[*worker]bool{},
		restarts: map[string]uint64{},
		loaders:  map[*loader]bool{},
	}
	if err := checkFolder(config.Dir); err != nil {
		return nil, err
	}
	if config.Preload && !canPreload {
		return nil, errors.New("--preload makes workers by fork, which this system does not have: leave it out")
	}
	if config.MaxMemory > 0 {
		if err := checkMemoryIsKnown(); err != nil {
			return nil, err
		}
	}
	if p.log == nil {
		p.log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	p.calls.New = func() any {
		c := &call{pool: p, mailbox: mailbox{signal: make(chan struct{}, 1)}}
		c.owner = c
		return c
	}
	first, err := p.hire(ctx)
	if err != nil {
		p.Kill()
		return nil, err
	}
	if err := p.admit(first); err != nil {
		p.Kill()
		return nil, err
	}
	for range config.Workers - 1 {
		p.replace(nil, 0)
	}
	if config.Timeout > 0 {
		p.ended.Go(p.watch)
	}
	return p, nil
}

// Call implements wsgi.Application: it waits for an idle worker and calls the application in it.
func (p *Pool) Call(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	c := p.newCall(environ)
	c.startResponse = startResponse
	c.encode()
	return p.call(c)
}

// call has a worker do a call, and another one, if that dies before its turn.
func (p *Pool) call(c *call) (wsgi.Iterable, error) {
	for {
		if err := p.assign(c); err != nil {
			return nil, err
		}
		iterable, err := c.serve()
		if err != errNotStarted {
			return iterable, err
		}
	}
}

// newCall makes a call that is yet to be encoded.
func (p *Pool) newCall(environ *wsgi.Environ) *call {
	c := p.calls.Get().(*call)
	c.reset()
	c.over.Store(false)
	c.stuck, c.told = false, false
	c.environ, c.kept, c.again, c.target = environ, -1, false, ""
	return c
}

// serve runs a call that a worker has. After errNotStarted it is ready to be sent to another one.
func (c *call) serve() (wsgi.Iterable, error) {
	switch err := c.run(); {
	case err == errNotStarted:
		c.reset()
		c.over.Store(false)
		c.kept, c.again = -1, false
		c.watched, c.lockStep = false, false
		c.encode()
		return nil, err
	case err != nil:
		c.leave()
		return nil, err
	}
	return &iterable{call: c, size: c.size}, nil
}

// assign gives the call to the worker that has been idle for longest, and waits for one where all are busy.
func (p *Pool) assign(c *call) error {
	for {
		w, err := p.takeSlot()
		if err != nil {
			return err
		}
		c.chooseLockStep()
		if w.begin(c) {
			return nil
		}
	}
}

func (p *Pool) takeSlot() (*worker, error) {
	select { // one channel after the other: a choice of two costs ten times as much
	case <-p.closed:
		return nil, ErrClosed
	default:
	}
	select {
	case w := <-p.slots:
		return w, nil
	default:
	}
	p.waiting.Add(1)
	defer p.waiting.Add(-1)
	patience := time.NewTicker(p.config.readyTimeout)
	defer patience.Stop()
	for {
		select {
		case w := <-p.slots:
			return w, nil
		case <-p.closed:
			return nil, ErrClosed
		case <-patience.C:
			if err := p.unavailable(); err != nil {
				return nil, err
			}
		}
	}
}

// unavailable is the error for a call that has waited for long: none where workers are busy, for then it is in a queue.
func (p *Pool) unavailable() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ready > 0 {
		return nil
	}
	return &UnavailableError{Waited: p.config.readyTimeout, Cause: p.trouble}
}

// Close ends the pool. Calls in hand may finish until ctx is done, which may be from the start: then they fail with a
// *WorkerError. Python ends by itself, so that atexit handlers run; a worker that takes more than exitGrace for that is
// killed. Nothing of the pool is left when Close returns.
func (p *Pool) Close(ctx context.Context) error {
	workers := p.shut()
	var retired sync.WaitGroup
	for _, w := range workers {
		retired.Go(func() { w.retire(ctx.Done()) })
	}
	retired.Wait()
	p.endLoaders((*worker).quitAtOnce)
	p.finish()
	return ctx.Err()
}

// Kill ends the pool at once: no atexit handler runs. Calls in hand fail with a *WorkerError.
func (p *Pool) Kill() {
	workers := p.shut()
	for _, w := range workers {
		w.kill("the pool was killed")
	}
	for _, w := range workers {
		<-w.gone // the goroutine that made it reaps it
	}
	p.endLoaders(func(w *worker) { w.kill("the pool was killed") })
	p.finish()
}

// finish waits for what is left when the workers end.
func (p *Pool) finish() {
	p.end.Do(func() { close(p.over) })
	p.ended.Wait()
	p.spawner.end()
}

// shut lets no call and no worker in any more, and returns the workers that are there.
func (p *Pool) shut() []*worker {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closing {
		p.closing = true
		close(p.closed)
	}
	return slices.Collect(maps.Keys(p.workers))
}

// all are the workers whose process lives.
func (p *Pool) all() []*worker {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Keys(p.workers))
}
