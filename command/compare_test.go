package command

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"net/http"

	"glasswsgi/compare"
)

// TestCompareWsgiref: the same application behind both; the absolute-form and a missing Host are where wsgiref is wrong.
func TestCompareWsgiref(t *testing.T) {
	t.Parallel()
	r := glass(t, "", "compare", "examples/write.py", "--json")
	if r.code != exitFailed {
		t.Fatalf("exit %d\n%s\n%s", r.code, r.out, r.err)
	}
	var all []compare.Comparison
	if err := json.Unmarshal([]byte(r.out), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != len(compare.Requests) {
		t.Fatalf("%d comparisons of %d requests", len(all), len(compare.Requests))
	}
	found := map[string]bool{}
	for _, c := range all {
		for _, d := range c.Differences {
			found[c.Request.Name+"/"+d.Where+"/"+d.Name+"/"+string(d.Verdict)+"/"+d.Broken] = true
			if d.Broken == "left" {
				t.Errorf("%s: glass breaks a rule: %+v", c.Request.Name, d)
			}
			if d.Where == "body" && d.Why != "the statuses differ, and so do the pages" || d.Where == "calls" {
				t.Errorf("%s: the application did not do the same, or its bytes changed: %+v", c.Request.Name, d)
			}
		}
	}
	for _, want := range []string{
		"a plain GET/version//permitted/", "a plain GET/environ/CONTENT_TYPE/permitted/", "no Host/status//forbidden/right", "no Host/called//open/",
		"the absolute-form of the target/environ/PATH_INFO/forbidden/right", "the absolute-form of the target/environ/HTTP_HOST/forbidden/right",
		"a space before a colon/status//forbidden/right", "HEAD/surplus//forbidden/right",
		"a field name with an underscore/environ/HTTP_X_FORWARDED_FOR/permitted/",
	} {
		if !found[want] {
			t.Errorf("no %s", want)
		}
	}
	plain := all[0]
	want := []string{"start_response('200 OK', [('Content-Type', 'text/plain; charset=utf-8')])", `write(b'written first\n')`, `write(b'written second\n')`, `yield b'returned last\n'`}
	if plain.LeftRecord == nil || strings.Join(plain.LeftRecord.Calls, "|") != strings.Join(want, "|") || strings.Join(plain.RightRecord.Calls, "|") != strings.Join(want, "|") {
		t.Errorf("calls: %+v\n%+v", plain.LeftRecord, plain.RightRecord)
	}
}

// TestCompareOne sends one request of the command line, and one of a file, as text.
func TestCompareOne(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "raw")
	if err := os.WriteFile(file, []byte("GET /from-a-file HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := glass(t, "", "compare", "examples/hello.py", "POST", "/x?y", "-d", "abc", "--request", file)
	if r.code != 0 {
		t.Fatalf("exit %d\n%s\n%s", r.code, r.out, r.err)
	}
	for _, part := range []string{"POST /x?y HTTP/1.1", "GET /from-a-file HTTP/1.1", "2 requests; differences: ", "0 that a rule forbids"} {
		if !strings.Contains(r.out, part) {
			t.Errorf("no %q in\n%s", part, r.out)
		}
	}
}

// TestCompareURL compares with whatever runs already; an application in Go will do.
func TestCompareURL(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("Hello, world!\n")) }))
	defer other.Close()
	r := glass(t, "", "compare", "go:hello", "GET", "/", "--with", other.URL)
	if !strings.Contains(r.out, "? the body, from byte 12 on") {
		t.Errorf("exit %d\n%s\n%s", r.code, r.out, r.err)
	}
	if r := glass(t, "", "compare", "go:hello"); r.code != exitFailed || !strings.Contains(r.err, "wsgiref needs one in Python") {
		t.Errorf("exit %d: %s", r.code, r.err)
	}
	if r := glass(t, "", "compare", "go:hello", "GET", "/", "--with", "nowhere"); r.code != exitFailed || !strings.Contains(r.err, "--with nowhere") {
		t.Errorf("exit %d: %s", r.code, r.err)
	}
}
