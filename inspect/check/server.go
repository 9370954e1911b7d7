package check

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed glass_probe.py
var application []byte

const (
	startTime = 30 * time.Second // for a server to accept connections
	endingFor = 5 * time.Second  // for it to end when it is told to
	keptBytes = 32 << 10         // of what it printed

	lastMoment = 100 * time.Millisecond // for a server that ends
	lastWords  = time.Second            // for its exit status and what it printed
)

// Server is a server under test that was started by a command.
type Server struct {
	Address string

	command *exec.Cmd
	folder  string // of the probe application, if it is ours to remove
	output  tail
	ended   chan struct{}
	up      bool // it has accepted a connection
}

// Start runs a command with its placeholders filled in, and waits until the server accepts connections: {port} on the
// loopback interface, {app}, {dir} and {module} for the probe application. The folder of the application is in
// PYTHONPATH; the working directory stays the user's, to whom the command belongs.
func Start(ctx context.Context, command []string) (s *Server, err error) {
	folder, err := os.MkdirTemp("", "glass-check-")
	if err != nil {
		return nil, err
	}
	app := filepath.Join(folder, "glass_probe.py")
	if err := os.WriteFile(app, application, 0o600); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	fill := strings.NewReplacer("{app}", app, "{dir}", folder, "{module}", "glass_probe:application")
	words := make([]string, len(command))
	for i, word := range command {
		words[i] = fill.Replace(word)
	}
	s, err = Launch(ctx, Program{Words: words, Env: append(os.Environ(), "GLASS_PROBE_DIR="+folder,
		"PYTHONPATH="+folder+string(os.PathListSeparator)+os.Getenv("PYTHONPATH"))}, startTime)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	s.folder = folder
	return s, nil
}

// Launch runs a program that serves at {port}, and waits until it accepts connections.
func Launch(ctx context.Context, p Program, limit time.Duration) (*Server, error) {
	s, err := p.Serve()
	if err != nil {
		return nil, err
	}
	if err := s.await(ctx, limit); err != nil {
		failed := s.launchError(err)
		s.Stop()
		return nil, failed
	}
	return s, nil
}

func (s *Server) launchError(err error) *LaunchError {
	return &LaunchError{Command: strings.Join(s.command.Args, " "), Err: err, Output: s.output.String(), Ended: s.Gone()}
}

// Serve starts a program that serves at {port}, which stands for a free one in its words. It ends with Stop, and so does
// its process group.
func (p Program) Serve() (*Server, error) {
	port := p.Port
	if port == "" {
		free, err := freePort()
		if err != nil {
			return nil, err
		}
		port = free
	}
	s := &Server{Address: "127.0.0.1:" + port, ended: make(chan struct{})}
	p.Words = slices.Clone(p.Words)
	for i, word := range p.Words {
		p.Words[i] = strings.ReplaceAll(word, "{port}", port)
	}
	s.command = p.command(&s.output)
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	go func() { s.command.Wait(); close(s.ended) }()
	return s, nil
}

// LaunchError says why a server did not come up.
type LaunchError struct {
	Command string
	Err     error
	Output  string // the end of what it printed
	Ended   bool   // it ended, where otherwise it runs but accepts no connections
}

func (e *LaunchError) Error() string { return fmt.Sprintf("%s: %v\n%s", e.Command, e.Err, e.Output) }
func (e *LaunchError) Unwrap() error { return e.Err }

// connect waits for a server that has just been started, without a connection that only asks whether it is up: a server
// that dies of a client which says nothing would die of that.
func (s *Server) connect(timeout, starting time.Duration) (net.Conn, error) {
	for begun := time.Now(); ; time.Sleep(startPoll) {
		socket, err := net.DialTimeout("tcp", s.Address, timeout)
		switch {
		case err == nil:
			s.up = true
			return socket, nil
		case s.up:
			return nil, err
		case s.Gone():
			return nil, s.launchError(errors.New("the server ended: " + s.command.ProcessState.String()))
		case time.Since(begun) > starting:
			return nil, s.launchError(errors.New("nothing accepts connections at " + s.Address))
		}
	}
}

const startPoll = 10 * time.Millisecond

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port), nil
}

func (s *Server) await(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	go func() {
		select {
		case <-s.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	err := AwaitServer(ctx, s.Address)
	if s.Ended() {
		return errors.New("the server ended: " + s.command.ProcessState.String())
	}
	return err
}

// Ended says that the server is not there any more: nobody accepts connections, or the process has ended. One that is
// just ending may close its connections before its listening socket, so it is given a moment.
func (s *Server) Ended() bool {
	patience := lastMoment
	socket, err := net.Dial("tcp", s.Address)
	if err == nil {
		socket.Close()
	} else {
		patience = lastWords
	}
	select {
	case <-s.ended:
		return true
	case <-time.After(patience):
		return err != nil
	}
}

// Gone says that the process has ended; it does not ask the port.
func (s *Server) Gone() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// EndedWithin says that the process has ended, or does so soon.
func (s *Server) EndedWithin(d time.Duration) bool {
	select {
	case <-s.ended:
		return true
	case <-time.After(d):
		return false
	}
}

// Output is the end of what the server printed.
func (s *Server) Output() string { return s.output.String() }

// Stop ends the server and the processes of its group, and removes the probe application.
func (s *Server) Stop() {
	terminate(s.command.Process)
	select {
	case <-s.ended:
	case <-time.After(endingFor):
	}
	kill(s.command.Process)
	<-s.ended
	if s.folder != "" {
		os.RemoveAll(s.folder)
	}
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if len(t.kept) > keptBytes {
		t.kept = bytes.Clone(t.kept[len(t.kept)-keptBytes:])
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}
