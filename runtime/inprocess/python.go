//go:build linux && (amd64 || arm64) && !static

package inprocess

import (
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"glasswsgi/runtime/cpython"
)

// Available says that this program can do it.
const Available = true

// Python is the interpreter of this process. It implements cpython.Host: each worker is a thread. The first one becomes
// Python's main thread.
type Python struct {
	config    Config
	library   string
	api       *libpython
	functions *functions
	work      object // the function of Guest.Boot

	finish   chan struct{} // closed: the main thread ends the interpreter
	finished chan struct{} // closed when it has
}

var taken atomic.Bool // there is a Python

// New finds the library of an interpreter. There is one Python in a process, and no second one after it.
func New(config Config) (*Python, error) {
	library, err := findLibrary(config.Interpreter)
	if err != nil {
		return nil, err
	}
	if taken.Swap(true) {
		return nil, errors.New("there is a Python in this process, and it cannot be replaced: start glass again")
	}
	return &Python{config: config, library: library, finish: make(chan struct{}), finished: make(chan struct{})}, nil
}

// Start implements cpython.Host.
func (p *Python) Start(guest cpython.Guest) (channel, lifeline net.Conn, wait func() string, err error) {
	l, err := newLine()
	if err != nil {
		return nil, nil, nil, err
	}
	l.bell, l.loop = guest.Bell, guest.Rest
	orders, ears, err := newPipe()
	if err != nil {
		l.hangUp()
		return nil, nil, nil, err
	}
	end := make(chan string, 1)
	begin := p.runFirst
	if p.api != nil {
		begin = p.runAnother
	}
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		begin(guest, l, ears, func(reason string) {
			end <- reason
			l.hangUp()
		})
	}()
	wait = func() string {
		select {
		case reason := <-end:
			return reason
		case <-l.givenUp:
			return "it was given up, and its thread goes on"
		}
	}
	return l, orders, wait, nil
}

// runFirst initializes the interpreter, is a worker, and waits to end the interpreter.
func (p *Python) runFirst(guest cpython.Guest, l *line, ears int, ended func(reason string)) {
	if err := p.begin(guest); err != nil {
		ended(err.Error())
		return
	}
	ended(p.beWorker(guest, l, ears))
	state := call(p.api.saveThread)
	<-p.finish
	call(p.api.restoreThread, state)
	call(p.api.finalize)
	close(p.finished)
	select {} // nothing of Python may be called any more
}

// begin initializes the interpreter, in an environment that suits it.
func (p *Python) begin(guest cpython.Guest) error {
	api, err := load(p.library)
	if err != nil {
		return err
	}
	for _, entry := range os.Environ() {
		if !slices.Contains(guest.Environment, entry) {
			name, _, _ := strings.Cut(entry, "=")
			os.Unsetenv(name)
		}
	}
	for _, entry := range guest.Environment {
		name, value, _ := strings.Cut(entry, "=")
		os.Setenv(name, value)
	}
	api.start(p.config.Interpreter.Path)
	p.functions = newFunctions(api)
	p.api = api
	p.work, err = api.define(guest.Boot, "work")
	return err
}

// attachTime is how long a second worker waits for the interpreter's lock. Python's own threads give it up every 5 ms.
const attachTime = 5 * time.Second

// runAnother is a worker beside one in which a call hangs.
func (p *Python) runAnother(guest cpython.Guest, l *line, ears int, ended func(reason string)) {
	stuck := time.AfterFunc(attachTime, p.config.Stuck)
	state := call(p.api.ensure)
	stuck.Stop()
	reason := p.beWorker(guest, l, ears)
	call(p.api.release, state)
	ended(reason)
}

// beWorker runs a worker to its end, and returns why it ended.
func (p *Python) beWorker(guest cpython.Guest, l *line, ears int) string {
	send, receive, passFile, wait := p.functions.of(l)
	result := p.api.apply(p.work, p.api.newBytes(guest.Message), send, receive, passFile, wait,
		p.api.newView(l.inbox.memory), p.api.newLong(l.doorbell), p.api.newLong(ears), p.api.newLong(int(guest.Output.Fd())), p.descriptor(guest.Outbox), p.descriptor(guest.Bell))
	if result != 0 && call(p.api.isCallable, result) != 0 {
		result = p.serve(result, l)
	}
	if result == 0 {
		return "it raised an exception"
	}
	defer call(p.api.decrement, result)
	if why := p.api.bytes(result); len(why) > 0 {
		return string(why)
	}
	return "it has ended"
}

// serve has a worker serve what comes, and rest in between, until its end. It returns what the worker returned.
func (p *Python) serve(function object, l *line) object {
	defer call(p.api.decrement, function)
	for {
		p.api.without(l.rest)
		result := call(p.api.callNothing, function)
		switch result {
		case 0:
			call(p.api.printError)
			return 0
		case p.api.none:
			call(p.api.decrement, result)
		default:
			return result
		}
	}
}

// descriptor is one that belongs to Python; None where there is no file.
func (p *Python) descriptor(file *os.File) object {
	if file != nil {
		if copied := duplicate(int(file.Fd())); copied >= 0 {
			return p.api.newLong(copied)
		}
	}
	return p.api.newNone()
}

// duplicate makes a descriptor that programs which the application starts do not get. -1: there are no more.
func duplicate(descriptor int) int {
	copied, err := unix.FcntlInt(uintptr(descriptor), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	return copied
}

// Finish ends the interpreter when its workers have ended: the application's atexit handlers run, and threads that are no
// daemons are waited for. The error says that it took too long.
func (p *Python) Finish(within time.Duration) error {
	close(p.finish)
	select {
	case <-p.finished:
		return nil
	case <-time.After(within):
		return fmt.Errorf("Python did not end within %v: is a call under way, an atexit handler, or a thread that is no daemon?", within)
	}
}

// pipe is the server's end of a lifeline.
type pipe struct {
	*os.File
	memory
}

func (p pipe) LocalAddr() net.Addr  { return p.memory }
func (p pipe) RemoteAddr() net.Addr { return p.memory }

// newPipe makes a lifeline. The worker's end is a descriptor, which it closes.
func newPipe() (orders net.Conn, ears int, err error) {
	var ends [2]int
	if err := syscall.Pipe2(ends[:], syscall.O_CLOEXEC); err != nil {
		return nil, 0, os.NewSyscallError("pipe2", err)
	}
	return pipe{File: os.NewFile(uintptr(ends[1]), "a worker's lifeline")}, ends[0], nil
}
