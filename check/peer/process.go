package peer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strings"
	"time"
)

const (
	startTime = 30 * time.Second // for a server to accept connections
	endingFor = 5 * time.Second  // for it to end when it is told to
	pollEvery = 5 * time.Millisecond

	lastMoment = 100 * time.Millisecond // for a server that ends
	lastWords  = time.Second            // for its exit status and what it printed
)

// Process is a server that was started by a command.
type Process struct {
	Address string

	command *exec.Cmd
	output  *outlet
	ended   chan struct{}
	began   time.Time
	up      bool          // it has accepted a connection
	took    time.Duration // until then
}

// Start runs a command in a process group of its own, and waits until the server accepts connections. Placeholders such
// as {app} are filled in by fill, {port} with a free port of the loopback interface.
func Start(ctx context.Context, command []string, fill map[string]string, environ []string) (*Process, error) {
	var pairs []string
	for name, value := range fill {
		pairs = append(pairs, "{"+name+"}", value)
	}
	filler := strings.NewReplacer(pairs...)
	words := make([]string, len(command))
	for i, word := range command {
		words[i] = filler.Replace(word)
	}
	return Launch(ctx, Program{Words: words, Env: environ}, startTime)
}

// Launch runs a program that serves at {port}, and waits until it accepts connections.
func Launch(ctx context.Context, program Program, limit time.Duration) (*Process, error) {
	p, err := program.Serve()
	if err != nil {
		return nil, err
	}
	if err := p.await(ctx, limit); err != nil {
		failed := p.launchError(err)
		p.Stop()
		return nil, failed
	}
	return p, nil
}

// Serve starts a program that serves at {port}, which stands for a free one in its words. It ends with Stop, and so does
// its process group.
func (p Program) Serve() (*Process, error) {
	number := p.Port
	var reserved *Port
	if number == "" {
		var err error
		if reserved, err = ReservePort(); err != nil {
			return nil, err
		}
		number = reserved.Number
	}
	s := &Process{Address: "127.0.0.1:" + number, ended: make(chan struct{})}
	p.Words = slices.Clone(p.Words)
	for i, word := range p.Words {
		p.Words[i] = strings.ReplaceAll(word, "{port}", number)
	}
	var err error
	if s.output, err = openOutlet(); err != nil {
		reserved.Release()
		return nil, err
	}
	s.command = p.command(s.output.in)
	s.began = time.Now()
	if err := s.command.Start(); err != nil {
		reserved.Release()
		s.output.close()
		return nil, err
	}
	go func() {
		s.command.Wait()
		s.output.close()
		reserved.Release()
		close(s.ended)
	}()
	return s, nil
}

// LaunchError says why a server did not come up.
type LaunchError struct {
	Command string
	Err     error
	Output  string // the end of what it printed
	Ended   bool   // it ended, where otherwise it runs but accepts no connections
	State   string // how it ended: exit status 1
}

func (e *LaunchError) Error() string { return fmt.Sprintf("%s: %v\n%s", e.Command, e.Err, e.Output) }
func (e *LaunchError) Unwrap() error { return e.Err }

func (p *Process) launchError(err error) *LaunchError {
	failed := &LaunchError{Command: strings.Join(p.Words(), " "), Err: err, Output: p.Output(), Ended: p.Gone()}
	if failed.Ended {
		failed.State = p.command.ProcessState.String()
	}
	return failed
}

// Words are the command, with its placeholders filled in.
func (p *Process) Words() []string { return p.command.Args }

// Connect waits for a server that has just been started, without a connection that only asks whether it is up: a server
// that dies of a client which says nothing would die of that.
func (p *Process) Connect(timeout, starting time.Duration) (net.Conn, error) {
	for begun := time.Now(); ; time.Sleep(pollEvery) {
		socket, err := net.DialTimeout("tcp", p.Address, timeout)
		switch {
		case err == nil:
			if !p.up {
				p.up, p.took = true, time.Since(p.began)
			}
			return socket, nil
		case p.up:
			return nil, err
		case p.Gone():
			return nil, p.launchError(p.exit())
		case time.Since(begun) > starting:
			return nil, p.launchError(errors.New("nothing accepts connections at " + p.Address))
		}
	}
}

// Startup is how long it took from the start to the first connection: a measure of how busy the machine is.
func (p *Process) Startup() time.Duration { return p.took }

// Pid is the process that the command became.
func (p *Process) Pid() int { return p.command.Process.Pid }

func (p *Process) await(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	go func() {
		select {
		case <-p.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	err := awaitServer(ctx, p.Address)
	if err != nil && p.Ended() {
		return p.exit()
	}
	return err
}

// exit says how the server ended.
func (p *Process) exit() error {
	return errors.New("the server ended: " + p.command.ProcessState.String())
}

// Stays gives a server that has just been started a moment to end: one may accept a connection and then fail.
func (p *Process) Stays() error {
	if p.Ended() {
		return p.launchError(p.exit())
	}
	return nil
}

// Ended says that the server is not there any more: nobody accepts connections, or the process has ended. One that is
// just ending may close its connections before its listening socket, so it is given a moment.
func (p *Process) Ended() bool {
	patience := lastMoment
	socket, err := net.Dial("tcp", p.Address)
	if err == nil {
		socket.Close()
	} else {
		patience = lastWords
	}
	select {
	case <-p.ended:
		return true
	case <-time.After(patience):
		return err != nil
	}
}

// Gone says that the process has ended; it does not ask the port.
func (p *Process) Gone() bool { return p.EndedWithin(0) }

// EndedWithin says that the process has ended, or does so soon.
func (p *Process) EndedWithin(d time.Duration) bool {
	select {
	case <-p.ended:
		return true
	default:
	}
	select {
	case <-p.ended:
		return true
	case <-time.After(d):
		return false
	}
}

// Output is the end of what the server has printed so far.
func (p *Process) Output() string { return p.OutputSince(0) }

// Printed is how many bytes the server has printed so far.
func (p *Process) Printed() int {
	p.output.drain()
	return p.output.length()
}

// OutputSince is the end of what the server printed after its first n bytes.
func (p *Process) OutputSince(n int) string {
	p.output.drain()
	return p.output.since(n)
}

// Stop ends the server and the processes of its group.
func (p *Process) Stop() {
	terminate(p.command.Process)
	select {
	case <-p.ended:
	case <-time.After(endingFor):
	}
	kill(p.command.Process)
	<-p.ended
}

// awaitServer waits until somebody accepts connections at an address.
func awaitServer(ctx context.Context, address string) error {
	var dialer net.Dialer
	for {
		socket, err := dialer.DialContext(ctx, "tcp", address)
		if err == nil {
			return socket.Close()
		}
		select {
		case <-ctx.Done():
			return errors.New("nothing accepts connections at " + address + ": " + err.Error())
		case <-time.After(pollEvery):
		}
	}
}
