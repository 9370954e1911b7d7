package command

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// healthOf is where a glass with --health tells of itself.
func healthOf(t *testing.T, said *output) string {
	t.Helper()
	_, url, _ := strings.Cut(said.await(t, `health=\S+/readyz`), "health=")
	return strings.TrimSuffix(url, "/readyz")
}

// awaitPage asks for a page until it is answered with a text.
func awaitPage(t *testing.T, url, want string) {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < deadline; {
		if _, body := get(t, url); body == want {
			return
		}
	}
	t.Fatalf("%s does not say %q", url, want)
}

// TestHealth: a node that loads its application lives and is not ready; what it has answered is counted, in a format that
// Prometheus' own parser reads; a worker that dies is counted.
func TestHealth(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/statm"); err != nil {
		t.Skip("the memory of workers is known on Linux only")
	}
	dir := t.TempDir()
	gate := write(t, dir, "gate", "")
	write(t, dir, "app.py", `import os, time
while os.path.exists("gate"): time.sleep(.01)
def application(environ, start_response):
    if environ["PATH_INFO"] == "/die": os._exit(3)
    start_response("404 Not Found" if environ["PATH_INFO"] == "/no" else "200 OK", [("Content-Type", "text/plain")])
    return [b"seven b"]
`)
	c := command(t, "-b", "127.0.0.1:0", "--health", "0", "--threads", "3", "--chdir", dir, "app")
	said := newOutput()
	c.Stderr = said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { c.Process.Signal(os.Interrupt); c.Wait() }()
	url := healthOf(t, said)
	if status, body := get(t, url+"/livez"); status != 200 || body != "alive\n" {
		t.Errorf("/livez: %d %q", status, body)
	}
	if status, body := get(t, url+"/readyz"); status != 503 || body != "the application is being loaded\n" {
		t.Errorf("/readyz: %d %q", status, body)
	}
	os.Remove(gate)
	_, address, _ := strings.Cut(said.await(t, `serving app +address=\S+`), "address=")
	awaitPage(t, url+"/readyz", "ready\n")

	get(t, address+"/")
	get(t, address+"/")
	get(t, address+"/no")
	get(t, address+"/die")
	said.await(t, "exit status 3")
	awaitPage(t, url+"/readyz", "ready\n")
	for begun := time.Now(); time.Since(begun) < deadline; { // the entry of a response follows it, and a worker's replacement its end
		if got := scrape(t, url); got[`glass_requests_total{status="502"}`] == 1 && got["glass_workers"] == 1 {
			break
		}
	}
	got := scrape(t, url)
	for name, want := range map[string]float64{
		`glass_requests_total{status="200"}`: 2, `glass_requests_total{status="404"}`: 1, `glass_requests_total{status="502"}`: 1,
		"glass_request_duration_seconds": 4, "glass_response_body_bytes_total": 3*7 + float64(len("502 Bad Gateway\n")),
		`glass_worker_restarts_total{cause="died"}`: 1, `glass_worker_restarts_total{cause="timeout"}`: 0,
		"glass_workers": 1, `glass_threads{state="busy"}`: 0, `glass_threads{state="idle"}`: 3, "glass_queued_calls": 0,
		"glass_ready": 1, `glass_build_info{version="` + version + `"}`: 1,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s is %v (%v), not %v", name, value, ok, want)
		}
	}
	for _, name := range []string{"glass_worker_memory_bytes", "process_resident_memory_bytes", "go_goroutines", "process_open_fds"} {
		if got[name] <= 0 {
			t.Errorf("%s is %v", name, got[name])
		}
	}
	for _, name := range []string{"glass_connections", "glass_utilisation", "glass_thread_busy_seconds_total"} {
		if _, ok := got[name]; !ok {
			t.Errorf("there is no %s", name)
		}
	}
}

// scrape reads /metrics as Prometheus does. A histogram is the number of its observations.
func scrape(t *testing.T, url string) map[string]float64 {
	t.Helper()
	_, text := get(t, url+"/metrics")
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	values := map[string]float64{}
	for name, family := range families {
		for _, m := range family.Metric {
			label := ""
			for _, pair := range m.Label {
				label = "{" + pair.GetName() + `="` + pair.GetValue() + `"}`
			}
			switch {
			case m.Counter != nil:
				values[name+label] = m.Counter.GetValue()
			case m.Gauge != nil:
				values[name+label] = m.Gauge.GetValue()
			case m.Histogram != nil:
				values[name+label] = float64(m.Histogram.GetSampleCount())
			}
		}
	}
	return values
}

// TestDrain: after SIGTERM with --drain, /readyz says so, and every connection, old or new, gets a response that is its last.
// A second signal ends the wait.
func TestDrain(t *testing.T) {
	t.Parallel()
	for model, app := range map[string]string{"threaded": "go:hello", "iterative": "go:hello", "fasthttp": "go:hello", "auto": "examples/hello.py"} {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			s := serve(t, "--health", "0", "--drain", "10m", "--model", model, app)
			url, address := healthOf(t, s.err), strings.TrimPrefix(s.url, "http://")
			kept := &conversation{t: t, address: address}
			if last := kept.ask(); last != (model == "iterative") {
				t.Errorf("before, Connection: close is %v", last)
			}
			s.signal(syscall.SIGTERM)
			s.err.await(t, "draining")
			if status, body := get(t, url+"/readyz"); status != 503 || body != "stopping\n" {
				t.Errorf("/readyz: %d %q", status, body)
			}
			for _, c := range []*conversation{kept, {t: t, address: address}, {t: t, address: address}} {
				if !c.ask() {
					t.Error("the response does not say Connection: close")
				}
			}
			s.stop(t, syscall.SIGTERM)
		})
	}
}

// TestDrainEnds: without a second signal, glass ends by itself.
func TestDrainEnds(t *testing.T) {
	t.Parallel()
	s := serve(t, "--drain", "100ms", "go:hello")
	s.stop(t, syscall.SIGTERM)
	contains(t, s.err.String(), "draining")
	if strings.Contains(s.err.String(), "at once") {
		t.Error(s.err.String())
	}
}

// conversation is a client that keeps its connection for as long as it may.
type conversation struct {
	t       *testing.T
	address string
	conn    net.Conn
	r       *bufio.Reader
}

// ask sends a request, and says whether the response is the last one.
func (c *conversation) ask() (last bool) {
	c.t.Helper()
	if c.conn == nil {
		conn, err := net.DialTimeout("tcp", c.address, deadline)
		if err != nil {
			c.t.Fatal(err)
		}
		c.t.Cleanup(func() { conn.Close() })
		conn.SetDeadline(time.Now().Add(deadline))
		c.conn, c.r = conn, bufio.NewReader(conn)
	}
	io.WriteString(c.conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	response, err := http.ReadResponse(c.r, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	if body, err := io.ReadAll(response.Body); response.StatusCode != 200 || err != nil {
		c.t.Errorf("%s %q %v", response.Status, body, err)
	}
	if response.Close {
		c.conn = nil
	}
	return response.Close
}

// TestHealthAddress: what is no address is refused with what to write.
func TestHealthAddress(t *testing.T) {
	t.Parallel()
	got := glass(t, "", "--health", "node-1", "go:hello")
	contains(t, got.err, "--health node-1: write a port", "0.0.0.0:9100")
	if got.code != exitFailed {
		t.Errorf("exit %d", got.code)
	}
}
