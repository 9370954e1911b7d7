// Package examples holds small applications, and the tests that run each of them on the real server.
//
// The test binary is glass, too; start runs it on a free port for one test. Start reading at TestExamples.
package examples

import (
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"glasswsgi/check/suite"
	"glasswsgi/command"
)

const (
	startLimit = 3 * time.Minute // the first start unpacks the embedded Python
	exitLimit  = time.Minute
)

// beGlass has the test binary be glass itself, so that no other has to be linked.
const beGlass = "GLASS_EXAMPLES_BE_GLASS"

var (
	glass string // the path of the binary under test
	root  string // the module's root, where the docstrings' commands are meant to be run
)

func TestMain(m *testing.M) {
	if os.Getenv(beGlass) != "" {
		os.Exit(command.Run(os.Args[1:], nil))
	}
	os.Unsetenv("PYTHONDONTWRITEBYTECODE") // each start would compile what it imports
	var err error
	if root, err = filepath.Abs(".."); err == nil {
		glass, err = os.Executable()
	}
	if err != nil {
		panic(err)
	}
	os.Exit(suite.Run(m))
}

// seats bounds how many servers run at a time.
var seats = make(chan struct{}, 2)

// A server is one running glass.
type server struct {
	URL string // "http://127.0.0.1:PORT", or the scheme is another --protocol
	log *stderrLog
}

// serve runs glass with args on a free port until the test ends, and returns its address.
func serve(t *testing.T, args ...string) (baseURL string) {
	t.Helper()
	return start(t, args...).URL
}

// start is serve for tests that also want to read what glass says on standard error.
func start(t *testing.T, args ...string) *server {
	t.Helper()
	seats <- struct{}{}
	t.Cleanup(func() { <-seats })

	log := newStderrLog()
	cmd := glassCommand(append([]string{"-b", "127.0.0.1:0"}, args...)...)
	cmd.Stderr = log
	cmd.WaitDelay = exitLimit // a worker that outlives glass keeps stderr open; Wait then says so
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()

	t.Cleanup(func() { stop(t, cmd, exited, log) })
	select {
	case url := <-log.address:
		return &server{URL: url, log: log}
	case err := <-exited:
		exited <- err
		t.Fatalf("glass %s ended before it was ready: %v", strings.Join(args, " "), err)
	case <-time.After(startLimit):
		t.Fatalf("glass %s printed no address within %v", strings.Join(args, " "), startLimit)
	}
	return nil
}

func stop(t *testing.T, cmd *exec.Cmd, exited chan error, log *stderrLog) {
	cmd.Process.Signal(os.Interrupt)
	select {
	case err := <-exited:
		if errors.Is(err, exec.ErrWaitDelay) {
			t.Errorf("a worker process outlived glass")
		}
	case <-time.After(exitLimit):
		t.Errorf("glass was still running %v after SIGINT", exitLimit)
		cmd.Process.Kill()
		<-exited
	}
	if t.Failed() {
		t.Logf("standard error of %s:\n%s", strings.Join(cmd.Args, " "), log)
	}
}

// glassCommand runs at the module's root, as a reader of the docstrings would, and in no virtual environment.
func glassCommand(args ...string) *exec.Cmd {
	cmd := exec.Command(glass, args...)
	cmd.Dir = root
	cmd.Env = []string{beGlass + "=1"}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "VIRTUAL_ENV=") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	return cmd
}

// A stderrLog keeps what a process writes, and sends the first address in it.
type stderrLog struct {
	mu      sync.Mutex
	text    strings.Builder
	found   bool
	address chan string
}

var addressLine = regexp.MustCompile(`([a-z]+://127\.0\.0\.1:\d+).*\n`)

func newStderrLog() *stderrLog { return &stderrLog{address: make(chan string, 1)} }

func (l *stderrLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(b)
	if !l.found {
		if match := addressLine.FindStringSubmatch(l.text.String()); match != nil {
			l.found = true
			l.address <- match[1]
		}
	}
	return len(b), nil
}

func (l *stderrLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// waitFor waits until the log contains the phrase: the response may reach the client before the log's line is written.
func (l *stderrLog) waitFor(t *testing.T, phrase string) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !strings.Contains(strings.ToLower(l.String()), strings.ToLower(phrase)) {
		if time.Now().After(deadline) {
			t.Errorf("standard error does not say %q", phrase)
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// client follows no redirect, so that a test sees it.
var client = &http.Client{
	Timeout:       time.Minute,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// An answer is a whole response. bodyErr is io.ErrUnexpectedEOF where the body was cut off.
type answer struct {
	*http.Response
	body    string
	bodyErr error
}

func send(t *testing.T, request *http.Request) answer {
	t.Helper()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response, string(body), err}
}

// newRequest makes a request; fields are names and values in turn.
func newRequest(t *testing.T, method, url, body string, fields ...string) *http.Request {
	t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		request.Header.Add(fields[i], fields[i+1])
	}
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
	}
	return request
}
