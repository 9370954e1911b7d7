//go:build unix

package command

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
)

// startNATS runs a broker on a free port for the time of a test.
func startNATS(t *testing.T) (address string) {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(deadline) {
		t.Fatal("NATS does not start")
	}
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	return s.Addr().String()
}

// TestNode: glass nats://… serves what glass node runs, from Python, with bodies both ways, and the inspector shows who
// answered; a node that is killed in a call costs a POST 502, and the next request goes to another one; SIGTERM lets a
// node's call end.
func TestNode(t *testing.T) {
	t.Parallel()
	dir, broker := t.TempDir(), "nats://me:secret@"+startNATS(t)+"/shop"
	write(t, dir, "app.py", `import os, signal, sys
def application(environ, start_response):
    path, body = environ["PATH_INFO"], environ["wsgi.input"].read()
    if path == "/kill": os.kill(os.getppid(), signal.SIGKILL)
    if path == "/leave":
        os.kill(os.getppid(), signal.SIGTERM)
        sys.stderr.write("told\n")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d bytes, multiprocess %s" % (len(body), str(environ["wsgi.multiprocess"]).encode())]
`)
	front := serve(t, "--inspect", "--health", "0", "-e", "NAME=value", "--threads", "2", broker)
	contains(t, front.err.String(), `give these flags to glass node flags="--env --threads"`)
	health := healthOf(t, front.err)
	node := func(name string) *running {
		c := command(t, "node", broker, "app", "--chdir", dir, "--name", name, "--health", "0")
		s := serveCmd(t, c)
		awaitPage(t, healthOf(t, s.err)+"/readyz", "ready\n")
		awaitPage(t, health+"/readyz", "ready\n")
		return s
	}
	post := func(path string, size int) (int, string) {
		t.Helper()
		client := http.Client{Timeout: deadline}
		response, err := client.Post(front.url+path, "text/plain", strings.NewReader(strings.Repeat("x", size)))
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		return response.StatusCode, string(body)
	}
	first := node("first")
	for _, size := range []int{0, 1000, 1_000_000} {
		if status, body := post("/", size); status != 200 || !strings.HasSuffix(body, " bytes, multiprocess True") {
			t.Errorf("%d %q", status, body)
		}
	}
	if status, _ := post("/kill", 0); status != 502 {
		t.Errorf("a POST whose node is killed: %d", status)
	}
	<-first.ended
	first.ended = nil
	second := node("second")
	if status, body := post("/leave", 0); status != 200 {
		t.Errorf("a POST whose node leaves: %d %q", status, body)
	}
	if err := <-second.ended; err != nil {
		t.Errorf("%v\n%s", err, second.err)
	}
	second.ended = nil
	for _, said := range []*output{front.err, first.err, second.err} {
		if strings.Contains(said.String(), "secret") {
			t.Errorf("the log has the password\n%s", said)
		}
	}
	front.stop(t, syscall.SIGTERM)
}
