//go:build unix

package server_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
)

const fewDescriptors = 64

// TestDescriptorsRunOut has a server in a process that may open only a few files. First all are taken by
// connections whose application is at work: the accept loop waits until they end. Then by idle ones, which give way.
func TestDescriptorsRunOut(t *testing.T) {
	address, log := startPoorServer(t)
	busy := crowd(t, address, 2*fewDescriptors)
	for _, conn := range busy {
		io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n") // it reads, and waits
	}
	answered := make(chan error, 1)
	go func() { answered <- ask(address) }()
	log.waitFor(t, "too many open files")
	leave(busy)
	if err := <-answered; err != nil {
		t.Errorf("after the others have gone: %v", err)
	}

	idle := crowd(t, address, 2*fewDescriptors) // the system's backlog takes those that are not accepted
	if err := ask(address); err != nil {
		t.Errorf("beside idle connections: %v", err)
	}
	leave(idle)
}

// startPoorServer runs TestPoorServer in a process of its own.
func startPoorServer(t *testing.T) (address string, log *lines) {
	t.Helper()
	command := exec.Command(os.Args[0], "-test.run=^TestPoorServer$")
	command.Env = append(os.Environ(), "GLASS_TEST_POOR_SERVER=1")
	stop, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	log = &lines{}
	log.changed.L = &log.mu
	go log.collect(out)
	t.Cleanup(func() {
		stop.Close()
		if err := command.Wait(); err != nil {
			t.Errorf("the server: %v\n%s", err, log.text.String())
		}
	})
	return strings.TrimPrefix(log.waitFor(t, "address "), "address "), log
}

// TestPoorServer is what startPoorServer runs. It ends with its standard input.
func TestPoorServer(t *testing.T) {
	if os.Getenv("GLASS_TEST_POOR_SERVER") == "" {
		t.Skip("only for TestDescriptorsRunOut")
	}
	limit := syscall.Rlimit{Cur: fewDescriptors, Max: fewDescriptors}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	_, address := serve(t, config(reader, os.Stdout))
	fmt.Println("address " + address)
	io.Copy(io.Discard, os.Stdin)
}

// lines is the output of a process.
type lines struct {
	mu      sync.Mutex
	changed sync.Cond
	text    strings.Builder
	ended   bool
}

func (l *lines) collect(out io.Reader) {
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		l.mu.Lock()
		l.text.WriteString(scanner.Text() + "\n")
		l.mu.Unlock()
		l.changed.Broadcast()
	}
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	l.changed.Broadcast()
}

// waitFor returns the first line that holds a text.
func (l *lines) waitFor(t *testing.T, text string) string {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		for line := range strings.Lines(l.text.String()) {
			if strings.Contains(line, text) {
				return strings.TrimSuffix(line, "\n")
			}
		}
		if l.ended {
			t.Fatalf("no %q in\n%s", text, l.text.String())
		}
		l.changed.Wait()
	}
}
