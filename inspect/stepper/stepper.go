// Package stepper walks through requests in a terminal: it is a face of the hub. In come commands, one a line; out goes,
// for each stop, the step, the bytes that it is about with the token marked, and what was derived from them, or the line
// of the application with what has changed. Where it does not talk to a terminal, its output is the same from run to run.
//
// Start reading at Run; commands.go has the commands, show.go what is printed.
package stepper

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"glasswsgi/inspect/hub"
)

const prompt = "(step) "

// Options say how to talk.
type Options struct {
	// Terminal says that a user types, so that nothing has to be echoed and masked, and colour may be used.
	Terminal bool
	Color    bool
	// Once ends the walk with the first exchange that ends; else it waits for the next.
	Once bool
}

// Stepper is one walk.
type Stepper struct {
	Options
	hub     *hub.Hub
	session *hub.Session
	lines   <-chan string // of the input; closed at its end
	editor  *editor       // where the input is a terminal: it is asked for each line
	noted   string        // the note that was shown last
	out     io.Writer

	current  uint64 // the exchange that is shown, 0: none
	stop     *hub.Stop
	viewed   *hub.Moment // where back and forward have led to; nil: the present
	frame    int         // index in stop.Frames
	last     string      // the command that Enter repeats
	points   []hub.Breakpoint
	waiting  []hub.Event // stops of other exchanges
	finished bool
}

// New takes control of a hub.
func New(h *hub.Hub, in io.Reader, out io.Writer, options Options) (*Stepper, error) {
	session, err := h.Attach("terminal")
	if err != nil {
		return nil, err
	}
	if err := session.TakeControl(); err != nil {
		session.Close()
		return nil, err
	}
	if err := session.PauseNext(true); err != nil {
		return nil, err
	}
	s := &Stepper{Options: options, hub: h, session: session, out: out}
	from, ok := in.(*os.File)
	to, also := out.(*os.File)
	if options.Terminal && ok && also {
		s.editor = newEditor(from, to)
		s.out = s.editor
	} else {
		s.lines = read(in)
	}
	return s, nil
}

// line asks for the next line. The channel is closed at the end of the input.
func (s *Stepper) line() <-chan string {
	if s.editor == nil {
		fmt.Fprint(s.out, prompt)
		return s.lines
	}
	lines := make(chan string, 1)
	go func() {
		defer close(lines)
		if line, err := s.editor.line(); err == nil {
			lines <- line
		}
	}()
	return lines
}

// read makes lines come over a channel, so that events can be waited for at the same time.
func read(in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(in)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
	}()
	return lines
}

// Run walks until ctx ends, the input ends, the user says quit, or, with Once, the exchange has ended. Whatever was
// stopped goes on then.
func (s *Stepper) Run(ctx context.Context) error {
	defer s.session.Close()
	if s.editor != nil {
		defer s.editor.close()
	}
	for !s.finished {
		if s.current != 0 {
			s.ask(ctx)
			continue
		}
		select {
		case e, open := <-s.session.Events():
			if !open {
				return nil
			}
			s.happened(e)
		case <-ctx.Done():
			s.print("detached: what was stopped goes on")
			return nil
		}
	}
	return nil
}

// happened takes note of an event.
func (s *Stepper) happened(e hub.Event) {
	switch e.Kind {
	case hub.ExchangeStopped:
		if s.current != 0 {
			s.waiting = append(s.waiting, e)
			s.print("#%d is stopped, too", e.Exchange)
			return
		}
		s.current, s.stop, s.frame, s.viewed = e.Exchange, e.Stop, 0, nil
		s.showStop()
	case hub.ExchangeEnded:
		s.showEnd(e.Exchange)
		if s.Once {
			s.finished = true
			return
		}
		s.session.PauseNext(true)
	case hub.Output:
		s.print("| %s", e.Text)
	case hub.Resync:
		s.print("| too much happened at once: some of it is not shown")
		for _, e := range s.hub.Present() { // stops may be among it
			known := func(w hub.Event) bool { return w.Exchange == e.Exchange }
			if e.Kind == hub.ExchangeStopped && e.Exchange != s.current && !slices.ContainsFunc(s.waiting, known) {
				s.happened(e)
			}
		}
	}
}

// ask takes one command and carries it out.
func (s *Stepper) ask(ctx context.Context) {
	lines := s.line()
	for {
		select {
		case line, open := <-lines:
			if !open {
				s.print("")
				s.finished = true
				return
			}
			if !s.Terminal {
				s.print("%s", line)
			}
			s.obey(line)
			return
		case e := <-s.session.Events():
			if e.Kind == hub.Output || e.Kind == hub.ExchangeStopped || e.Kind == hub.ExchangeEnded || e.Kind == hub.Resync {
				if s.editor == nil {
					s.print("")
				}
				s.happened(e)
				if s.finished {
					return
				}
				if s.editor == nil {
					fmt.Fprint(s.out, prompt)
				}
			}
		case <-ctx.Done():
			s.print("\ndetached: what was stopped goes on")
			s.finished = true
			return
		}
	}
}

// leave lets the current exchange go on, and looks at the next that is stopped.
func (s *Stepper) leave(how hub.How) {
	id := s.current
	s.current, s.stop = 0, nil
	if err := s.session.Step(id, how); err != nil {
		s.print("%v", err)
	}
	for len(s.waiting) > 0 && s.current == 0 {
		next := s.waiting[0]
		s.waiting = s.waiting[1:]
		if x, ok := s.hub.Exchange(next.Exchange); ok && x.State == hub.Stopped {
			s.happened(next)
		}
	}
}

// print writes lines; what changes from run to run is masked where no user sits in front of it.
func (s *Stepper) print(format string, values ...any) {
	text := fmt.Sprintf(format, values...)
	if !s.Terminal {
		text = mask(text)
	}
	fmt.Fprintln(s.out, strings.TrimRight(text, " "))
}
