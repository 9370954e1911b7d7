package cpython

import "context"

// Restart replaces all workers by new ones, which load the application afresh. The old ones finish their calls. When a
// new worker does not come up, the old ones stay, and the error says why. It returns when the new ones have taken over.
func (p *Pool) Restart(ctx context.Context) error {
	p.restart.Lock()
	defer p.restart.Unlock()
	from, err := p.reload(ctx)
	if err != nil {
		return err
	}
	fresh, err := p.hireAll(ctx, from)
	for _, w := range fresh {
		if err == nil {
			err = p.admit(w)
		}
	}
	if err != nil {
		for _, w := range fresh {
			w.kill("its fellow did not come up")
		}
		p.dismissLoader(from)
		return err
	}
	p.useLoader(from)
	for _, w := range p.others(fresh) {
		if w.dismiss() {
			p.mu.Lock()
			p.count(CauseReload)
			p.mu.Unlock()
		}
		p.retireLater(w, w.replaced)
	}
	return nil
}

// hireAll starts as many workers as the pool has, at the same time, and returns those that came up and an error of the
// others.
func (p *Pool) hireAll(ctx context.Context, from *loader) (fresh []*worker, err error) {
	type result struct {
		worker *worker
		err    error
	}
	results := make(chan result)
	for range p.config.Workers {
		go func() {
			w, err := p.hireFrom(ctx, from)
			results <- result{w, err}
		}()
	}
	for range p.config.Workers {
		r := <-results
		if r.err != nil {
			err = r.err
			continue
		}
		fresh = append(fresh, r.worker)
	}
	return fresh, err
}

// others returns the workers that take calls, but not those of except.
func (p *Pool) others(except []*worker) []*worker {
	isNew := map[*worker]bool{}
	for _, w := range except {
		isNew[w] = true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var old []*worker
	for w := range p.workers {
		if !isNew[w] && w.takesCalls() {
			old = append(old, w)
		}
	}
	return old
}

// retireLater lets a worker finish its calls in the background; where the pool closes, it is retired already.
func (p *Pool) retireLater(w *worker, retire func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closing {
		p.ended.Go(retire)
	}
}
