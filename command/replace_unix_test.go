//go:build unix

package command

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"glasswsgi/check/suite"
)

// `go test ./command -run TestReplace -replace-turns 20 -replace-requests 10000` is what docs/DEPLOY.md has its figures from.
var (
	replaceTurns    = flag.Int("replace-turns", 5, "how often TestReplace replaces glass")
	replaceRequests = flag.Int("replace-requests", 2000, "how many requests TestReplace sends")
)

const (
	replaceClients = 8                     // each has one kept connection to the proxy
	replacePause   = 32 * time.Millisecond // between bursts, so that a turn's requests outlast an idle connection's last second
)

// recorder writes down each request that it gets, and echoes its body.
const recorder = `import os
record = os.open(os.environ["RECORD"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
def app(environ, start_response):
    body = environ["wsgi.input"].read()
    number = environ["HTTP_X_NUMBER"]
    os.write(record, (number + "\n").encode())
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Number", number)])
    return [environ["REQUEST_METHOD"].encode() + b" " + body]
`

// TestReplace: a new glass takes the port while the old one still serves, and the old one gets SIGTERM. Behind a proxy that
// keeps its connections and tries nothing twice, every request is answered, and executed once.
func TestReplace(t *testing.T) {
	suite.Long(t)
	for name, start := range map[string]func(t *testing.T, dir, address, port string) *exec.Cmd{
		"nginx": func(t *testing.T, dir, address, port string) *exec.Cmd {
			return nginx(t, dir, port, "unix:/run/glass.sock", address, "proxy_http_version 1.1;", "proxy_http_version 1.1; proxy_next_upstream off;")
		},
		"haproxy": func(t *testing.T, dir, address, port string) *exec.Cmd {
			return haproxy(t, dir, port, "unix@/run/glass.sock check", address, "mode http", "mode http\n    retries 0\n    http-reuse always")
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := open(t)
			address, port := net.JoinHostPort("127.0.0.1", freePort(t)), freePort(t)
			proxy, record, messages := start(t, dir, address, port), filepath.Join(dir, "record"), newOutput()
			write(t, dir, "app.py", recorder)
			serveOne := func() *running {
				return serveCmd(t, command(t, "-b", address, "--reuse-port", "--chdir", dir, "--env", "RECORD="+record, "app:app"))
			}
			old := serveOne()
			proxy.Stdout, proxy.Stderr = messages, messages
			if err := proxy.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { proxy.Process.Signal(syscall.SIGTERM); proxy.Wait() }()
			request, _ := http.NewRequest("GET", "http://127.0.0.1:"+port, nil)
			request.Header.Set("X-Number", "first")
			through(t, request, messages)

			each := *replaceRequests / *replaceTurns
			numbers, wait := clients(t, "127.0.0.1:"+port)
			for turn := range *replaceTurns {
				next := serveOne()
				stopped := make(chan struct{})
				for i := range each {
					if i == each/10 {
						go func() { old.stop(t, syscall.SIGTERM); close(stopped) }()
					}
					if i%replaceClients == 0 {
						time.Sleep(replacePause)
					}
					numbers <- fmt.Sprintf("%d-%d", turn, i)
				}
				<-stopped
				old = next
			}
			close(numbers)
			wait()
			executedOnce(t, record, *replaceTurns, each)
			if t.Failed() {
				t.Logf("%s", messages)
			}
		})
	}
}

// clients send the numbers that they are given, each client on one kept connection, and hold the answers to them.
func clients(t *testing.T, address string) (numbers chan string, wait func()) {
	numbers = make(chan string)
	var all sync.WaitGroup
	for range replaceClients {
		all.Go(func() {
			c := &keptConnection{address: address}
			defer c.close()
			for number := range numbers {
				if err := c.exchange(number); err != nil {
					t.Errorf("request %s: %v", number, err)
					c.close()
				}
			}
		})
	}
	return numbers, all.Wait
}

// keptConnection is a client that tries nothing twice, as net/http would.
type keptConnection struct {
	address string
	conn    net.Conn
	r       *bufio.Reader
}

func (k *keptConnection) close() {
	if k.conn != nil {
		k.conn.Close()
		k.conn = nil
	}
}

// exchange is a GET for an even number and a POST for an odd one; the answer has to be that to this request.
func (k *keptConnection) exchange(number string) (err error) {
	if k.conn == nil {
		if k.conn, err = net.Dial("tcp", k.address); err != nil {
			return err
		}
		k.conn.SetDeadline(time.Now().Add(deadline))
		k.r = bufio.NewReader(k.conn)
	}
	method, body := "GET", ""
	if strings.ContainsRune("13579", rune(number[len(number)-1])) {
		method, body = "POST", "body of "+number
	}
	request, err := http.NewRequest(method, "http://"+k.address+"/", strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("X-Number", number)
	if err := request.Write(k.conn); err != nil {
		return err
	}
	response, err := http.ReadResponse(k.r, request)
	if err != nil {
		return err
	}
	got, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != 200 || response.Header.Get("X-Number") != number || string(got) != method+" "+body {
		return fmt.Errorf("%s, X-Number %q, %q", response.Status, response.Header.Get("X-Number"), got)
	}
	if response.Close {
		k.close()
	}
	return nil
}

// executedOnce: the application has written down each number, and none twice.
func executedOnce(t *testing.T, record string, turns, each int) {
	t.Helper()
	text, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for _, number := range strings.Fields(string(text)) {
		times[number]++
	}
	for turn := range turns {
		for i := range each {
			if number := fmt.Sprintf("%d-%d", turn, i); times[number] != 1 {
				t.Errorf("request %s was executed %d times", number, times[number])
			}
		}
	}
	t.Logf("%d requests, %d turns", turns*each, turns)
}
