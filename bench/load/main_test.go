package load

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const deadline = 60 * time.Second

// plan is one that some requests end, not the time.
func plan(server *httptest.Server, requests int64) Plan {
	return Plan{Address: server.Listener.Addr().String(), Target: "/a?b", Connections: 3, Content: -1,
		Duration: deadline, Patience: deadline, Requests: requests}
}

// ways are those in which connections can be driven here.
var ways = map[string]func(*Plan) (connections, error){
	"this system's": connect,
	"goroutines":    func(p *Plan) (connections, error) { return newGoroutines(p), nil },
}

// answers runs a plan in one way, without a warm-up.
func answers(t *testing.T, way string, p Plan) Result {
	t.Helper()
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	all, err := ways[way](&p)
	if err != nil {
		t.Fatal(err)
	}
	defer all.close()
	return all.run(t.Context(), newPace(p.Rate, p.Duration, p.Requests))
}

// generate runs a plan, and returns the result behind the event that the measuring begins.
func generate(t *testing.T, p Plan) Result {
	t.Helper()
	in, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Main(t.Context(), bytes.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	var events []Event
	for decoder := json.NewDecoder(&out); decoder.More(); {
		var e Event
		if err := decoder.Decode(&e); err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	if len(events) != 2 || !events[0].Begun || events[1].Result == nil {
		t.Fatalf("events %+v", events)
	}
	return *events[1].Result
}

// TestRequests: the request is the plan's, answers are read to the end, and what is wrong has a name.
func TestRequests(t *testing.T) {
	const size = 300 << 10
	page := strings.Repeat("x", size)
	var connections, uploaded atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		uploaded.Add(n)
		if r.URL.String() != "/a?b" || r.Header.Get("X-Y") != "z" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		io.WriteString(w, page)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()

	for _, test := range []struct {
		name               string
		change             func(*Plan)
		answers, bytes     int64
		connections, limit int64
		uploaded           int64
		failed             string
	}{
		{"kept connections", func(p *Plan) { p.Content = size }, 20, 20 * size, 1, 3, 0, ""},
		{"a new connection for each", func(p *Plan) { p.Close = true }, 20, 20 * size, 20, 20, 0, ""},
		{"an upload", func(p *Plan) { p.Upload = 1 << 20 }, 20, 20 * (size + 1<<20), 1, 3, 20 << 20, ""},
		{"a fixed rate", func(p *Plan) { p.Rate = 1000 }, 20, 20 * size, 1, 3, 0, ""},
		{"another length", func(p *Plan) { p.Content = size + 1 }, 0, 0, 1, 20, 0, "content of another length"},
		{"another request", func(p *Plan) { p.Target = "/b" }, 0, 0, 1, 20, 0, "status 418"},
	} {
		for way := range ways {
			t.Run(test.name+"/"+way, func(t *testing.T) {
				connections.Store(0)
				uploaded.Store(0)
				p := plan(server, 20)
				p.Fields = [][2]string{{"X-Y", "z"}}
				test.change(&p)
				r := answers(t, way, p)
				if r.Answers != test.answers || r.Bytes != test.bytes || r.Latencies.TotalCount() != test.answers {
					t.Errorf("%d answers, %d bytes, %d latencies", r.Answers, r.Bytes, r.Latencies.TotalCount())
				}
				if n := connections.Load(); n < test.connections || n > test.limit {
					t.Errorf("%d connections", n)
				}
				if n := uploaded.Load(); n != test.uploaded {
					t.Errorf("%d bytes arrived", n)
				}
				if (test.failed == "") != (len(r.Errors) == 0) || test.failed != "" && r.Errors[test.failed] != 20 {
					t.Errorf("errors %v", r.Errors)
				}
			})
		}
	}
}

// TestWarmUp: the warm-up counts for nothing, and the measuring begins behind it.
func TestWarmUp(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	p := plan(server, 20)
	p.WarmUp = deadline
	if r := generate(t, p); r.Answers != 20 || asked.Load() != 22 {
		t.Errorf("%d answers of %d, errors %v", r.Answers, asked.Load(), r.Errors)
	}
}

// TestRefused: nobody listens.
func TestRefused(t *testing.T) {
	server := httptest.NewServer(nil)
	p := plan(server, 4)
	server.Close()
	for way := range ways {
		if r := answers(t, way, p); r.Answers != 0 || r.Errors["connection refused"] != 4 {
			t.Errorf("%s: %v", way, r.Errors)
		}
	}
}

// TestIdle: connections that the server keeps are held, and those that it closes are not.
func TestIdle(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Close") != "" {
			w.Header().Set("Connection", "close")
		}
	}))
	defer server.Close()
	p := plan(server, 0)
	p.Connections, p.Idle = 0, 50
	if r := generate(t, p); r.Held != 50 || r.Answers != 50 {
		t.Errorf("held %d, %d answers, errors %v", r.Held, r.Answers, r.Errors)
	}
	p.Fields = [][2]string{{"X-Close", "1"}}
	if r := generate(t, p); r.Held != 0 || r.Answers != 50 {
		t.Errorf("held %d that are closed, %d answers, errors %v", r.Held, r.Answers, r.Errors)
	}
}

// TestSlowClients are there while the others ask, and send no whole request meanwhile.
func TestSlowClients(t *testing.T) {
	open := make(chan struct{}, 100)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			open <- struct{}{}
		}
	}
	server.Start()
	defer server.Close()
	p := plan(server, 10)
	p.Slow = 20
	if r := generate(t, p); r.Answers != 10 || r.Note != "" || len(open) < 21 {
		t.Errorf("%d answers, %d connections, %q", r.Answers, len(open), r.Note)
	}
}

// TestFewDescriptors: fewer connections, and a sentence that says so.
func TestFewDescriptors(t *testing.T) {
	p := Plan{Idle: 10_000, Connections: 3}
	if note := fitDescriptors(&p, 1024); p.Idle != 960 || p.Connections != 3 || !strings.Contains(note, "960 connections instead of 10000") {
		t.Errorf("%d: %q", p.Idle, note)
	}
}

// TestPlans that would hurt the machine, or do nothing, are refused.
func TestPlans(t *testing.T) {
	good := Plan{Address: "127.0.0.1:1", Target: "/", Connections: 1, Duration: time.Second, Patience: time.Second}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Plan){
		"no address":     func(p *Plan) { p.Address = "" },
		"no connection":  func(p *Plan) { p.Connections = 0 },
		"connections":    func(p *Plan) { p.Connections = MaxConnections + 1 },
		"too long":       func(p *Plan) { p.Duration = MaxDuration + 1 },
		"no time":        func(p *Plan) { p.Duration = 0 },
		"rate":           func(p *Plan) { p.Rate = maxRate + 1 },
		"no patience":    func(p *Plan) { p.Patience = 0 },
		"endless upload": func(p *Plan) { p.Upload = maxUpload + 1 },
		"another body":   func(p *Plan) { p.Body, p.Content = "ab", 3 },
	} {
		p := good
		change(&p)
		if p.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestLatencies survive their journey through JSON.
func TestLatencies(t *testing.T) {
	l := NewLatencies()
	for i := range 1000 {
		l.Add(time.Duration(i+1) * time.Millisecond)
	}
	l.Add(time.Hour) // counts as the longest there is
	text, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	var back Latencies
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	for _, q := range []float64{0, 0.5, 0.99, 1} {
		if back.At(q) != l.At(q) {
			t.Errorf("%v: %v was %v", q, back.At(q), l.At(q))
		}
	}
	if half := back.At(0.5); half < 499*time.Millisecond || half > 503*time.Millisecond {
		t.Errorf("the median is %v", half)
	}
	if back.At(1) < longest {
		t.Errorf("the longest is %v", back.At(1))
	}
	if json.Unmarshal([]byte(`"AAAA"`), &back) == nil {
		t.Error("no histogram was read")
	}
}
