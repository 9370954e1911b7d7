package command

import (
	"context"
	"errors"
	"slices"
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

// Lane implements wsgi.Express.
func (c *current) Lane() wsgi.Lane {
	l := &currentLane{current: c}
	if !l.change(c.runtime.Load()) {
		return nil
	}
	return l
}

// currentLane is the lane of the runtime that answers calls now, and of those before that still have some.
type currentLane struct {
	current *current
	runtime *runtime
	lane    wsgi.Lane   // of runtime; nil: it has none
	before  []wsgi.Lane // those that are busy
	visit   func(until func() bool) bool
}

// change turns to another runtime. It says whether that has a lane.
func (l *currentLane) change(r *runtime) bool {
	if l.lane != nil && l.lane.Pending() > 0 {
		l.before = append(l.before, l.lane)
	}
	l.runtime, l.lane = r, nil
	if express, ok := (*r).(wsgi.Express); ok {
		l.lane = express.Lane()
	}
	l.lend()
	return l.lane != nil
}

// Lend implements wsgi.NearLane.
func (l *currentLane) Lend(visit func(until func() bool) bool) {
	l.visit = visit
	l.lend()
}

func (l *currentLane) lend() {
	if near, ok := l.lane.(wsgi.NearLane); ok && l.visit != nil {
		near.Lend(l.visit)
	}
}

// Take implements wsgi.Lane.
func (l *currentLane) Take(environ *wsgi.Environ, memory *wsgi.Memory, to wsgi.Receiver) bool {
	if r := l.current.runtime.Load(); r != l.runtime {
		l.change(r)
	}
	if l.lane == nil {
		return false
	}
	if multithread, multiprocess := (*l.runtime).Concurrency(); environ.Multithread != multithread || environ.Multiprocess != multiprocess {
		environ.Multithread, environ.Multiprocess, memory.Again = multithread, multiprocess, false
	}
	return l.lane.Take(environ, memory, to)
}

// Send implements wsgi.Lane.
func (l *currentLane) Send() {
	if l.lane != nil {
		l.lane.Send()
	}
}

// Collect implements wsgi.Lane.
func (l *currentLane) Collect(rung bool) {
	if l.lane != nil {
		l.lane.Collect(rung)
	}
	for _, lane := range l.before {
		lane.Collect(rung)
	}
	l.before = slices.DeleteFunc(l.before, func(lane wsgi.Lane) bool { return lane.Pending() == 0 })
}

// Pending implements wsgi.Lane.
func (l *currentLane) Pending() (n int) {
	for _, lane := range l.before {
		n += lane.Pending()
	}
	if l.lane != nil {
		n += l.lane.Pending()
	}
	return n
}

// Busy implements wsgi.Lane.
func (l *currentLane) Busy() bool { return l.lane != nil && l.lane.Busy() }

func (s *service) runtime() runtime { return *s.current.runtime.Load() }

// replace starts a runtime by other flags, and has the old one end its calls.
func (s *service) replace(ctx context.Context, flags *serveCommand) error {
	options := flags.options(s.options.output, s.options.log)
	options.debugger, options.bell, options.noDescriptor = s.options.debugger, s.options.bell, s.options.noDescriptor
	next, err := flags.kind().start(ctx, &flags.application, options)
	if err != nil {
		return err
	}
	old := s.current.take(next)
	s.running = flags
	s.log.Info("serving "+flags.shown()+" from now on", "with", next.String())
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
