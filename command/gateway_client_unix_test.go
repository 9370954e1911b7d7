//go:build unix

package command

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// gatewayClient sends requests to a web server that has glass behind it.
type gatewayClient struct {
	t               *testing.T
	dir, url        string
	client          http.Client
	said, glassSaid *output // by the web server, and by glass
	files           int
}

// throughGateway starts glass, with flags, and a web server before it, with some texts of its configuration replaced. The
// application is at a path.
func throughGateway(t *testing.T, w webServer, protocol, path string, replaced []string, flags ...string) *gatewayClient {
	t.Helper()
	dir, port := open(t), freePort(t)
	c := &gatewayClient{t: t, dir: dir, url: "http://127.0.0.1:" + port, client: http.Client{Timeout: deadline}, said: newOutput(), glassSaid: newOutput()}
	site, replace := w.name+"-"+protocol+".conf", append([]string{w.port, strings.ReplaceAll(w.port, "80", port)}, replaced...)
	if w.name == "nginx" {
		replace[1] = "listen 127.0.0.1:" + port
	}
	if w.name == "lighttpd" {
		replace[1] += "\nserver.bind = \"127.0.0.1\""
	}
	for i := 0; i < len(w.other); i += 2 {
		replace = append(replace, w.other[i], dir+w.other[i+1])
	}
	text, err := os.ReadFile(filepath.Join("examples/deploy", site))
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case protocol == "cgi":
		script := deployed(t, dir, "glass.cgi", "/usr/local/bin/glass cgi --chdir /srv/shop shop.wsgi:application",
			"env "+beGlass+"="+root+" "+forOthers(t, dir)+" cgi gateway:")
		if err := errors.Join(os.Chmod(script, 0o755), os.Chmod(dir, 0o777)); err != nil {
			t.Fatal(err)
		}
		replace = append(replace, "/usr/lib/cgi-bin/glass.cgi", script)
		if w.name == "apache" {
			replace = append(replace, "<Directory /usr/lib/cgi-bin>", "<Directory "+dir+">\n        Options +ExecCGI")
		}
	case strings.Contains(string(text), "/run/glass.sock"):
		socket := filepath.Join(dir, "s")
		replace = append(replace, "/run/glass.sock", socket)
		c.glassSaid = serve(t, append(flags, "--protocol", protocol, "-b", "unix:"+socket, "gateway:")...).err
	default:
		s := serve(t, append(flags, "--protocol", protocol, "gateway:")...)
		_, behind, _ := strings.Cut(strings.TrimPrefix(s.url, protocol+"://"), ":")
		c.glassSaid = s.err
		if w.name == "lighttpd" {
			replace = append(replace, `"port" => 9000`, `"port" => `+behind)
		} else {
			replace = append(replace, "127.0.0.1:9000", "127.0.0.1:"+behind)
		}
	}
	server := w.start(t, dir, deployed(t, dir, site, replace...), port)
	server.Stdout, server.Stderr = c.said, c.said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Process.Signal(syscall.SIGTERM); server.Wait() })
	request, err := http.NewRequest("GET", c.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	through(t, request, c.said)
	return c
}

// forOthers is this program at a place where another user may run it.
func forOthers(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "glass")
	if os.Link(os.Args[0], path) == nil {
		return path
	}
	succeed(t, exec.Command("cp", os.Args[0], path))
	return path
}

// send sends a request with a content of known length, and tells of the response.
func (c *gatewayClient) send(method, target, content string) string {
	request, err := http.NewRequest(method, c.url+target, strings.NewReader(content))
	if err != nil {
		c.t.Fatal(err)
	}
	if content == "" && method == "POST" {
		request.Body = http.NoBody
	}
	return c.tell(c.client.Do(request))
}

// chunks sends a content whose length only its end tells.
func (c *gatewayClient) chunks(target, content string) string {
	request, err := http.NewRequest("POST", c.url+target, struct{ io.Reader }{strings.NewReader(content)})
	if err != nil {
		c.t.Fatal(err)
	}
	return c.tell(c.client.Do(request))
}

// tell is a response on a line. A body that is too long for it is its length, and one that is cut off says so.
func (c *gatewayClient) tell(response *http.Response, err error) string {
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	text := string(body)
	switch {
	case err != nil:
		text = "broken off"
	case len(text) > 1000:
		text = fmt.Sprintf("%d bytes", len(text))
	}
	return strings.Join(append([]string{response.Status + ", " + text}, response.Header["Set-Cookie"]...), " ")
}

// newFile is the name of a file that is not there.
func (c *gatewayClient) newFile() string {
	c.files++
	return filepath.Join(c.dir, fmt.Sprint("file", c.files))
}

// stream wants the first block before the second one is made.
func (c *gatewayClient) stream() string {
	file := c.newFile()
	response, err := c.client.Get(c.url + "/stream?" + file)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	first := make([]byte, len("one\n"))
	if _, err := io.ReadFull(response.Body, first); err != nil {
		return err.Error()
	}
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		c.t.Fatal(err)
	}
	rest, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(first)) + ", and then " + strings.TrimSpace(string(rest))
}

// leave goes away in the middle of a response.
func (c *gatewayClient) leave() string {
	file := c.newFile()
	response, err := c.client.Get(c.url + "/endless?" + file)
	if err != nil {
		return err.Error()
	}
	io.ReadFull(response.Body, make([]byte, 50000))
	response.Body.Close()
	if !appears(file) {
		return "close() was not called"
	}
	return "close() was called"
}
