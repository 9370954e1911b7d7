package cpython

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"syscall"
)

// launch starts the process of a worker, or has it made by the process that has loaded the application. It does not wait
// for the worker. Starting a process may take its time, so the lock is not held meanwhile; a pool that closes waits for
// it, and the process is ended then.
func (p *Pool) launch(from *loader) (*worker, error) {
	p.mu.Lock()
	if p.closing {
		p.mu.Unlock()
		return nil, ErrClosed
	}
	p.ended.Add(1)
	p.born++
	number := p.born
	p.mu.Unlock()
	defer p.ended.Done()
	title := fmt.Sprintf("%s%d (%s)", WorkerTitle, number, p.config.App)
	var w *worker
	var err error
	switch {
	case from != nil:
		w, err = p.fork(from, number, title)
	case p.config.Host != nil:
		w, err = p.host(number)
	default:
		w, err = p.spawn(number, title, p.newOutbox(), false)
	}
	if err == nil {
		p.enlist(w)
	}
	return w, err
}

// spawn starts the process of a worker and sends it its settings.
func (p *Pool) spawn(number int, title string, outbox *outbox, preloads bool) (*worker, error) {
	command, message := p.config.Language.Worker(&p.config, Birth{title, outbox != nil, preloads})
	command.Dir = p.config.Dir
	command.Stdout, command.Stderr = p.config.Output, p.config.Output
	command.ExtraFiles = outbox.files(p.config.Bell)
	channel, lifeline, err := p.spawner.start(command)
	if err != nil {
		outbox.close()
		return nil, &WorkerError{Reason: err.Error()}
	}
	w := p.newWorker(number, command.Process)
	w.channel, w.lifeline, w.outbox = channel, lifeline, outbox
	w.wait = func() string {
		command.Wait()
		return describeExit(command.ProcessState)
	}
	p.ended.Go(func() { w.send(message) })
	return w, nil
}

func (p *Pool) newWorker(number int, process *os.Process) *worker {
	w := &worker{
		pool: p, number: number, process: process, calls: map[uint32]*call{},
		loaded: make(chan error, 1), gone: make(chan struct{}), idle: make(chan struct{}),
		log: p.log.With(slog.Group("worker", slog.Int("number", number), slog.Int("pid", process.Pid))),
	}
	if p.config.MaxRequests > 0 {
		w.limit = p.config.MaxRequests + rand.IntN(p.config.MaxRequestsJitter+1)
	}
	return w
}

// enlist makes a worker one of the pool's, and starts what serves it. Whoever closes the pool from now on ends it; one
// that came too late for that is ended here.
func (p *Pool) enlist(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.workers[w] = true
	p.noteLiving()
	if p.config.Debugger != nil {
		w.debug = &DebugLink{worker: w, out: make(chan []byte, debugBacklog)}
		p.ended.Go(w.readDebug)
	}
	if w.outbox != nil {
		p.ended.Go(w.lookOut)
	}
	p.ended.Go(w.read)
	if p.closing {
		w.kill("the pool was closed")
	}
}

// noteLiving is for callers that hold mu.
func (p *Pool) noteLiving() {
	living := slices.Collect(maps.Keys(p.workers))
	p.living.Store(&living)
}

// checkFolder says what is wrong with the workers' working directory: a process that cannot be started there does not.
func checkFolder(dir string) error {
	info, err := os.Stat(cmp.Or(dir, "."))
	if err == nil && !info.IsDir() {
		err = syscall.ENOTDIR
	}
	if err == nil {
		return nil
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return &LoadError{Kind: LoadNoFolder, Detail: fmt.Sprintf("the folder %s cannot be used: %v", cmp.Or(dir, "that we run in"), err),
		Hint: "--chdir names the folder in which the application is loaded"}
}
