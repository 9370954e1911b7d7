package page

import (
	"strings"
	"testing"
	"time"

	"glasswsgi/inspect/hub"
	"glasswsgi/runtime/native"
)

// TestReload: a page that is loaded again has the session that it had, with control, breakpoints and what is stopped. A copy
// of its tab has one of its own.
func TestReload(t *testing.T) {
	t.Parallel()
	w := newWorld(t, native.Environ)
	w.page.reloadTime = patience
	w.enter()
	s := w.listen()
	s.do("control", map[string]any{"on": true})
	s.do("breakpoints", map[string]any{"breakpoints": []hub.Breakpoint{{Kind: hub.AtStage, Stage: "call"}}})
	answer := make(chan string, 1)
	go func() { answer <- w.send(get) }()
	stop := s.await(hub.ExchangeStopped)
	if copied := w.listenAs(s.id); copied.id == s.id {
		t.Fatal("two pages have one session")
	}
	s.close()
	again := w.reloaded(s.id)
	if again.hello.Controller != again.hello.Name || len(again.hello.Breakpoints) != 1 {
		t.Errorf("loaded again: %+v", again.hello)
	}
	if x, _ := w.hub.Exchange(stop.Exchange); x.State != hub.Stopped {
		t.Errorf("the exchange is %s", x.State)
	}
	if got := again.do("continue", map[string]any{"exchange": stop.Exchange}); got["error"] != nil {
		t.Error(got)
	}
	if got := <-answer; !strings.Contains(got, "200 OK") {
		t.Errorf("the answer: %s", got)
	}
}

// TestLostEvents: of what happened while nobody took events, a page learns what is stopped, and who has control, although
// nothing happens after it.
func TestLostEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t, native.Environ)
	w.page.reloadTime = patience
	w.enter()
	s := w.listen()
	s.close()
	s.do("control", map[string]any{"on": true})
	s.do("pause-next", map[string]any{"on": true})
	answer := make(chan string, 1)
	go func() { answer <- w.send(get) }()
	for all := w.hub.Present(); len(all) == 1; all = w.hub.Present() {
		time.Sleep(time.Millisecond)
	}
	w.send(strings.Repeat("GET / HTTP/1.1\r\nHost: h\r\n\r\n", 500) + get) // three events each: the stop is not among those that are left
	again := w.reloaded(s.id)
	again.await(hub.Resync)
	if e := again.await(hub.ControlChanged); e.Text != again.hello.Name {
		t.Errorf("%q has control", e.Text)
	}
	stop := again.await(hub.ExchangeStopped)
	again.do("continue", map[string]any{"exchange": stop.Exchange})
	if got := <-answer; !strings.Contains(got, "200 OK") {
		t.Errorf("the answer: %s", got)
	}
}

// TestGone: a page that does not come back lets go of what it had stopped.
func TestGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, native.Environ)
	w.page.reloadTime = time.Millisecond
	w.enter()
	s := w.listen()
	s.do("control", map[string]any{"on": true})
	s.do("pause-next", map[string]any{"on": true})
	answer := make(chan string, 1)
	go func() { answer <- w.send(get) }()
	s.await(hub.ExchangeStopped)
	s.close()
	select {
	case got := <-answer:
		if !strings.Contains(got, "200 OK") {
			t.Errorf("the answer: %s", got)
		}
	case <-time.After(patience):
		t.Fatal("the exchange is stopped for ever")
	}
	if w.hub.Controller() != "" {
		t.Errorf("%s has control", w.hub.Controller())
	}
}

// TestFind: exchanges are found by what is in the bytes of either message.
func TestFind(t *testing.T) {
	t.Parallel()
	w := newWorld(t, native.Echo)
	w.enter()
	for _, body := range []string{"needle", "hay"} {
		w.send("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " + string(rune('0'+len(body))) + "\r\n\r\n" + body)
	}
	for text, want := range map[string]string{"NEEDLE": "[1]", "hay": "[2]", "host": "[1,2]", "nothing": "[]"} {
		if got := w.get("api/find?text=" + text); got != want {
			t.Errorf("%s: %s, not %s", text, got, want)
		}
	}
}
