package peer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
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
	Words   []string // the command, with its placeholders filled in

	command *exec.Cmd
	output  tail
	ended   chan struct{}
}

// Start runs a command in a process group of its own, and waits until the server accepts connections. Placeholders such
// as {app} are filled in by fill, {port} with a free port of the loopback interface.
func Start(ctx context.Context, command []string, fill map[string]string, environ []string) (*Process, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	p := &Process{Address: "127.0.0.1:" + port, ended: make(chan struct{})}
	pairs := []string{"{port}", port}
	for name, value := range fill {
		pairs = append(pairs, "{"+name+"}", value)
	}
	filler := strings.NewReplacer(pairs...)
	for _, word := range command {
		p.Words = append(p.Words, filler.Replace(word))
	}
	p.command = exec.Command(p.Words[0], p.Words[1:]...)
	p.command.Env = environ
	p.command.Stdout, p.command.Stderr = &p.output, &p.output
	p.command.WaitDelay = time.Second // somebody else may hold its output open
	ownGroup(p.command)
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	go func() { p.command.Wait(); close(p.ended) }()
	if err := p.await(ctx); err != nil {
		p.Stop()
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(p.Words, " "), err, p.output.String())
	}
	return p, nil
}

// Pid is the process that the command became.
func (p *Process) Pid() int { return p.command.Process.Pid }

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port), nil
}

func (p *Process) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
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
		return fmt.Errorf("%s: %w\n%s", strings.Join(p.Words, " "), p.exit(), p.Output())
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

// Output is the end of what the server printed.
func (p *Process) Output() string { return p.output.String() }

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
