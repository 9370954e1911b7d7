//go:build linux

package loop_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
	"glasswsgi/server/loop"
)

const get = "GET /a?b HTTP/1.1\r\nHost: x\r\nCookie: c=d\r\n\r\n"

var conversations = map[string]string{
	"one":                          get,
	"the same, ahead":              get + get + get,
	"another target":               get + strings.Replace(get, "/a", "/%41", 1) + get,
	"another field":                get + strings.Replace(get, "c=d", "e=f", 1) + get,
	"targets":                      get + strings.Replace(get, "/a?b", "/c", 1) + strings.Replace(get, "/a?b", "/d?e=f?g", 1) + get + strings.Replace(get, "/a?b", "/", 1),
	"targets with more to them":    get + strings.Replace(get, "/a?b", "//c", 1) + strings.Replace(get, "/a?b", "/%zz", 1) + get,
	"targets with escapes":         get + strings.Replace(get, "/a?b", "/%20%2f?%41", 1) + strings.Replace(get, "/a?b", "/c", 1) + get,
	"a fragment":                   get + strings.Replace(get, "/a?b", "/a#b", 1),
	"a target with a space":        get + strings.Replace(get, "/a?b", "/a b", 1),
	"no target":                    get + strings.Replace(get, "/a?b", "", 1),
	"another method":               get + strings.Replace(get, "GET", "PUT", 1) + strings.Replace(get, "GET", "GETT", 1),
	"another version":              get + strings.Replace(get, "HTTP/1.1", "HTTP/1.0", 1),
	"a long target":                get + strings.Replace(get, "/a?b", "/"+strings.Repeat("c", 9000), 1),
	"a form before":                strings.Replace(get, "/a?b", "http://y/a", 1) + get,
	"one byte more":                get + strings.Replace(get, "c=d", "c=dd", 1),
	"HEAD":                         get + strings.Replace(get, "GET", "HEAD", 1) + get,
	"a body":                       "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" + get,
	"two bodies":                   strings.Repeat("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 2) + get,
	"a body that breaks off":       "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\nabc",
	"a body of no bytes":           "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n" + get,
	"a large body":                 "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\n\r\n" + strings.Repeat("x", 40000) + get,
	"chunks":                       "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + get,
	"Expect":                       "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc" + get,
	"HTTP/1.0":                     "GET / HTTP/1.0\r\n\r\n" + get,
	"HTTP/1.0, kept":               "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + "GET / HTTP/1.0\r\n\r\n",
	"1.0 and 1.1":                  "GET / HTTP/1.0\r\nConnection: keep-alive\r\nHost: x\r\n\r\n" + "GET / HTTP/1.1\r\nConnection: keep-alive\r\nHost: x\r\n\r\n",
	"close":                        strings.Replace(get, "Cookie: c=d", "Connection: close", 1),
	"close, and more":              strings.Replace(get, "Cookie: c=d", "Connection: close", 1) + get,
	"empty lines before":           "\r\n" + get + "\r\n" + get,
	"no Host":                      get + "GET / HTTP/1.1\r\n\r\n" + get,
	"a line end of LF alone":       get + "GET / HTTP/1.1\nHost: x\n\n",
	"absolute-form":                "GET http://y/a HTTP/1.1\r\nHost: x\r\n\r\n" + get,
	"https":                        "GET https://y/a HTTP/1.1\r\nHost: x\r\n\r\n" + get,
	"OPTIONS *":                    "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n" + get,
	"a head that breaks off":       get + "GET / HT",
	"garbage":                      "\x16\x03\x01\x02\x00",
	"two fields of one name":       "GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nA: 2\r\n\r\n" + get,
	"a long head":                  "GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("y", 6000) + "\r\n\r\n" + get,
	"a head that is too long":      "GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("y", 100000) + "\r\n\r\n" + get,
	"nothing":                      "",
	"a request inside of a body":   "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n" + get + get + get,
	"a status that the server has": "GET /status HTTP/1.1\r\nHost: x\r\n\r\n" + get,
}

// show answers with the environ and the body, in one block; and breaks a rule where it is asked to.
func show(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	if environ.Value("PATH_INFO") == "/status" {
		_, err := start("200 OK", []wsgi.Header{{Name: "Connection", Value: "close"}}, nil)
		return native.Body("x"), err
	}
	var b bytes.Buffer
	for _, v := range environ.Variables {
		fmt.Fprintf(&b, "%s=%q\n", v.Name, v.Value)
	}
	fmt.Fprintf(&b, "%v %v %v\n", environ.URLScheme, environ.Multithread, environ.Multiprocess)
	if environ.Input != nil {
		io.Copy(&b, environ.Input)
	}
	_, err := start("200 OK", []wsgi.Header{{Name: "Content-Type", Value: "text/plain"}}, nil)
	return native.Body(b.String()), err
}

var varies = regexp.MustCompile(`Date: [^\r]*|REMOTE_PORT="\d+"|SERVER_PORT="\d+"`)

// talk sends all, ends its sending side, and returns what comes.
func talk(t testing.TB, address, all string) string {
	t.Helper()
	conn := dial(t, address)
	defer conn.Close()
	go func() {
		io.WriteString(conn, all)
		conn.CloseWrite()
	}()
	got, _ := io.ReadAll(conn)
	return varies.ReplaceAllString(string(got), "")
}

// TestSameAsGoroutines: whatever a client sends, the loop answers as goroutines do, byte for byte.
func TestSameAsGoroutines(t *testing.T) {
	goroutines, _ := serve(t, native.Callable(show), nil)
	for name, app := range map[string]*express{"answers": {}, "waits": {waits: true}, "visits": {near: true}, "answers at once": {atOnce: true}} {
		app.Callable = show
		looped, _ := serve(t, app, nil)
		for what, all := range conversations {
			if got, want := talk(t, looped, all), talk(t, goroutines, all); got != want {
				t.Errorf("%s, %s:\n%s\nwant\n%s", what, name, got, want)
			}
		}
	}
}

// FuzzRepeats: a request that the connection has had before, byte for byte, is answered as if it were read anew.
func FuzzRepeats(f *testing.F) {
	for _, all := range conversations {
		f.Add(all, uint8(2))
	}
	goroutines, _ := serve(f, native.Callable(show), nil)
	loop, _ := serve(f, &express{Callable: show}, nil)
	f.Fuzz(func(t *testing.T, all string, times uint8) {
		all = strings.Repeat(all, int(times%4)+1)
		if len(all) > 100_000 {
			return
		}
		if got, want := talk(t, loop, all), talk(t, goroutines, all); got != want {
			t.Errorf("%q:\n%s\nwant\n%s", all, got, want)
		}
	})
}

// TestRepeats: the shorter way is taken.
func TestRepeats(t *testing.T) {
	app := &express{Callable: show}
	address, _ := serve(t, app, nil)
	talk(t, address, get+get+get)
	conn := dial(t, address)
	for _, target := range []string{"/a?b", "/a?b", "/a?b", "/c", "/d"} {
		io.WriteString(conn, strings.Replace(get, "/a?b", target, 1))
		if r, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || r.StatusCode != 200 {
			t.Fatal(r, err)
		}
	}
	app.mu.Lock()
	defer app.mu.Unlock()
	if app.again != 2+2 { // those that came ahead left the parser with the bytes of others
		t.Errorf("%d requests were found to be the same", app.again)
	}
}

// TestPieces: a request that comes byte by byte.
func TestPieces(t *testing.T) {
	address, _ := serve(t, &express{Callable: show}, nil)
	conn := dial(t, address)
	conn.SetNoDelay(true)
	in := bufio.NewReader(conn)
	for _, all := range []string{get, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", get} {
		for _, b := range []byte(all) {
			conn.Write([]byte{b})
		}
		r, err := http.ReadResponse(in, nil)
		if err != nil || r.StatusCode != 200 {
			t.Fatal(r, err)
		}
		io.Copy(io.Discard, r.Body)
	}
}

// TestNoRoom: what the application cannot take waits in a goroutine, and is answered.
func TestNoRoom(t *testing.T) {
	address, _ := serve(t, &express{Callable: show, refuses: true}, nil)
	if got := talk(t, address, get+get); strings.Count(got, "200 OK") != 2 {
		t.Errorf("got %s", got)
	}
}

// TestPeerLeaves while the application is at work: what comes of it is for nobody, and the descriptor may be another's.
func TestPeerLeaves(t *testing.T) {
	for _, waits := range []bool{false, true} {
		app := &express{Callable: show, hold: make(chan struct{}), waits: waits}
		address, s := serve(t, app, func(c *server.Config) { c.MaxConnections = 3 })
		for range 3 {
			conn := dial(t, address)
			io.WriteString(conn, get)
			conn.SetLinger(0)
			conn.Close()
		}
		over, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		s.Shutdown(over) // closes those that are left
		cancel()
		close(app.hold)
	}
}

// TestHeld: a response that comes late is sent, on a connection whose peer has sent its next request, and left.
func TestHeld(t *testing.T) {
	app := &express{Callable: show, hold: make(chan struct{})}
	address, _ := serve(t, app, nil)
	conn := dial(t, address)
	io.WriteString(conn, get)
	in := bufio.NewReader(conn)
	go func() {
		io.WriteString(conn, strings.Replace(get, "/a", "/second", 1))
		conn.CloseWrite()
		close(app.hold)
	}()
	all, err := io.ReadAll(in)
	if err != nil || strings.Count(string(all), "200 OK") != 2 || !strings.Contains(string(all), "/second") {
		t.Errorf("got %s, %v", all, err)
	}
}

// TestSlowReader takes a large response in its own time.
func TestSlowReader(t *testing.T) {
	const size = 16 << 20
	large := native.Callable(func(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		_, err := start("200 OK", []wsgi.Header{{Name: "Content-Type", Value: "text/plain"}}, nil)
		return native.Body(strings.Repeat("x", size)), err
	})
	address, _ := serve(t, &express{Callable: large}, nil)
	conn := dial(t, address)
	io.WriteString(conn, get+get)
	other := dial(t, address)
	io.WriteString(other, get)
	if r, err := http.ReadResponse(bufio.NewReader(other), nil); err != nil || r.StatusCode != 200 {
		t.Fatal("nobody else is served", r, err)
	}
	in := bufio.NewReader(conn)
	for range 2 {
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, r.Body); n != size || err != nil {
			t.Errorf("%d bytes, %v", n, err)
		}
	}
}

// TestSilence: a peer that says nothing, before its first request or after one, is left.
func TestSilence(t *testing.T) {
	address, _ := serve(t, &express{Callable: show}, func(c *server.Config) {
		c.ReadTimeout, c.KeepAlive = 50*time.Millisecond, 50*time.Millisecond
	})
	for _, all := range []string{"", get} {
		conn := dial(t, address)
		io.WriteString(conn, all)
		if _, err := io.ReadAll(conn); err != nil {
			t.Errorf("after %q: %v", all, err)
		}
	}
}

// TestFull: an idle connection gives way to a new one.
func TestFull(t *testing.T) {
	address, _ := serve(t, &express{Callable: show}, func(c *server.Config) { c.MaxConnections = 2 })
	var all []*net.TCPConn
	for range 4 {
		conn := dial(t, address)
		all = append(all, conn)
		io.WriteString(conn, get)
		if r, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || r.StatusCode != 200 {
			t.Fatal(r, err)
		}
	}
	for _, conn := range all[:2] {
		if _, err := io.ReadAll(conn); err != nil {
			t.Errorf("it did not give way: %v", err)
		}
	}
}

// TestShutdown: what is in progress ends, and says that it is the last; an idle connection is closed.
func TestShutdown(t *testing.T) {
	app := &express{Callable: show, hold: make(chan struct{}), seen: make(chan struct{}, 1)}
	address, s := serve(t, app, nil)
	idle, busy := dial(t, address), dial(t, address) // they are accepted in this order
	io.WriteString(busy, get)
	<-app.seen
	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(context.Background()) }()
	if _, err := io.ReadAll(idle); err != nil {
		t.Errorf("the idle one: %v", err)
	}
	close(app.hold)
	all, err := io.ReadAll(busy)
	if err != nil || !strings.Contains(string(all), "200 OK") || !strings.Contains(string(all), "Connection: close") {
		t.Errorf("got %s, %v", all, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestBug: a panic of ours ends one connection, and the loop goes on, also on another's thread.
func TestBug(t *testing.T) {
	for _, near := range []bool{false, true} {
		breakAndGoOn(t, &express{Callable: show, breaks: "/bug", near: near})
	}
}

func breakAndGoOn(t *testing.T, app *express) {
	t.Helper()
	address, _ := serve(t, app, nil)
	other := dial(t, address)
	io.WriteString(other, get)
	if r, err := http.ReadResponse(bufio.NewReader(other), nil); err != nil || r.StatusCode != 200 {
		t.Fatal(r, err)
	}
	if got := talk(t, address, strings.Replace(get, "/a", "/bug", 1)); got != "" {
		t.Errorf("got %q", got)
	}
	io.WriteString(other, get)
	if r, err := http.ReadResponse(bufio.NewReader(other), nil); err != nil || r.StatusCode != 200 {
		t.Error(r, err)
	}
}

// TestAhead: requests that were sent ahead are offered as soon as the one before is answered: no event tells of them. With a
// wait for each, this takes longer than a connection of the tests may live.
func TestAhead(t *testing.T) {
	const many = 1400 // fewer bytes than may be sent ahead
	address, _ := serve(t, &express{Callable: show}, nil)
	if got := strings.Count(talk(t, address, strings.Repeat(get, many)), "200 OK"); got != many {
		t.Errorf("%d responses, want %d", got, many)
	}
}

// TestAway: while the application keeps its thread to itself, the loop's own thread serves, and goes when that comes back. When
// the loop has ended, a visit ends, too.
func TestAway(t *testing.T) {
	began, hold := make(chan struct{}, 1), make(chan struct{})
	app := &express{near: true, Callable: func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		if environ.Value("PATH_INFO") == "/hold" {
			began <- struct{}{}
			<-hold
		}
		return show(environ, start)
	}}
	address, s := serve(t, app, nil)
	for range 3 {
		conn := dial(t, address)
		io.WriteString(conn, strings.Replace(get, "/a", "/hold", 1))
		<-began
		if got := talk(t, address, "nonsense\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 400 ") {
			t.Errorf("meanwhile: %q", got)
		}
		hold <- struct{}{}
		if r, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || r.StatusCode != 200 {
			t.Error(r, err)
		}
		if got := talk(t, address, get); !strings.HasPrefix(got, "HTTP/1.1 200 ") {
			t.Errorf("afterwards: %q", got)
		}
	}
	over, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Shutdown(over); err != nil {
		t.Error(err)
	}
	if s.(*loop.Loop).Visit(func() bool { return false }) {
		t.Error("the loop goes on after its end")
	}
}

// TestEndClosesNothingElse: the spare descriptor that the loop closes at its end is the one that it has then. One that it had before
// may be a worker's channel by now.
func TestEndClosesNothingElse(t *testing.T) {
	address, s := serve(t, &express{Callable: show}, nil)
	talk(t, address, get) // the loop runs
	other, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	descriptor, err := s.(*loop.Loop).GiveSpareTo(other)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := unix.Close(descriptor); err != nil {
		t.Errorf("the loop has closed descriptor %d, which was another's: %v", descriptor, err)
	}
}
