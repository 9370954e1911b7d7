package command

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/wsgi"
)

// current is the runtime that answers calls: another one may take its place while glass serves.
type current struct{ runtime atomic.Pointer[runtime] }

// take puts a runtime in place, and returns the one that was there.
func (c *current) take(r runtime) (before runtime) {
	if old := c.runtime.Swap(&r); old != nil {
		return *old
	}
	return nil
}

// Call implements wsgi.Application. A runtime that is closed has not begun the call, so the next one can take it.
func (c *current) Call(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	for {
		r := c.runtime.Load()
		environ.Multithread, environ.Multiprocess = (*r).Concurrency()
		iterable, err := (*r).Call(environ, startResponse)
		if errors.Is(err, cpython.ErrClosed) && c.runtime.Load() != r {
			continue
		}
		return iterable, err
	}
}

func (s *service) runtime() runtime { return *s.current.runtime.Load() }

// replace starts a runtime by other flags, and has the old one end its calls.
func (s *service) replace(ctx context.Context, flags *serveCommand) error {
	options := flags.options(s.options.output, s.options.log)
	options.debugger = s.options.debugger
	next, err := flags.kind().start(ctx, &flags.application, options)
	if err != nil {
		return err
	}
	old := s.current.take(next)
	s.running = flags
	s.log.Info("serving "+flags.App+" from now on", "with", next.String())
	s.retiring.end(old, options.graceful)
	return nil
}

// retiring are the runtimes that were replaced, until their calls have ended.
type retiring struct {
	mu    sync.Mutex
	all   map[*runtime]context.CancelFunc
	ended sync.WaitGroup
}

func (t *retiring) end(r runtime, patience time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = map[*runtime]context.CancelFunc{}
	}
	t.all[&r] = cancel
	t.ended.Go(func() {
		end(ctx, r)
		cancel()
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.all, &r)
	})
}

// wait returns when all have ended, for which they have time until ctx is done.
func (t *retiring) wait(ctx context.Context) {
	defer context.AfterFunc(ctx, t.hurry)()
	t.ended.Wait()
}

// hurry ends the patience with their calls.
func (t *retiring) hurry() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, cancel := range t.all {
		cancel()
	}
}
