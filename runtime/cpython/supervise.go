package cpython

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
)

// hire starts a worker and waits until it has loaded the application.
func (p *Pool) hire(ctx context.Context) (*worker, error) {
	from, err := p.current(ctx)
	if err != nil {
		return nil, err
	}
	return p.hireFrom(ctx, from)
}

// hireFrom is hire with a given process that has loaded the application, or nil.
func (p *Pool) hireFrom(ctx context.Context, from *loader) (*worker, error) {
	w, err := p.launch(from)
	if err == nil {
		err = w.awaitLoaded(ctx)
	}
	if err != nil {
		return nil, err
	}
	return w, nil
}

// awaitLoaded waits until the worker has loaded the application, and ends one that cannot.
func (w *worker) awaitLoaded(ctx context.Context) (err error) {
	var tooLong <-chan time.Time // never
	if limit := w.pool.config.StartTimeout; limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		tooLong = timer.C
	}
	select {
	case err = <-w.loaded:
	case <-tooLong:
		err = w.whereItHangs(w.pool.config.StartTimeout)
	case <-ctx.Done():
		err = fmt.Errorf("it was interrupted: %w", ctx.Err())
	case <-w.pool.closed:
		err = ErrClosed
	}
	if err != nil {
		w.kill("")
		<-w.gone
	}
	return err
}

// whereItHangs asks a worker for the stack of an import that does not end.
func (w *worker) whereItHangs(after time.Duration) error {
	w.askWhere()
	select {
	case err := <-w.loaded:
		return err
	case <-time.After(whereGrace):
		return &LoadError{Kind: LoadTimeout, Detail: "the application was not imported within " + after.String() + " (--start-timeout), and does not say where it is"}
	}
}

// askWhere makes the worker tell where it hangs: in a LOAD_ERROR while it loads, and later on its standard error.
func (w *worker) askWhere() {
	w.order([]byte{'?'}, orderGrace)
}

// admit lets a loaded worker take calls. It may have died since it was loaded.
func (p *Pool) admit(w *worker) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.admitLocked(w)
}

// admitIfMissing is admit, unless Restart has brought in enough workers since this one was started.
func (p *Pool) admitIfMissing(w, old *worker) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.tooFewLocked(old) {
		w.kill("it is not needed any more")
		return nil
	}
	return p.admitLocked(w)
}

// admitLocked is for callers that hold mu.
func (p *Pool) admitLocked(w *worker) error {
	if p.closing { // it was not ready when Close looked for those that are, so Close would wait for it
		w.kill("the pool was closed")
		return ErrClosed
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.state == dead {
		return &WorkerError{Reason: "it ended right after the application was loaded", Worker: w.number, PID: w.process.Pid}
	}
	w.state, w.readySince = ready, time.Now()
	p.ready++
	p.trouble = nil
	w.pace.slots = p.config.Threads
	for range p.config.Threads {
		p.offer(w)
	}
	if p.config.Threads > 1 {
		p.mixSlots()
	}
	return nil
}

// mixSlots lets workers take turns: the slots of a new one stand in a row, and few calls at a time would all be its own.
func (p *Pool) mixSlots() {
	var all []*worker
	for range len(p.slots) {
		select {
		case w := <-p.slots:
			all = append(all, w)
		default: // calls have taken them
		}
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, w := range all {
		p.slots <- w
	}
}

// replace brings a new worker in, after a pause, and tries until it comes up. It takes the place of old, which retires
// then, or of one that is gone already.
func (p *Pool) replace(old *worker, pause time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing {
		return
	}
	p.ended.Go(func() {
		for p.sleep(pause) && p.tooFew(old) {
			w, err := p.hire(context.Background())
			if err == nil {
				err = p.admitIfMissing(w, old)
			}
			if err == nil {
				break
			}
			pause = min(max(2*pause, p.config.firstBackOff), lastBackOff)
			p.noteTrouble(err, pause)
		}
		if old != nil {
			old.replaced()
		}
	})
}

// succeed brings in the successor of a worker that has had its time.
func (p *Pool) succeed(w *worker, cause string) {
	p.mu.Lock()
	p.count(cause)
	p.mu.Unlock()
	w.log.Info("replacing a worker", slog.String("because", cause))
	p.replace(w, 0)
}

// sleep returns false when the pool is closed.
func (p *Pool) sleep(pause time.Duration) bool {
	select {
	case <-p.closed:
		return false
	case <-time.After(pause):
		return true
	}
}

// tooFew says that a worker is missing, not counting old.
func (p *Pool) tooFew(old *worker) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tooFewLocked(old)
}

func (p *Pool) tooFewLocked(old *worker) bool {
	ready := p.ready
	if old != nil && old.takesCalls() {
		ready--
	}
	return ready < p.config.Workers
}

func (p *Pool) noteTrouble(err error, pause time.Duration) {
	p.mu.Lock()
	p.trouble = err
	closing := p.closing
	p.count(CauseNotStarted)
	p.mu.Unlock()
	if !closing {
		p.log.Error("a worker did not come up", slog.Any("error", err), slog.Duration("again in", pause))
	}
}

// graceful is a channel that is closed when a retiring worker has had its time.
func (p *Pool) graceful() <-chan struct{} {
	done := make(chan struct{})
	time.AfterFunc(p.config.GracefulTimeout, func() { close(done) })
	return done
}

// dismissed notes that a worker takes no calls any more.
func (p *Pool) dismissed() {
	p.mu.Lock()
	p.ready--
	p.mu.Unlock()
	p.dropSlots()
}

// dropSlots takes the slots of workers that take no calls off the queue.
func (p *Pool) dropSlots() {
	for range len(p.slots) {
		select {
		case w := <-p.slots:
			if w.takesCalls() {
				p.slots <- w
			}
		default:
			return
		}
	}
}

func (w *worker) takesCalls() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state == ready
}

// buried notes the end of a worker, and replaces one that was not meant to end: at once, unless workers die as soon as
// they are born.
func (p *Pool) buried(w *worker, err error, wasReady, isTold bool) {
	p.mu.Lock()
	if wasReady && !p.closing {
		p.count(CauseDied)
	}
	delete(p.workers, w)
	p.noteLiving()
	closing := p.closing
	if wasReady && time.Since(w.readySince) < p.config.shortLife && w.served == 0 {
		p.early++
	} else if wasReady {
		p.early = 0
	}
	pause := time.Duration(0)
	if p.early > 0 {
		pause = min(p.config.firstBackOff<<min(p.early-1, 16), lastBackOff)
	}
	p.mu.Unlock()
	if wasReady {
		p.dismissed()
	}
	if closing || !wasReady {
		return
	}
	if !isTold || pause > 0 {
		w.log.Error("a worker died", slog.Any("error", err), slog.Duration("again in", pause))
	}
	p.replace(nil, pause) // where a successor is under way already, the later one is not let in
}
