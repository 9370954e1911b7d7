package cpython

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"sync"
)

// With Config.Preload one process loads the application and makes the workers by fork, so that they share the memory of
// what it has loaded (gunicorn's --preload). It is started like a worker, and takes no calls. Restart loads anew in a
// new process; the old one lives as long as its last worker, whose parent it is.
type loader struct {
	worker *worker
	orders sync.Mutex // one order at a time
	users  int        // its workers that live; guarded by Pool.mu
}

// loaderAnswer is FORKED or EXITED.
type loaderAnswer struct {
	kind   kind
	pid    int
	status int
	err    string
}

// current is the process that makes workers now: nil without Config.Preload. One that has died is replaced.
func (p *Pool) current(ctx context.Context) (*loader, error) {
	if !p.config.Preload {
		return nil, nil
	}
	p.loading.Lock()
	defer p.loading.Unlock()
	p.mu.Lock()
	l := p.loader
	p.mu.Unlock()
	if l != nil && !l.isGone() {
		return l, nil
	}
	if l != nil {
		p.log.Error("the process that had loaded the application (--preload) died, and is started anew", "pid", l.worker.process.Pid)
	}
	l, err := p.load(ctx)
	if err == nil {
		p.useLoader(l)
	}
	return l, err
}

// reload loads the application in a new process: nil without Config.Preload.
func (p *Pool) reload(ctx context.Context) (*loader, error) {
	if !p.config.Preload {
		return nil, nil
	}
	return p.load(ctx)
}

func (p *Pool) load(ctx context.Context) (*loader, error) {
	p.mu.Lock()
	if p.closing {
		p.mu.Unlock()
		return nil, ErrClosed
	}
	p.ended.Add(1)
	p.mu.Unlock()
	defer p.ended.Done()
	w, err := p.spawn(0, "glass: preload ("+p.config.App+")", nil, true)
	if err != nil {
		return nil, err
	}
	w.answers = make(chan loaderAnswer, 1)
	l := &loader{worker: w}
	p.mu.Lock()
	p.loaders[l] = true
	p.ended.Go(w.read)
	if p.closing {
		w.kill("the pool was closed")
	}
	p.mu.Unlock()
	if err := w.awaitLoaded(ctx); err != nil {
		p.forgetLoader(l)
		return nil, err
	}
	w.order([]byte{'.'}, orderGrace)
	return l, nil
}

func (l *loader) isGone() bool {
	select {
	case <-l.worker.gone:
		return true
	default:
		return false
	}
}

// useLoader makes workers by this process from now on.
func (p *Pool) useLoader(l *loader) {
	p.mu.Lock()
	old := p.loader
	p.loader = l
	p.mu.Unlock()
	p.dismissLoader(old)
}

// released notes that a worker is gone, and so perhaps the last reason for the process that made it.
func (p *Pool) released(l *loader) {
	if l == nil {
		return
	}
	p.mu.Lock()
	l.users--
	p.mu.Unlock()
	p.dismissLoader(l)
}

// dismissLoader ends a process that makes no more workers and has none left.
func (p *Pool) dismissLoader(l *loader) {
	if l == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if l == p.loader || l.users > 0 || p.closing || !p.loaders[l] {
		return
	}
	delete(p.loaders, l)
	p.ended.Go(func() { l.worker.stop(l.worker.quit) })
}

func (p *Pool) forgetLoader(l *loader) {
	p.mu.Lock()
	delete(p.loaders, l)
	p.mu.Unlock()
}

// endLoaders ends all of them, when no worker is left.
func (p *Pool) endLoaders(end func(*worker)) {
	p.mu.Lock()
	var all []*loader
	for l := range p.loaders {
		all = append(all, l)
	}
	p.mu.Unlock()
	for _, l := range all {
		end(l.worker)
		<-l.worker.gone
	}
}

// quitAtOnce asks the worker to end, and waits for that.
func (w *worker) quitAtOnce() { w.stop(w.quit) }

// fork makes a worker out of the process that has loaded the application.
func (p *Pool) fork(l *loader, number int, title string) (*worker, error) {
	outbox := p.newOutbox()
	var channel, lifeline net.Conn
	var answer loaderAnswer
	err := p.spawner.do(func() (err error) {
		var ends []*os.File
		channel, lifeline, ends, err = channels()
		if err != nil {
			return err
		}
		defer closeFiles(ends)
		answer, err = l.ask(kindFork, []byte(title), append(ends, outbox.files(p.config.Bell)...))
		if err != nil {
			channel.Close()
			lifeline.Close()
		}
		return err
	})
	if err != nil {
		outbox.close()
		return nil, &WorkerError{Reason: err.Error()}
	}
	process := &os.Process{Pid: answer.pid} // no other gets this number until its parent was asked to wait for it
	w := p.newWorker(number, process)
	w.channel, w.lifeline, w.outbox, w.loader = channel, lifeline, outbox, l
	w.wait = func() string { return l.wait(process) }
	p.mu.Lock()
	l.users++
	p.mu.Unlock()
	return w, nil
}

// ask sends an order, with files beside it, and waits for the answer.
func (l *loader) ask(k kind, payload []byte, files []*os.File) (answer loaderAnswer, err error) {
	l.orders.Lock()
	defer l.orders.Unlock()
	if err := sendFiles(l.worker.channel, appendFrame(nil, 0, k, payload), files); err != nil {
		return answer, err
	}
	select {
	case answer = <-l.worker.answers:
	case <-l.worker.gone:
		return answer, errLoaderGone
	}
	if answer.err != "" {
		return answer, errors.New(answer.err)
	}
	return answer, nil
}

var errLoaderGone = errors.New("the process that has loaded the application is gone")

// wait reaps a worker: its parent does it. Where that has died, too, the system has.
func (l *loader) wait(process *os.Process) string {
	answer, err := l.ask(kindWait, binary.LittleEndian.AppendUint32(nil, uint32(process.Pid)), nil)
	if err != nil || answer.status < 0 {
		return "it is not known how: " + errors.Join(errLoaderGone, err).Error()
	}
	return describeStatus(answer.status)
}

// takeLoaderAnswer takes FORKED and EXITED.
func (w *worker) takeLoaderAnswer(f frame) error {
	d := decode(f.payload)
	d.tuple(2)
	answer := loaderAnswer{kind: f.kind, pid: d.integer()}
	if f.kind == kindForked {
		answer.err = d.text()
	} else {
		answer.status = d.integer()
	}
	if err := d.end(); err != nil {
		return err
	}
	select {
	case w.answers <- answer: // of a worker that makes none, the channel is nil
		return nil
	default:
		return errors.New(f.kind.String() + " that was not asked for")
	}
}
