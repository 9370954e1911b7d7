package hub_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"glasswsgi/inspect/hub"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
)

// changing goes on to use what it was given, and what it gave.
func changing(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	headers := []wsgi.Header{{Name: "Content-Type", Value: "text/plain"}}
	_, err := start("200 OK", headers, nil)
	return native.Generator{Blocks: func(yield func([]byte, error) bool) {
		yield([]byte("x"), nil)
		headers[0].Value = "text/changed"
		environ.Set("PATH_INFO", "/changed")
	}}, err
}

// expecting sends its body when it is told to.
const expecting = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"

// talk has a conversation, and closes its connection as soon as the server has.
func talk(t *testing.T, w *world, request string) {
	t.Helper()
	conn, err := net.Dial("tcp", w.address)
	must(t, err)
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(2 * patience))
	written := make(chan struct{})
	go func() { defer close(written); io.WriteString(conn, request) }()
	answer := bufio.NewReader(conn)
	if request == expecting {
		answer.ReadString('\n')
		io.WriteString(conn, "abc")
	}
	io.Copy(io.Discard, answer)
	<-written
}

// TestNoted: what is noted while no session has control, and written out when a face asks for it, is what is recorded where
// one has.
func TestNoted(t *testing.T) {
	t.Parallel()
	chunks := "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	upload := "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + strings.Repeat("x", 200_000)
	conversations := []struct {
		bytes     string
		exchanges int
	}{
		{get, 1},
		{"HEAD / HTTP/1.0\r\n\r\n", 1},
		{"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + get, 2}, // the second comes with the first
		{chunks + strings.Repeat("1\r\nx\r\n", 100) + "0\r\n\r\n" + get, 2},      // more steps than are noted
		{upload + get, 2}, // more bytes
		{expecting, 1},
		{"GET / HTTP/9.9\r\n\r\n", 1},
		{"GET / HTTP/1.1\r\n\r\n", 1},
		{chunks + "1\r\nx\r\nno size\r\n", 1},
	}
	applications := map[string]wsgi.Application{"changing": native.Callable(changing)}
	for name, app := range native.Applications {
		applications[name] = app
	}
	for name, app := range applications {
		for _, c := range conversations {
			told := hub.New(hub.Options{})
			session, err := told.Attach("test")
			must(t, err)
			must(t, session.TakeControl())
			w := newWorld(t, app, func(c *server.Config, o *hub.Options) { c.Observer, o.Record = told.Observe, true })
			looker, err := w.Attach("test")
			must(t, err)
			talk(t, w, c.bytes)
			for range c.exchanges {
				await(t, looker, hub.ExchangeEnded)
			}
			if noted, want := timeless(t, w.Exchanges()), timeless(t, told.Exchanges()); noted != want || noted == "null" {
				t.Errorf("%s, %.60q: noted\n%s\nrecorded\n%s", name, c.bytes, noted, want)
			}
			told.Close()
		}
	}
}

// timeless is what two hubs tell of the same exchanges, each by its own clock.
func timeless(t *testing.T, all []*hub.Exchange) string {
	t.Helper()
	for _, x := range all {
		x.Began, x.Took = time.Time{}, 0
		for i := range x.Steps {
			x.Steps[i].At = 0
		}
		for i := range x.Request.Pieces {
			x.Request.Pieces[i].At = 0
		}
		for i := range x.Response.Pieces {
			x.Response.Pieces[i].At = 0
		}
	}
	text, err := json.Marshal(all)
	must(t, err)
	return string(text)
}

// TestPlaces: the line that makes a step is known by the step's name, because a front calls each method of its watch in one
// line. An interim head is made elsewhere than the final one.
func TestPlaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t, native.Applications["echo"], func(_ *server.Config, o *hub.Options) { o.Record = true })
	looker, err := w.Attach("test")
	must(t, err)
	talk(t, w, expecting)
	await(t, looker, hub.ExchangeEnded)
	var heads []string
	for _, step := range w.Exchanges()[0].Steps {
		if step.Name == "status-line" {
			heads = append(heads, step.Source.Function)
		}
	}
	if len(heads) != 2 || heads[0] == heads[1] {
		t.Errorf("an interim and a final status-line, made in %q", heads)
	}
	for _, dir := range []string{"server", "server/gateway", "runtime/wsgi"} {
		lines := map[string]int{}
		for _, line := range callsOfWatch(t, "../../"+dir) {
			lines[line]++
		}
		for method, n := range lines {
			switch {
			case n == 1, method == "Assembled" && n == 2: // for an interim head, too
			case method == "Step" && dir == "server/gateway": // each with steps of its own names
			default:
				t.Errorf("%s calls %s of its watch in %d lines: kindOf cannot tell which of them makes a step", dir, method, n)
			}
		}
		if len(lines) == 0 {
			t.Errorf("%s makes no steps", dir)
		}
	}
}

// callsOfWatch are the methods of a watch that a package calls, one for each line.
func callsOfWatch(t *testing.T, dir string) (methods []string) {
	t.Helper()
	files, err := filepath.Glob(dir + "/*.go")
	must(t, err)
	call := regexp.MustCompile(`\bwatch\.([A-Z]\w+)\(`)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		must(t, err)
		for _, match := range call.FindAllStringSubmatch(string(text), -1) {
			if match[1] != "Unseen" && match[1] != "Sent" {
				methods = append(methods, match[1])
			}
		}
	}
	return methods
}
