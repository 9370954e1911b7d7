package cpython

import (
	"context"
	"net"
	"os/exec"
	"sync"
	"time"

	"glasswsgi/runtime/wsgi"
)

// What the tests see of the inside.

func (c Config) Impatient(ready, backOff time.Duration) Config {
	c.readyTimeout, c.firstBackOff = ready, backOff
	return c
}

// Fragile takes any death of a worker that had no call for an early one.
func (c Config) Fragile() Config {
	c.shortLife = time.Hour
	return c
}

// Generous sends calls ahead however long they take.
func (c Config) Generous() Config {
	c.aheadBudget = time.Hour
	return c
}

func (p *Pool) PIDs() (pids []int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.workers {
		pids = append(pids, w.process.Pid)
	}
	return pids
}

func (p *Pool) Ready() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ready
}

const Window = window

// HoldSpawns lets no process be started until release, as if starting one took that long.
func (p *Pool) HoldSpawns() (release func()) {
	held := make(chan struct{})
	p.spawner.work <- func() { <-held }
	return func() { close(held) }
}

// HireThenClose starts a worker, and closes the pool before it is admitted.
func (p *Pool) HireThenClose(ctx context.Context) (admitted error, gone <-chan struct{}, err error) {
	w, err := p.hire(ctx)
	if err != nil {
		return nil, nil, err
	}
	p.shut()
	return p.admit(w), w.gone, nil
}

// Busy is how many calls workers have in hand.
func (p *Pool) Busy() (busy int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.workers {
		w.mu.Lock()
		busy += len(w.calls)
		w.mu.Unlock()
	}
	return busy
}

// MarshalTexts encodes (list of texts, dict of constants, number).
func MarshalTexts(texts []string) []byte {
	var e encoder
	e.tuple(3)
	e.list(len(texts))
	for _, text := range texts {
		e.native(text)
	}
	e.beginDict()
	e.ascii("yes")
	e.boolean(true)
	e.ascii("no")
	e.boolean(false)
	e.ascii("none")
	e.none()
	e.endDict()
	e.integer(-5)
	return e.out
}

// UnmarshalTexts decodes a list of texts.
func UnmarshalTexts(b []byte) (texts []string, err error) {
	d := decode(b)
	for range d.list() {
		texts = append(texts, d.native())
	}
	return texts, d.end()
}

// CutLifelines is what the workers see of our death where the kernel does not kill them.
func (p *Pool) CutLifelines() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.workers {
		w.lifeline.Close()
	}
}

// launches lives as long as the tests: a worker that any other thread makes is killed when that thread ends.
var launches = sync.OnceValue(func() *spawner { return newSpawner(nil) })

// Launch starts a worker without a pool: the test is its server. The shell may set limits for it first.
func Launch(config Config, shell string) (channel, lifeline net.Conn, command *exec.Cmd, err error) {
	command = exec.Command("/bin/sh", "-c", shell+` exec "$0" -c "$1"`, config.Interpreter.Path, bootCommand)
	command.Dir, command.Stderr = config.Dir, config.Output
	environment, restore := config.Interpreter.environment(nil)
	command.Env = append(environment, bootVariable)
	if channel, lifeline, err = launches().start(command); err == nil {
		_, err = channel.Write(startMessage(&config, restore, false, "glass: worker of a test", false))
	}
	return channel, lifeline, command, err
}

// AppendFrame appends a frame of any kind; a size below 0 is that of the payload.
func AppendFrame(b []byte, size int, call uint32, k int, payload []byte) []byte {
	if size < 0 {
		size = len(payload)
	}
	return append(appendHeader(b, size, call, kind(k)), payload...)
}

// AppendRequest appends the frame of a request.
func AppendRequest(b []byte, call uint32, r *wsgi.Environ) []byte {
	return append(b, appendRequest(nil, call, r)...)
}

// ForgetReserve gives up the descriptors that are held back.
func (p *Pool) ForgetReserve() {
	done := make(chan struct{})
	p.spawner.work <- func() { p.spawner.reserve.release(); close(done) }
	<-done
}

// PlacesTaken is how many blocks lie in the outboxes of workers.
func (p *Pool) PlacesTaken() (taken int) {
	for _, w := range p.all() {
		for place := range mostStored {
			if w.outbox != nil && w.outbox.memory[outboxTaken+4*place] != 0 {
				taken++
			}
		}
	}
	return taken
}

func (p *Pool) HasOutbox() bool { return p.all()[0].outbox != nil }

const MostStored = mostStored
