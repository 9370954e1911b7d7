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
	Boot        string   // source that defines work(message, send, receive, pass_file, inbox, doorbell, lifeline, output, outbox, bell)
	Message     []byte   // what a worker is sent before any frame
	Output      *os.File // where the application prints to
	Outbox      *os.File // memory that it shares with us, nil where it has none: see outbox.go
	Bell        *os.File // what it rings when something is there, nil where it has none
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
	if w.channel, w.lifeline, w.wait, err = p.config.Host.Start(guest); err != nil {
		w.outbox.close()
	}
	return w, err
}

// thisProcess is the one of every hosted worker. It gets no signal because of one.
var thisProcess = &os.Process{Pid: os.Getpid()}

// FileChannel is a channel with a way of its own for descriptors. Each belongs to a FILE frame, in their order.
type FileChannel interface {
	net.Conn
	// File takes the next one that came along with what was read; nil: there is none.
	File() *os.File
}
