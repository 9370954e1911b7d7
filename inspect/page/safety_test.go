package page

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"glasswsgi/inspect/door"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

// TestAccess holds the doors shut: whoever has no cookie, another Host, or another Origin.
func TestAccess(t *testing.T) {
	w := newWorld(t, native.Hello)
	w.enter()
	cookie := w.client.Jar.Cookies(mustURL(t, w.site.URL+Prefix))[0]
	host := strings.TrimPrefix(w.site.URL, "http://")
	_, port, _ := strings.Cut(host, ":")
	json := map[string]string{"Content-Type": "application/json"}
	for _, row := range []struct {
		name, method, path string
		host               string
		cookie             bool
		fields             map[string]string
		want               int
	}{
		{"no cookie", "GET", "", host, false, nil, 403},
		{"no cookie, no list", "GET", "api/exchanges", host, false, nil, 403},
		{"no cookie, no events", "GET", "api/events", host, false, nil, 403},
		{"no cookie, no static file", "GET", "static/main.js", host, false, nil, 403},
		{"a wrong token", "GET", "?token=x", host, false, nil, 403},
		{"an empty token", "GET", "?token=", host, false, nil, 403},
		{"the token opens nothing but the page", "GET", "api/exchanges?token=" + w.page.Token(), host, false, nil, 403},
		{"the cookie", "GET", "api/exchanges", host, true, nil, 200},
		{"localhost is a name of this machine", "GET", "api/exchanges", "localhost:" + port, true, nil, 200},
		{"another name: DNS rebinding", "GET", "api/exchanges", "evil.example:" + port, true, nil, 421},
		{"a name that begins well", "GET", "api/exchanges", "127.0.0.1.evil.example:" + port, true, nil, 421},
		{"another address", "GET", "api/exchanges", "192.0.2.1:" + port, true, nil, 421},
		{"a read by another site", "GET", "api/exchanges", host, true, map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403},
		{"a read by another port of this machine", "GET", "api/exchanges", host, true, map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		{"another origin reads", "GET", "api/exchanges", host, true, map[string]string{"Origin": "http://evil.example"}, 403},
		{"a command without Origin", "POST", "api/command", host, true, json, 403},
		{"a command of another origin", "POST", "api/command", host, true, with(json, "Origin", "http://evil.example"), 403},
		{"a command of no origin", "POST", "api/command", host, true, with(json, "Origin", "null"), 403},
		{"a command over another scheme", "POST", "api/command", host, true, with(json, "Origin", "https://"+host), 403},
		{"a command of a form", "POST", "api/command", host, true, map[string]string{"Origin": w.site.URL, "Content-Type": "text/plain"}, 415},
		{"a command that is none", "POST", "api/command", host, true, with(json, "Origin", w.site.URL), 400},
		{"a replay without a cookie", "POST", "api/replay", host, false, with(json, "Origin", w.site.URL), 403},
		{"a draft without a cookie", "POST", "api/draft", host, false, with(json, "Origin", w.site.URL), 403},
		{"a draft of another origin", "POST", "api/draft", host, true, with(json, "Origin", "http://evil.example"), 403},
		{"a search without a cookie", "GET", "api/find?text=a", host, false, nil, 403},
		{"no other file", "GET", "static/page.html", host, true, nil, 404},
		{"no path out", "GET", "static/..%2fpage.go", host, true, nil, 404},
		{"source only", "GET", "api/source?file=/etc/passwd", host, true, nil, 404},
	} {
		t.Run(row.name, func(t *testing.T) {
			r, _ := http.NewRequest(row.method, w.site.URL+Prefix+row.path, strings.NewReader(`{"do":"fly"}`))
			r.Host = row.host
			for name, value := range row.fields {
				r.Header.Set(name, value)
			}
			if row.cookie {
				r.AddCookie(cookie)
			}
			response, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != row.want {
				body, _ := io.ReadAll(response.Body)
				t.Errorf("%d, not %d: %s", response.StatusCode, row.want, body)
			}
			for name, want := range map[string]string{"Content-Security-Policy": door.Policy + "; frame-ancestors 'none'", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "same-origin"} {
				if got := response.Header.Get(name); got != want {
					t.Errorf("%s: %q", name, got)
				}
			}
		})
	}
	if strings.Contains(door.Policy, "unsafe") || strings.Contains(door.Policy, "*") {
		t.Errorf("the policy is not strict: %s", door.Policy)
	}
}

func with(fields map[string]string, name, value string) map[string]string {
	all := map[string]string{name: value}
	for n, v := range fields {
		all[n] = v
	}
	return all
}

// TestCookie: it is for this page alone, and no script can read it.
func TestCookie(t *testing.T) {
	w := newWorld(t, native.Hello)
	r, _ := http.NewRequest("GET", w.site.URL+Prefix+"?token="+w.page.Token(), nil)
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	c := response.Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != Prefix || c.Domain != "" || strings.Contains(c.Value, w.page.Token()) {
		t.Errorf("the cookie: %s", c)
	}
	if at := response.Header.Get("Location"); at != Prefix {
		t.Errorf("the token leads to %q", at)
	}
	if len(w.page.Token()) < 20 {
		t.Errorf("the token %q can be guessed", w.page.Token())
	}
}

func TestLargeCommand(t *testing.T) {
	w := newWorld(t, native.Hello)
	w.enter()
	got := w.post("api/command", map[string]string{"do": strings.Repeat("x", maxCommand)})
	if !strings.Contains(text(got["error"]), "too large") {
		t.Errorf("a command of more than a mebibyte: %.100v", got)
	}
}

func TestTooManyPages(t *testing.T) {
	w := newWorld(t, native.Hello)
	for range maxSessions {
		if _, _, err := w.page.open(""); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := w.page.open(""); err == nil {
		t.Error("any number of pages")
	}
}

const evil = `</script><script>alert(1)</script><img src=x onerror=alert(1)>`

// TestEscaping: what an application says stays text in the file that is made of it, and JSON elsewhere.
func TestEscaping(t *testing.T) {
	w := newWorld(t, func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		if _, err := start("200 OK", []wsgi.Header{{Name: "X-Evil", Value: evil}}, nil); err != nil {
			return nil, err
		}
		return native.Body(evil), nil
	})
	w.page.options.App = evil
	w.enter()
	w.send("GET /?" + strings.ReplaceAll(evil, " ", "+") + " HTTP/1.1\r\nHost: localhost\r\nX-Evil: " + evil + "\r\nConnection: close\r\n\r\n")
	for _, path := range []string{"", "api/exchanges/1/file"} {
		html := w.get(path)
		if strings.Contains(html, "<script>alert") || strings.Contains(html, "<img") {
			t.Errorf("%q has the application's markup", path)
		}
	}
	file := w.get("api/exchanges/1/file")
	if n := strings.Count(file, "<script"); n != 3 {
		t.Errorf("the file has %d scripts, and not catalogs, recording and one of ours", n)
	}
	if strings.Contains(file, "src=\"") || strings.Contains(file, "href=\"static") {
		t.Error("the file needs another")
	}
	var view View
	if err := json.Unmarshal([]byte(w.get("api/exchanges/1")), &view); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(view.Exchange.Head.Headers, func(f hubField) bool { return f.Value == evil }) {
		t.Error("the header is not as it was")
	}
}
