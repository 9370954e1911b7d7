package stepper

import (
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// editor is a terminal in which the line can be edited while it is typed, and earlier ones come back with the arrow keys. It
// takes the terminal over while a line is typed, and at no other time: Ctrl-C is a signal whenever an exchange runs.
type editor struct {
	terminal *term.Terminal
	out      io.Writer
	take     func() (giveBack func())

	mu       sync.Mutex
	giveBack func() // nil: the terminal is not ours
}

// newEditor is for the terminal that a process has as its standard input and output.
func newEditor(in, out *os.File) *editor {
	e := newEditorOf(struct {
		io.Reader
		io.Writer
	}{in, out}, out)
	e.take = func() func() {
		if width, height, err := term.GetSize(int(out.Fd())); err == nil && width > 0 {
			e.terminal.SetSize(width, height)
		}
		before, err := term.MakeRaw(int(in.Fd()))
		if err != nil {
			return func() {}
		}
		return func() { term.Restore(int(in.Fd()), before) }
	}
	return e
}

func newEditorOf(conversation io.ReadWriter, out io.Writer) *editor {
	return &editor{terminal: term.NewTerminal(conversation, prompt), out: out, take: func() func() { return func() {} }}
}

// line asks for one. io.EOF is Ctrl-D, or Ctrl-C.
func (e *editor) line() (string, error) {
	e.mu.Lock()
	e.giveBack = e.take()
	e.mu.Unlock()
	defer e.close()
	return e.terminal.ReadLine()
}

// close gives the terminal back.
func (e *editor) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.giveBack != nil {
		e.giveBack()
		e.giveBack = nil
	}
}

// Write prints above the line that is being typed, if one is.
func (e *editor) Write(b []byte) (int, error) {
	e.mu.Lock()
	ours := e.giveBack != nil
	e.mu.Unlock()
	if ours {
		return e.terminal.Write(b)
	}
	return e.out.Write(b)
}
