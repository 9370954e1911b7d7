//go:build linux && (amd64 || arm64) && !static

package inprocess

import (
	"os"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// functions are what Python calls for a line: send(bytes), receive(size), pass_file(descriptor) and wait(). Each is bound to
// an object that stands for the line.
type functions struct {
	python *libpython
	lines  sync.Map // of object: *line
	made   int

	send, receive, passFile, wait *method
}

// method is a PyMethodDef.
type method struct {
	name  *byte
	code  uintptr
	flags int32
	about *byte
}

const (
	takesNothing = 4 // METH_NOARGS
	takesOne     = 8 // METH_O
)

func newFunctions(p *libpython) *functions {
	f := &functions{python: p}
	f.send = &method{name: cText("send"), code: purego.NewCallback(f.onSend), flags: takesOne}
	f.receive = &method{name: cText("receive"), code: purego.NewCallback(f.onReceive), flags: takesOne}
	f.passFile = &method{name: cText("pass_file"), code: purego.NewCallback(f.onPassFile), flags: takesOne}
	f.wait = &method{name: cText("wait"), code: purego.NewCallback(f.onWait), flags: takesNothing}
	return f
}

// of makes the functions of a line. wait is None where Python waits by itself.
func (f *functions) of(l *line) (send, receive, passFile, wait object) {
	f.made++
	bound := f.python.newLong(1<<32 + f.made) // Python shares the small ones
	f.lines.Store(bound, l)
	makeOne := func(m *method) object {
		return call(f.python.newFunction, uintptr(unsafe.Pointer(m)), bound, 0)
	}
	if wait = f.python.newNone(); l.loop != nil {
		wait = makeOne(f.wait)
	}
	return makeOne(f.send), makeOne(f.receive), makeOne(f.passFile), wait
}

func (f *functions) line(bound object) *line {
	l, _ := f.lines.Load(bound)
	return l.(*line)
}

// onSend is send(bytes): how many were sent, which is all.
func (f *functions) onSend(bound, argument object) object {
	b := f.python.bytes(argument)
	f.line(bound).send(b)
	return f.python.newLong(len(b))
}

// onReceive is receive(size): bytes that did not fit into the inbox, at most so many, and b"" when no more come. None: there
// are none.
func (f *functions) onReceive(bound, argument object) (result object) {
	take := func(b []byte) { result = f.python.newBytes(b) }
	if !f.line(bound).receive(f.python.long(argument), take) {
		result = f.python.newNone()
	}
	return result
}

// onPassFile is pass_file(descriptor): the server gets a descriptor of its own.
func (f *functions) onPassFile(bound, argument object) object {
	var file *os.File // nil where there is no descriptor left: the FILE of another call must not take this one's place
	if descriptor := duplicate(f.python.long(argument)); descriptor >= 0 {
		file = os.NewFile(uintptr(descriptor), "a file of the application")
	}
	f.line(bound).passFile(file)
	return f.python.newNone()
}

// onWait is wait(): until something has come, and meanwhile other threads of Python run.
func (f *functions) onWait(bound, _ object) object {
	f.python.without(f.line(bound).rest)
	return f.python.newNone()
}
