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
	folder  string
	output  tail
	ended   chan struct{}
}

// Start runs a command with its placeholders filled in, and waits until the server accepts connections: {port} on the
// loopback interface, {app}, {dir} and {module} for the probe application. The folder of the application is in
// PYTHONPATH; the working directory stays the user's, to whom the command belongs.
func Start(ctx context.Context, command []string) (s *Server, err error) {
	s = &Server{ended: make(chan struct{})}
	if s.folder, err = os.MkdirTemp("", "glass-check-"); err != nil {
		return nil, err
	}
	app := filepath.Join(s.folder, "glass_probe.py")
	if err := os.WriteFile(app, application, 0o600); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.folder))
	}
	port, err := freePort()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.folder))
	}
	s.Address = "127.0.0.1:" + port
	fill := strings.NewReplacer("{port}", port, "{app}", app, "{dir}", s.folder, "{module}", "glass_probe:application")
	words := make([]string, len(command))
	for i, word := range command {
		words[i] = fill.Replace(word)
	}
	s.command = exec.Command(words[0], words[1:]...)
	s.command.Env = append(os.Environ(), "GLASS_PROBE_DIR="+s.folder,
		"PYTHONPATH="+s.folder+string(os.PathListSeparator)+os.Getenv("PYTHONPATH"))
	s.command.Stdout, s.command.Stderr = &s.output, &s.output
	s.command.WaitDelay = time.Second // somebody else may hold its output open
	ownGroup(s.command)
	if err := s.command.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.folder))
	}
	go func() { s.command.Wait(); close(s.ended) }()
	if err := s.await(ctx); err != nil {
		s.Stop()
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(words, " "), err, s.output.String())
	}
	return s, nil
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port), nil
}

func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
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
	os.RemoveAll(s.folder)
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
