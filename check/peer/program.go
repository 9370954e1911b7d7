package peer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"time"
)

// Program is what is to be run: a command, its folder and its environment.
type Program struct {
	Words []string
	Dir   string
	Env   []string
	Port  string // what {port} stands for; left out, one that is free
}

// command prepares a process with a group of its own, whose output goes to w.
func (p Program) command(w io.Writer) *exec.Cmd {
	c := exec.Command(p.Words[0], p.Words[1:]...)
	c.Dir, c.Env = p.Dir, p.Env
	c.Stdout, c.Stderr = w, w
	c.WaitDelay = time.Second // somebody else may hold its output open
	ownGroup(c)
	return c
}

// Ending is how a program ended that ran to its end.
type Ending struct {
	Output  []byte // its standard output
	Printed string // the end of its standard error
	Code    int    // its exit status
	Limited string // what it exceeded, if it was ended for that
}

const limitTime, limitOutput = "time", "output"

// RunToEnd feeds standard input to a program and waits for it, up to a time and so many bytes of output.
func (p Program) RunToEnd(ctx context.Context, stdin []byte, limit time.Duration, most int) (Ending, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	full := make(chan struct{}, 1)
	output, printed := &bounded{most: most, full: full}, &tail{}
	c := p.command(printed)
	c.Stdin, c.Stdout = bytes.NewReader(stdin), output
	if err := c.Start(); err != nil {
		return Ending{}, err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	var e Ending
	select {
	case <-ended:
	case <-ctx.Done():
		e.Limited = limitTime
	case <-full:
		e.Limited = limitOutput
	}
	kill(c.Process) // what it started must not outlive it
	if e.Limited != "" {
		<-ended
	}
	e.Output, e.Printed, e.Code = output.kept.Bytes(), printed.String(), c.ProcessState.ExitCode()
	return e, nil
}

// bounded keeps what is written to it, up to a number of bytes.
type bounded struct {
	kept bytes.Buffer
	most int
	full chan<- struct{}
}

var errFull = errors.New("more output than may be")

func (b *bounded) Write(p []byte) (int, error) {
	if b.kept.Len()+len(p) > b.most {
		b.kept.Write(p[:b.most-b.kept.Len()])
		select {
		case b.full <- struct{}{}:
		default:
		}
		return 0, errFull
	}
	return b.kept.Write(p)
}
