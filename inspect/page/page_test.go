package page

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"glasswsgi/inspect/hub"
	"glasswsgi/parser"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
)

const patience = 2 * time.Minute // for what must come, on a busy machine

// world is a server with an application in Go, a hub, and a page.
type world struct {
	t      *testing.T
	hub    *hub.Hub
	page   *Page
	site   *httptest.Server // of the page
	app    string           // address of the server
	client *http.Client     // with the cookie
}

func newWorld(t *testing.T, app native.Callable) *world {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := hub.New(hub.Options{Source: os.DirFS("../.."), Record: true})
	s := server.New(server.Config{
		Application: app, Software: "glass", Limits: parser.DefaultLimits,
		ReadTimeout: patience, WriteTimeout: patience, KeepAlive: patience, Errors: io.Discard, Log: slog.New(slog.DiscardHandler),
	})
	h.Watch(s)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	p := New(h, Options{App: "go:hello", Version: "1", Server: func(*hub.Exchange) string { return listener.Addr().String() }})
	site := httptest.NewServer(p)
	jar, _ := cookiejar.New(nil)
	w := &world{t: t, hub: h, page: p, site: site, app: listener.Addr().String(), client: &http.Client{Jar: jar, Timeout: patience}}
	t.Cleanup(func() {
		p.Close()
		site.CloseClientConnections()
		site.Close()
		h.Close()
		cancel()
		<-served
		late, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		s.Shutdown(late)
	})
	return w
}

// enter visits the page with its token.
func (w *world) enter() {
	w.t.Helper()
	response, err := w.client.Get(w.site.URL + Prefix + "?token=" + w.page.Token())
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Request.URL.RawQuery != "" {
		w.t.Fatalf("the token leads to %d %s", response.StatusCode, response.Request.URL)
	}
}

// send sends a raw request to the server, and returns the answer.
func (w *world) send(raw string) string {
	w.t.Helper()
	conn, err := net.Dial("tcp", w.app)
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	io.WriteString(conn, raw)
	all, _ := io.ReadAll(conn)
	return string(all)
}

// get asks the page with the cookie.
func (w *world) get(path string) string {
	w.t.Helper()
	response, err := w.client.Get(w.site.URL + Prefix + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %d %v %s", path, response.StatusCode, err, body)
	}
	return string(body)
}

// post sends a command, and returns its answer.
func (w *world) post(path string, body any) (result map[string]any) {
	w.t.Helper()
	text, _ := json.Marshal(body)
	r, _ := http.NewRequest("POST", w.site.URL+Prefix+path, bytes.NewReader(text))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", w.site.URL)
	response, err := w.client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&result); err != nil {
		w.t.Fatal(err)
	}
	return result
}

// stream is a page's connection.
type stream struct {
	w       *world
	id      string
	hello   hello
	close   func()
	lines   *bufio.Scanner
	waiting []hub.Event
}

func (w *world) listen() *stream { w.t.Helper(); return w.listenAs("") }

// reloaded listens as a page does that had a session, as soon as the server has noticed that it was gone.
func (w *world) reloaded(session string) *stream {
	w.t.Helper()
	for gone := false; !gone; {
		w.page.mu.Lock()
		gone = w.page.sessions[session].ends != nil
		w.page.mu.Unlock()
		runtime.Gosched()
	}
	s := w.listenAs(session)
	if s.id != session {
		w.t.Fatal("the session is gone")
	}
	return s
}

// listenAs is for a page that had a session.
func (w *world) listenAs(session string) *stream {
	w.t.Helper()
	client := &http.Client{Jar: w.client.Jar} // no time-out: it stays open
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	w.t.Cleanup(cancel)
	r, _ := http.NewRequestWithContext(ctx, "GET", w.site.URL+Prefix+"api/events?session="+session, nil)
	response, err := client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { response.Body.Close() })
	s := &stream{w: w, close: cancel, lines: bufio.NewScanner(response.Body)}
	s.lines.Buffer(nil, 1<<20)
	var h hello
	if name, data := s.next(); name != "hello" || json.Unmarshal([]byte(data), &h) != nil || h.Session == "" {
		w.t.Fatalf("the stream begins with %s %s", name, data)
	}
	s.id, s.hello = h.Session, h
	return s
}

func (s *stream) next() (name, data string) {
	s.w.t.Helper()
	for s.lines.Scan() {
		line := s.lines.Text()
		if n, ok := strings.CutPrefix(line, "event: "); ok {
			name = n
		} else if d, ok := strings.CutPrefix(line, "data: "); ok {
			return name, d
		}
	}
	s.w.t.Fatalf("the stream ended: %v", s.lines.Err())
	return "", ""
}

// await takes events until one of a kind.
func (s *stream) await(kind hub.EventKind) hub.Event {
	s.w.t.Helper()
	for {
		for i, e := range s.waiting {
			if e.Kind == kind {
				s.waiting = s.waiting[i+1:]
				return e
			}
		}
		s.waiting = nil
		if name, data := s.next(); name == "happened" {
			if err := json.Unmarshal([]byte(data), &s.waiting); err != nil {
				s.w.t.Fatal(err)
			}
		}
	}
}

// do sends a command of this page.
func (s *stream) do(what string, more map[string]any) map[string]any {
	s.w.t.Helper()
	body := map[string]any{"session": s.id, "do": what}
	for name, value := range more {
		body[name] = value
	}
	return s.w.post("api/command", body)
}

const get = "GET /caf%C3%A9?a=1 HTTP/1.1\r\nHost: localhost\r\nCookie: secret=1\r\nConnection: close\r\n\r\n"

func TestCommands(t *testing.T) {
	w := newWorld(t, native.Environ)
	w.enter()
	s := w.listen()
	if got := s.do("continue", map[string]any{"exchange": 1}); got["error"] != hub.ErrNoControl.Error() {
		t.Errorf("a command without control: %v", got)
	}
	if got := s.do("control", map[string]any{"on": true}); got["error"] != nil {
		t.Fatal(got)
	}
	other := w.listen()
	if got := other.do("control", map[string]any{"on": true}); !strings.Contains(got["error"].(string), "has control") {
		t.Errorf("a second controller: %v", got)
	}
	if got := s.do("breakpoints", map[string]any{"breakpoints": []hub.Breakpoint{{Kind: hub.AtStage, Stage: "call"}, {Kind: hub.AtStage, Stage: "head"}}}); got["error"] != nil {
		t.Fatal(got)
	}
	answer := make(chan string, 1)
	go func() { answer <- w.send(get) }()
	stop := s.await(hub.ExchangeStopped)
	at := map[string]any{"exchange": stop.Exchange}
	with := func(more map[string]any) map[string]any {
		for name, value := range at {
			more[name] = value
		}
		return more
	}
	if got := s.do("environ", with(map[string]any{"name": "PATH_INFO", "value": "/edited"})); got["error"] != nil {
		t.Fatal(got)
	}
	if got := s.do("environ", with(map[string]any{"name": "PATH_INFO", "value": "/汉"})); got["error"] == nil {
		t.Error("a native string took a character beyond Latin-1")
	}
	if got := s.do("step", with(map[string]any{"how": "sideways"})); got["error"] == nil {
		t.Error("a step sideways")
	}
	scopes := s.do("scopes", with(map[string]any{"frame": stop.Stop.Frames[0].ID}))["result"].([]any)
	if len(scopes) < 3 {
		t.Errorf("scopes: %v", scopes)
	}
	if got := s.do("step", with(map[string]any{"how": "stage"})); got["error"] != nil {
		t.Fatal(got)
	}
	s.await(hub.ExchangeStopped)
	if got := s.do("continue", at); got["error"] != nil {
		t.Fatal(got)
	}
	s.await(hub.ExchangeStopped) // at the head
	for what, name := range map[string]string{"status": "", "header": "X-New", "remove-header": "Content-Type"} {
		if got := s.do(what, with(map[string]any{"name": name, "value": "299 Changed"})); got["error"] != nil {
			t.Errorf("%s: %v", what, got)
		}
	}
	if got := s.do("continue", at); got["error"] != nil {
		t.Fatal(got)
	}
	got := <-answer
	for _, part := range []string{"HTTP/1.1 299 Changed\r\n", "X-New: 299 Changed\r\n", `PATH_INFO = "/edited"`} {
		if !strings.Contains(got, part) {
			t.Errorf("no %q in\n%s", part, got)
		}
	}
	if strings.Contains(got, "Content-Type") {
		t.Errorf("the field that was removed is in\n%s", got)
	}
}

// TestLeaving: a page that goes lets go of what it had stopped.
func TestLeaving(t *testing.T) {
	w := newWorld(t, native.Hello)
	w.enter()
	s := w.listen()
	s.do("control", map[string]any{"on": true})
	s.do("pause-next", map[string]any{"on": true})
	answer := make(chan string, 1)
	go func() { answer <- w.send(get) }()
	s.await(hub.ExchangeStopped)
	w.page.Close() // as when the connection breaks
	select {
	case got := <-answer:
		if !strings.Contains(got, "200 OK") {
			t.Errorf("the answer: %s", got)
		}
	case <-time.After(patience):
		t.Fatal("the exchange is stopped for ever")
	}
}

// TestResync: a page that does not read is told so when it does, and nobody waits for it.
func TestResync(t *testing.T) {
	w := newWorld(t, native.Hello)
	_, session, err := w.page.open("")
	if err != nil {
		t.Fatal(err)
	}
	one := "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
	w.send(strings.Repeat(one, 500) + get) // three events each
	told := false
	take := func(e hub.Event) { told = told || e.Kind == hub.Resync }
	for len(session.Events()) > 0 {
		take(<-session.Events())
	}
	w.send(get) // there is room again
	for late := time.After(patience); !told; {
		select {
		case e := <-session.Events():
			take(e)
		case <-late:
			t.Fatal("events were lost, and nothing says so")
		}
	}
}

// TestGather: of the steps of an exchange that have come already only the latest is told, and nothing else is left out.
func TestGather(t *testing.T) {
	events := make(chan hub.Event, 8)
	for range 5 {
		events <- hub.Event{Kind: hub.ExchangeChanged, Exchange: 1}
	}
	events <- hub.Event{Kind: hub.Resync}
	events <- hub.Event{Kind: hub.ExchangeChanged, Exchange: 1}
	events <- hub.Event{Kind: hub.ExchangeStopped, Exchange: 1}
	got := gather(hub.Event{Kind: hub.ExchangeBegan, Exchange: 1}, events)
	var kinds []string
	for _, e := range got {
		kinds = append(kinds, string(e.Kind))
	}
	if all := strings.Join(kinds, " "); all != "began changed resync stopped" {
		t.Errorf("gathered: %s", all)
	}
}

func TestReplay(t *testing.T) {
	calls := 0
	w := newWorld(t, func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		calls++
		if _, err := start("200 OK", []wsgi.Header{{Name: "X-Call", Value: strings.Repeat("x", calls)}}, nil); err != nil {
			return nil, err
		}
		return native.Body(strings.Repeat("same", 3) + strings.Repeat("!", calls)), nil
	})
	w.enter()
	w.send(get)
	got := w.post("api/replay", map[string]any{"exchange": 1, "to": "server"})
	if got["error"] != nil {
		t.Fatal(got)
	}
	var fields []string
	offset := -1.0
	for _, d := range got["differences"].([]any) {
		d := d.(map[string]any)
		if fields = append(fields, d["where"].(string)+" "+text(d["name"])); d["where"] == "body" {
			offset = d["offset"].(float64)
		}
	}
	all := strings.Join(fields, ", ")
	if !strings.Contains(all, "header X-Call") || !strings.Contains(all, "body") || offset != 13 {
		t.Errorf("differences: %s; the body from byte %v", all, offset)
	}
	for _, to := range []string{"192.0.2.1:80", "example.com:80", "http://10.0.0.1:80/", "wsgiref", "nowhere", "unix:/run/x"} {
		if got := w.post("api/replay", map[string]any{"exchange": 1, "to": to}); got["error"] == nil {
			t.Errorf("a replay to %s", to)
		}
	}
}

func text(v any) string { s, _ := v.(string); return s }
