package examples

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"glasswsgi/check/suite"
)

// application is one that was not written for us: examples/applications has the line that makes it a callable.
func application(t *testing.T, module, file string) *server {
	t.Helper()
	f := framework{modules: module, args: []string{"examples/applications/" + file}}
	return start(t, f.serve(t)...)
}

const event = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//glass//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n" +
	"DTSTART:20260101T100000Z\r\nSUMMARY:李\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

// TestRadicale: a calendar is made, an event put into it, found, read and deleted, as calendars on phones do.
func TestRadicale(t *testing.T) {
	t.Parallel()
	s := application(t, "radicale", "radicale_app.py")
	fields := func(more ...string) []string {
		return append([]string{"Authorization", "Basic YWRhOg==", "Content-Type", "text/calendar"}, more...) // ada, no password
	}
	const query = `<C:calendar-query xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:"><D:prop><C:calendar-data/></D:prop>` +
		`<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter></C:filter></C:calendar-query>`
	for _, r := range []route{
		{"the calendar", exchange{method: "MKCALENDAR", target: "/ada/calendar/", fields: fields(), status: 201}},
		{"the event", exchange{method: "PUT", target: "/ada/calendar/1.ics", fields: fields(), body: event, status: 201}},
		{"what is there", exchange{method: "PROPFIND", target: "/ada/calendar/", fields: fields("Depth", "1"), status: 207, contains: []string{"<href>/ada/calendar/1.ics</href>"}}},
		{"events", exchange{method: "REPORT", target: "/ada/calendar/", fields: fields("Depth", "1"), body: query, status: 207, contains: []string{"SUMMARY:李"}}},
		{"reading", exchange{target: "/ada/calendar/1.ics", fields: fields(), contains: []string{"SUMMARY:李\r\n"}, check: field("Content-Type", "text/calendar; charset=utf-8")}},
		{"only if it is not there", exchange{method: "PUT", target: "/ada/calendar/1.ics", fields: fields("If-None-Match", "*"), body: event, status: 412}},
		{"deleting", exchange{method: "DELETE", target: "/ada/calendar/1.ics", fields: fields(), contains: []string{"HTTP/1.1 200 OK"}}},
		{"it is gone", exchange{target: "/ada/calendar/1.ics", fields: fields(), status: 404}},
	} {
		t.Run(r.name, func(t *testing.T) { r.try(t, s.URL) })
	}
}

// TestHgweb: what one hg has pushed another one clones.
func TestHgweb(t *testing.T) {
	t.Parallel()
	suite.Program(t, "hg")
	s := application(t, "mercurial.hgweb", "hgweb_app.py")
	first, second := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	hg := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("hg", args...)
		cmd.Dir = first
		cmd.Env = append(os.Environ(), "HGRCPATH=", "HGUSER=Ada", "HGPLAIN=1", "NO_PROXY=127.0.0.1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("hg %s: %v\n%s", args, err, out)
		}
		return string(out)
	}
	large := randomBytes(1 << 20)
	hg("init")
	for name, text := range map[string]string{"large.bin": large, "read me.txt": "李\n"} {
		if err := os.WriteFile(filepath.Join(first, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	hg("commit", "--addremove", "--message", "first")
	hg("push", s.URL)
	hg("clone", s.URL, second)
	if got, err := os.ReadFile(filepath.Join(second, "large.bin")); err != nil || string(got) != large {
		t.Errorf("the clone has %d bytes, %v", len(got), err)
	}
	for _, r := range []route{
		{"the log", exchange{contains: []string{"Mercurial", "first"}}},
		{"a file", exchange{target: "/raw-file/tip/read%20me.txt", is: "李\n"}},
		{"a large file", exchange{target: "/raw-file/tip/large.bin", is: large}},
		{"no such file", exchange{target: "/file/tip/missing", status: 404}},
	} {
		t.Run(r.name, func(t *testing.T) { r.try(t, s.URL) })
	}
}

// TestHttpbin asks for what servers find hard.
func TestHttpbin(t *testing.T) {
	t.Parallel()
	s := application(t, "httpbin", "httpbin_app.py")
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	for _, r := range []route{
		{"what was sent", exchange{method: "PUT", target: "/anything/%E6%9D%8E?a=1&a=2", body: "b=%C3%A9", fields: append(form, "X-Two", "1", "X-Two", "2"),
			check: hasMembers(map[string]any{"args": map[string]any{"a": []any{"1", "2"}}, "form": map[string]any{"b": "é"}, "method": "PUT"})}},
		{"418", exchange{target: "/status/418", status: 418, contains: []string{"teapot"}}},
		{"204", exchange{target: "/status/204", status: 204}},
		{"304", exchange{target: "/etag/x", fields: []string{"If-None-Match", "x"}, status: 304}},
		{"HEAD", exchange{method: "HEAD", target: "/get", check: noBody}},
		{"lines one by one", exchange{target: "/stream/3", contains: []string{`"id": 2`}, check: noContentLength}},
		{"bytes in pieces", exchange{target: "/stream-bytes/100000?seed=1&chunk_size=1000", check: bodyOf(100000)}},
		{"a range", exchange{target: "/range/26", fields: []string{"Range", "bytes=10-15"}, status: 206, is: "klmnop"}},
		{"gzip", exchange{target: "/gzip", fields: []string{"Accept-Encoding", "identity"}, check: field("Content-Encoding", "gzip")}},
		{"two cookies", exchange{target: "/cookies/set?a=1&b=2", status: 302, check: cookiesAB}},
		{"a redirect", exchange{target: "/redirect-to?url=%2Fget", status: 302, check: field("Location", "/get")}},
		{"a password", exchange{target: "/basic-auth/ada/x", status: 401, check: field("WWW-Authenticate", `Basic realm="Fake Realm"`)}},
	} {
		t.Run(r.name, func(t *testing.T) { r.try(t, s.URL) })
	}
	t.Run("a content of unknown length", func(t *testing.T) {
		request, err := http.NewRequest("POST", s.URL+"/post", struct{ *strings.Reader }{strings.NewReader("in chunks")})
		if err != nil {
			t.Fatal(err)
		}
		got := send(t, request)
		hasMembers(map[string]any{"data": "in chunks"})(t, got)
	})
}

// hasMembers wants a JSON object to have some members.
func hasMembers(want map[string]any) func(*testing.T, answer) {
	return func(t *testing.T, got answer) {
		t.Helper()
		var all map[string]any
		if err := json.Unmarshal([]byte(got.body), &all); err != nil {
			t.Fatalf("%v: %s", err, got.body)
		}
		some := map[string]any{}
		for name := range want {
			some[name] = all[name]
		}
		is, _ := json.Marshal(some)
		should, _ := json.Marshal(want)
		if string(is) != string(should) {
			t.Errorf("got %s, want %s", is, should)
		}
	}
}

func bodyOf(size int) func(*testing.T, answer) {
	return func(t *testing.T, got answer) {
		t.Helper()
		if len(got.body) != size {
			t.Errorf("%d bytes, not %d", len(got.body), size)
		}
	}
}
