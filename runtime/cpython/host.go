package cpython

import (
	"net"
	"os"
)

// Host runs the workers of a pool in another way than as processes: package inprocess has them in this one. Such a worker
// speaks the same frames, and cannot be killed.
type Host interface {
	// Start makes a worker. The channel ends when the worker has ended, and wait says how it did.
	Start(guest Guest) (channel, lifeline net.Conn, wait func() string, err error)
}

// Guest is what a Host makes a worker of.
type Guest struct {
	Environment []string // that the interpreter starts with
	Boot        string   // source that defines work(message, send, receive, pass_file, wait, inbox, doorbell, lifeline, output, outbox, bell)
	Message     []byte   // what a worker is sent before any frame
	Output      *os.File // where the application prints to
	Outbox      *os.File // memory that it shares with us, nil where it has none: see outbox.go
	Bell        *os.File // what it rings when something is there, nil where it has none
	// Rest is what the worker's thread does while Python has nothing to do: it runs an event loop until something has come.
	// False: there is no loop now. With Rest, work returns a function that serves what has come; nil: it waits by itself.
	Rest func(hasCome func() bool) bool
}

// host has a worker made by Config.Host.
func (p *Pool) host(number int) (w *worker, err error) {
	w = p.newWorker(number, thisProcess)
	w.isHosted = true
	environment, restore := p.config.Interpreter.environment(p.config.Env)
	guest := Guest{
		Environment: environment,
		Boot:        workerSource("unpack") + workerSource("hosted"),
		Message:     startMessage(&p.config, restore, false, "", false),
		Output:      p.config.Output,
	}
	if w.outbox = p.newOutbox(); w.outbox != nil {
		guest.Outbox, guest.Bell = w.outbox.file, p.config.Bell
	}
	if guest.Bell != nil && p.servesLanes() {
		guest.Rest = w.rest
	}
	if w.channel, w.lifeline, w.wait, err = p.config.Host.Start(guest); err != nil {
		w.outbox.close()
	}
	return w, err
}

// rest is Guest.Rest. A worker that takes no calls any more leaves the loop to others.
func (w *worker) rest(hasCome func() bool) bool {
	if visit := w.pool.visit.Load(); visit != nil && w.takesCalls() && (*visit)(hasCome) {
		return true
	}
	w.takeLeft() // no loop looks for what is there
	return false
}

// nearLane is the lane to a worker in this process.
type nearLane struct{ *lane }

// Lend implements wsgi.NearLane.
func (l nearLane) Lend(visit func(until func() bool) bool) {
	l.pool.visit.Store(&visit)
	for _, w := range l.pool.all() {
		w.send(appendHeader(nil, 0, 0, kindNop)) // its thread waits without a loop
	}
}

// NearChannel is the channel of a worker whose thread the loop runs on.
type NearChannel interface {
	net.Conn
	// Put is Write for the loop, which need not be told that something has come.
	Put(b []byte) (int, error)
}

// thisProcess is the one of every hosted worker. It gets no signal because of one.
var thisProcess = &os.Process{Pid: os.Getpid()}

// FileChannel is a channel with a way of its own for descriptors. Each belongs to a FILE frame, in their order.
type FileChannel interface {
	net.Conn
	// File takes the next one that came along with what was read; nil: there is none.
	File() *os.File
}
