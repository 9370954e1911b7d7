package command

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"glasswsgi/inspect/health"
	"glasswsgi/inspect/hub"
	"glasswsgi/inspect/page"
	"glasswsgi/tutorial"
	"glasswsgi/tutorial/class"
	"glasswsgi/tutorial/learn"
	"glasswsgi/tutorial/pages"
)

// guarded is one of the local doors.
type guarded struct {
	name    string
	address string
	path    string // of a page that may be read
	post    string // of a page that takes commands, or would
	token   string // "" it needs none

	cookie *http.Cookie // after it was opened
}

// localDoors are all that glass opens. A new one belongs here, and in docs/DOORS.md.
func localDoors(t *testing.T) []*guarded {
	h := hub.New(hub.Options{})
	t.Cleanup(h.Close)
	inspector := page.New(h, page.Options{})
	course, err := learn.Open(t.TempDir(), learn.Options{In: "go", Lang: "en"}, &tutorial.Judge{Timeout: deadline, Start: deadline, Limit: deadline})
	if err != nil {
		t.Fatal(err)
	}
	url, stop, err := (&pages.Server{Course: course}).Serve("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	board, boardPage, stop, err := (&class.Server{Board: class.NewBoard(), Code: "k7m2", Lang: "en", Chapters: course.Chapters}).Serve("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	serve := func(handler http.Handler) string {
		s := httptest.NewServer(handler)
		t.Cleanup(s.Close)
		return strings.TrimPrefix(s.URL, "http://")
	}
	learnAddress, learnToken, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/learn/?token=")
	return []*guarded{
		{name: "inspector", address: serve(inspector), path: page.Prefix, post: page.Prefix + "api/command", token: inspector.Token()},
		{name: "course", address: learnAddress, path: "/learn/", post: "/learn/run", token: learnToken},
		{name: "board", address: board.String(), path: "/board/", post: "/board/pace", token: strings.TrimPrefix(boardPage, "/board/?token=")},
		{name: "health", address: serve(health.New(version).Server(true).Handler), path: "/metrics", post: "/livez"},
		{name: "profiles", address: serve(profileDoor()), path: "/debug/pprof/", post: "/debug/pprof/symbol"},
	}
}

// ask sends a raw request, in which {host}, {port}, {path}, {post}, {token} and {cookie} are filled in.
func (g *guarded) ask(t *testing.T, raw string) *http.Response {
	t.Helper()
	_, port, _ := net.SplitHostPort(g.address)
	cookie := "none=1"
	if g.cookie != nil {
		cookie = g.cookie.Name + "=" + g.cookie.Value
	}
	raw = strings.NewReplacer("{host}", g.address, "{port}", port, "{path}", g.path, "{post}", g.post, "{token}", g.token, "{cookie}", cookie,
		"{name}", strings.Split(cookie, "=")[0], "\n", "\r\n").Replace(raw)
	socket, err := net.DialTimeout("tcp", g.address, deadline)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	socket.SetDeadline(time.Now().Add(deadline))
	io.WriteString(socket, raw)
	response, err := http.ReadResponse(bufio.NewReader(socket), nil)
	if err != nil {
		t.Fatalf("%s: %v\n%s", g.name, err, raw)
	}
	return response
}

const navigation = "Sec-Fetch-Mode: navigate\nSec-Fetch-Dest: document\n"

// attacks are what another site, another server on this machine, or a program without the token may try on each door. The
// cookie is the right one where it is sent: a browser adds it.
var attacks = []struct{ name, raw string }{
	{"a name that leads here: DNS rebinding", "GET {path} HTTP/1.1\nHost: rebound.example:{port}\nCookie: {cookie}\n\n"},
	{"the same without a port", "GET {path} HTTP/1.1\nHost: rebound.example\nCookie: {cookie}\n\n"},
	{"a name that begins with our address", "GET {path} HTTP/1.1\nHost: 127.0.0.1.evil.example:{port}\nCookie: {cookie}\n\n"},
	{"a name that begins with localhost", "GET {path} HTTP/1.1\nHost: localhost.evil.example:{port}\nCookie: {cookie}\n\n"},
	{"a name that ends with localhost", "GET {path} HTTP/1.1\nHost: evil.localhost:{port}\nCookie: {cookie}\n\n"},
	{"loopback with a zone that is a name", "GET {path} HTTP/1.1\nHost: [::1%25evil.example]:{port}\nCookie: {cookie}\n\n"},
	{"the same, percent-decoded", "GET {path} HTTP/1.1\nHost: [::1%evil.example]:{port}\nCookie: {cookie}\n\n"},
	{"an address of a network", "GET {path} HTTP/1.1\nHost: 192.0.2.1:{port}\nCookie: {cookie}\n\n"},
	{"an address in another notation", "GET {path} HTTP/1.1\nHost: 0x7f.1:{port}\nCookie: {cookie}\n\n"},
	{"no Host at all", "GET {path} HTTP/1.0\nCookie: {cookie}\n\n"},
	{"another Host in the target", "GET http://evil.example{path} HTTP/1.1\nHost: {host}\nCookie: {cookie}\n\n"},
	{"another origin reads", "GET {path} HTTP/1.1\nHost: {host}\nOrigin: http://evil.example\nCookie: {cookie}\n\n"},
	{"another port of this machine reads", "GET {path} HTTP/1.1\nHost: {host}\nOrigin: http://127.0.0.1:1\nCookie: {cookie}\n\n"},
	{"two origins", "GET {path} HTTP/1.1\nHost: {host}\nOrigin: http://{host}\nOrigin: http://evil.example\nCookie: {cookie}\n\n"},
	{"a script element of another site", "GET {path} HTTP/1.1\nHost: {host}\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: no-cors\nSec-Fetch-Dest: script\nCookie: {cookie}\n\n"},
	{"an image of another port", "GET {path} HTTP/1.1\nHost: {host}\nSec-Fetch-Site: same-site\nSec-Fetch-Mode: no-cors\nCookie: {cookie}\n\n"},
	{"a link on another site", "GET {path} HTTP/1.1\nHost: {host}\nSec-Fetch-Site: cross-site\n" + navigation + "Cookie: {cookie}\n\n"},
	{"a form of another site", "POST {post} HTTP/1.1\nHost: {host}\nOrigin: http://evil.example\nContent-Length: 0\nCookie: {cookie}\n\n"},
	{"a form of a sandbox", "POST {post} HTTP/1.1\nHost: {host}\nOrigin: null\nContent-Length: 0\nCookie: {cookie}\n\n"},
	{"a form over TLS", "POST {post} HTTP/1.1\nHost: {host}\nOrigin: https://{host}\nContent-Length: 0\nCookie: {cookie}\n\n"},
	{"a command without an origin", "POST {post} HTTP/1.1\nHost: {host}\nContent-Length: 0\nCookie: {cookie}\n\n"},
	{"a method that is none of a browser's", "DELETE {path} HTTP/1.1\nHost: {host}\nCookie: {cookie}\n\n"},
}

// tokenAttacks are for the doors that need one.
var tokenAttacks = []struct{ name, raw string }{
	{"no cookie", "GET {path} HTTP/1.1\nHost: {host}\n\n"},
	{"a wrong cookie", "GET {path} HTTP/1.1\nHost: {host}\nCookie: {name}=x\n\n"},
	{"an empty cookie", "GET {path} HTTP/1.1\nHost: {host}\nCookie: {name}=\n\n"},
	{"the token as the cookie", "GET {path} HTTP/1.1\nHost: {host}\nCookie: {name}={token}\n\n"},
	{"a wrong token", "GET {path}?token=x HTTP/1.1\nHost: {host}\n\n"},
	{"an empty token", "GET {path}?token= HTTP/1.1\nHost: {host}\n\n"},
	{"the token with a command", "POST {post}?token={token} HTTP/1.1\nHost: {host}\nOrigin: http://{host}\nContent-Length: 0\n\n"},
	{"the token from a script of another site", "GET {path}?token={token} HTTP/1.1\nHost: {host}\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: no-cors\n\n"},
}

// TestDoors tries the same attacks on each local door.
func TestDoors(t *testing.T) {
	for _, g := range localDoors(t) {
		t.Run(g.name, func(t *testing.T) {
			tries := attacks
			if g.token != "" {
				tries = append(tries[:len(tries):len(tries)], tokenAttacks...)
				response := g.ask(t, "GET {path}?token={token} HTTP/1.1\nHost: {host}\nSec-Fetch-Site: none\n"+navigation+"\n")
				if len(response.Cookies()) != 1 {
					t.Fatalf("the token is answered with %s", response.Status)
				}
				g.cookie = response.Cookies()[0]
				holdCookie(t, g, response)
			}
			for _, attack := range tries {
				response := g.ask(t, attack.raw)
				if response.StatusCode < 400 || len(response.Cookies()) > 0 {
					t.Errorf("%s: %s", attack.name, response.Status)
				}
			}
			right := g.ask(t, "GET {path} HTTP/1.1\nHost: {host}\nSec-Fetch-Site: same-origin\nCookie: {cookie}\n\n")
			if right.StatusCode != http.StatusOK {
				t.Errorf("who may come in is answered with %s", right.Status)
			}
			for name, want := range map[string]string{"Content-Security-Policy": "frame-ancestors 'none'", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
				"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store"} {
				if !strings.Contains(right.Header.Get(name), want) {
					t.Errorf("%s is %q, without %q", name, right.Header.Get(name), want)
				}
			}
		})
	}
}

// TestHealthDoorOfANetwork: other machines have names of their own for this one, and no page of another site may ask.
func TestHealthDoorOfANetwork(t *testing.T) {
	s := httptest.NewServer(health.New(version).Server(false).Handler)
	t.Cleanup(s.Close)
	g := &guarded{name: "health", address: strings.TrimPrefix(s.URL, "http://"), path: "/metrics", post: "/livez"}
	for raw, want := range map[string]int{
		"GET {path} HTTP/1.1\nHost: glass-0.example:9100\n\n":                                          200,
		"HEAD {post} HTTP/1.0\n\n":                                                                     200,
		"POST {post} HTTP/1.1\nHost: {host}\nContent-Length: 0\n\n":                                    403,
		"GET {path} HTTP/1.1\nHost: glass-0.example\nSec-Fetch-Site: cross-site\n\n":                   403,
		"GET {path} HTTP/1.1\nHost: glass-0.example\nOrigin: http://evil.example\n\n":                  403,
		"GET {path} HTTP/1.1\nHost: glass-0.example\nSec-Fetch-Site: cross-site\n" + navigation + "\n": 403,
	} {
		if got := g.ask(t, raw); got.StatusCode != want {
			t.Errorf("%s\n%s, not %d", raw, got.Status, want)
		}
	}
}

// holdCookie: it is no token, no script reads it, and it is for these pages only.
func holdCookie(t *testing.T, g *guarded, response *http.Response) {
	t.Helper()
	c := g.cookie
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != g.path || c.Domain != "" || strings.Contains(c.Value, g.token) {
		t.Errorf("the cookie is %s", c)
	}
	if at := response.Header.Get("Location"); strings.Contains(at, g.token) || !strings.HasPrefix(at, g.path) {
		t.Errorf("the token leads to %s", at)
	}
}

// TestDoorsDocument: docs/DOORS.md has every door and every attack.
func TestDoorsDocument(t *testing.T) {
	text, err := os.ReadFile("docs/DOORS.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range localDoors(t) {
		if !regexp.MustCompile(fmt.Sprintf("(?m)^\\| [^|]*%s[^|]* \\| [^|]*`%s", g.name, g.path)).Match(text) {
			t.Errorf("docs/DOORS.md has no row for the %s at %s", g.name, g.path)
		}
	}
	for _, attack := range append(attacks[:len(attacks):len(attacks)], tokenAttacks...) {
		if !strings.Contains(string(text), attack.name) {
			t.Errorf("docs/DOORS.md does not have: %s", attack.name)
		}
	}
}
