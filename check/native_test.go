package check_test

import (
	"encoding/json"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"glasswsgi/check"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
)

// probeApplication is glass_probe.py's routes for probes of the wire, as a callable in Go.
type probeApplication struct {
	mu     sync.Mutex
	events map[string][]string
}

// nativeRoutes are those that it has; /nowhere is one that nobody has.
var nativeRoutes = []string{"probe", "hello", "echo", "say", "environ", "note", "events", "receive", "nowhere"}

func (a *probeApplication) call(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	query, _ := url.ParseQuery(environ.Value("QUERY_STRING"))
	name, _, _ := strings.Cut(strings.TrimLeft(environ.Value("PATH_INFO"), "/"), "/")
	switch name {
	case "probe":
		return answer(start, "200 OK", "application/json", `{"probe": 1}`)
	case "hello":
		return answer(start, "200 OK", "text/plain", "Hello, world\n")
	case "say":
		return answer(start, "200 OK", "text/plain", query.Get("text"))
	case "environ":
		return a.environ(environ, start)
	case "note":
		a.record(query.Get("id"), query.Get("event"))
		return answer(start, "200 OK", "text/plain", "noted\n")
	case "events":
		return a.recorded(query, start)
	case "echo", "receive":
		body, err := io.ReadAll(environ.Input)
		if err != nil {
			return nil, &wsgi.ApplicationError{Exception: "OSError: " + err.Error()}
		}
		if name == "echo" {
			return answer(start, "200 OK", "application/octet-stream", string(body))
		}
		a.record(query.Get("id"), "read "+itoa(len(body))+" bytes")
		return answer(start, "200 OK", "text/plain", "received\n")
	}
	return answer(start, "404 Not Found", "text/plain", "Not found\n")
}

func answer(start wsgi.StartResponse, status, contentType, body string) (wsgi.Iterable, error) {
	headers := []wsgi.Header{{Name: "Content-Type", Value: contentType}, {Name: "Content-Length", Value: itoa(len(body))}}
	if _, err := start(status, headers, nil); err != nil {
		return nil, err
	}
	return native.Body(body), nil
}

func itoa(n int) string { text, _ := json.Marshal(n); return string(text) }

// environ shows the variables in the form of glass_probe.py.
func (a *probeApplication) environ(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	entries := map[string]any{"wsgi.url_scheme": map[string]any{"type": "str", "value": environ.URLScheme}}
	for _, v := range environ.Variables {
		entries[wsgi.Latin1(v.Name)] = map[string]any{"type": "str", "value": wsgi.Latin1(v.Value)}
	}
	body, err := json.Marshal(map[string]any{"environ": entries, "type": "builtins.dict", "keys": []string{"str"}, "cgi": []string{"str"}})
	if err != nil {
		return nil, err
	}
	return answer(start, "200 OK", "application/json", string(body))
}

func (a *probeApplication) record(id, event string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.events[id] = append(a.events[id], event)
}

// recorded waits for ?until=, as long as the route in Python does.
func (a *probeApplication) recorded(query url.Values, start wsgi.StartResponse) (wsgi.Iterable, error) {
	events := []string{}
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		a.mu.Lock()
		events = append([]string{}, a.events[query.Get("id")]...)
		a.mu.Unlock()
		if query.Get("until") == "" || slices.Contains(events, query.Get("until")) {
			break
		}
	}
	body, err := json.Marshal(events)
	if err != nil {
		return nil, err
	}
	return answer(start, "200 OK", "application/json", string(body))
}

// onNative says that a probe asks for no route but those.
func onNative(p *check.Probe) bool {
	if strings.HasPrefix(p.ID, "pep3333") {
		return false // what it is about is on the Python side
	}
	for _, s := range p.Steps {
		if s.Send == nil {
			continue
		}
		for line := range strings.Lines(*s.Send) {
			words := strings.Fields(line)
			if len(words) != 3 || !strings.HasPrefix(words[2], "HTTP/") || !strings.HasPrefix(words[1], "/") {
				continue
			}
			route, _, _ := strings.Cut(strings.TrimLeft(words[1], "/"), "?")
			route, _, _ = strings.Cut(route, "/")
			if route != "" && !slices.Contains(nativeRoutes, route) {
				return false
			}
		}
	}
	return true
}

// TestNativeRuntime: the probes of the wire pass with the native runtime, too, in each model.
func TestNativeRuntime(t *testing.T) {
	all, err := check.Load()
	if err != nil {
		t.Fatal(err)
	}
	probes := slices.DeleteFunc(all, func(p *check.Probe) bool { return !onNative(p) })
	for name, model := range map[string]func(server.Config) *server.Server{"threaded": server.New, "iterative": server.NewIterative} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			application := &probeApplication{events: map[string][]string{}}
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			target := check.Target{Address: serveOn(t, listener, model, application.call), Application: true, Timeout: 5 * time.Second, Jobs: 8}
			probes := probes
			if name == "iterative" { // it serves one connection at a time: that is its purpose
				target.Jobs = 1
				probes = slices.DeleteFunc(slices.Clone(probes), func(p *check.Probe) bool { return p.Concurrent })
			}
			if len(probes) < 500 {
				t.Errorf("only %d probes ask for no route in Python", len(probes))
			}
			for _, r := range target.Run(t.Context(), probes, func(check.Result) {}) {
				if r = target.Again(t.Context(), r, check.Passed); r.Outcome != check.Passed {
					var report strings.Builder
					check.Report(&report, []check.Result{r})
					t.Error(report.String())
				}
			}
		})
	}
}
