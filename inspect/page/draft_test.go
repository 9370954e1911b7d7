package page

import (
	"strings"
	"testing"

	"glasswsgi/runtime/native"
)

// TestDraft: what the parser makes of bytes, and that nothing is sent.
func TestDraft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, native.Hello)
	w.page.options.Address = "http://127.0.0.1:8888/"
	w.enter()
	for _, row := range []struct {
		bytes    string
		requests float64
		waits    bool
		spec     string // of the rule that is broken
	}{
		{"GET /a HTTP/1.1\r\nHost: h\r\n\r\n", 1, false, ""},
		{"GET /a HTTP/1.1\r\nHost: h\r\n", 1, true, ""},
		{"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na", 1, true, ""},
		{"GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n", 2, false, ""},
		{"GET /a HTTP/1.1\r\n\r\n", 1, false, "RFC 9112 §3.2"},
	} {
		got := w.post("api/draft", map[string]any{"bytes": []byte(row.bytes)})
		if got["error"] != nil {
			t.Errorf("%q: %v", row.bytes, got)
			continue
		}
		x := got["view"].(map[string]any)["exchange"].(map[string]any)
		spec := ""
		if f, ok := x["failure"].(map[string]any); ok {
			spec, _ = f["spec"].(string)
		}
		if got["requests"] != row.requests || got["waits"] != row.waits || spec != row.spec {
			t.Errorf("%q: %v requests, waits %v, %q", row.bytes, got["requests"], got["waits"], spec)
		}
	}
	if got := w.post("api/draft", map[string]any{"bytes": []byte{}}); !strings.Contains(text(got["error"]), "nothing to send") {
		t.Errorf("nothing: %v", got)
	}
	if n := len(w.hub.Exchanges()); n != 0 {
		t.Errorf("%d exchanges, and nothing was sent", n)
	}
}

// TestReplayOfOthers: bytes that were never recorded are sent, and compared with what was, if anything was.
func TestReplayOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, native.Echo)
	w.enter()
	w.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nConnection: close\r\n\r\na")
	changed := []byte("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\nbc")
	got := w.post("api/replay", map[string]any{"exchange": 1, "to": "server", "bytes": changed})
	if got["left"] == nil || len(got["differences"].([]any)) == 0 {
		t.Errorf("beside what was recorded: %v", got)
	}
	got = w.post("api/replay", map[string]any{"to": "server", "bytes": changed})
	if right, ok := got["right"].(map[string]any); !ok || right["status"] != "200 OK" || got["left"] != nil {
		t.Errorf("of its own: %v", got)
	}
	for _, o := range []map[string]any{{"to": "server"}, {"to": "http://192.0.2.1:80", "bytes": changed}} {
		if got := w.post("api/replay", o); got["error"] == nil {
			t.Errorf("%v: %v", o, got)
		}
	}
}
