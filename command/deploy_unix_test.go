//go:build unix

package command

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"glasswsgi/check/suite"
)

// deployed is a file of examples/deploy in a folder, with other addresses than those of a real machine.
func deployed(t *testing.T, dir, name string, replace ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("examples/deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(string(text), replace[i]) {
			t.Fatalf("%s has no %q", name, replace[i])
		}
	}
	return write(t, dir, name, strings.NewReplacer(replace...).Replace(string(text)))
}

// open is a folder that a proxy may enter which is another user.
func open(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "glass-deploy")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// nginx is nginx with the site of examples/deploy, on a port of this machine.
func nginx(t *testing.T, dir, port string, replace ...string) *exec.Cmd {
	t.Helper()
	return startNginx(t, dir, deployed(t, dir, "nginx.conf", append(replace, "listen 80", "listen 127.0.0.1:"+port)...), port)
}

// haproxy is HAProxy as examples/deploy has it, on a port of this machine.
func haproxy(t *testing.T, dir, port string, replace ...string) *exec.Cmd {
	t.Helper()
	program := suite.Program(t, "haproxy")
	config := deployed(t, dir, "haproxy.cfg", append(replace, "bind :80", "bind 127.0.0.1:"+port)...)
	succeed(t, exec.Command(program, "-c", "-f", config))
	return exec.Command(program, "-db", "-f", config)
}

// TestDeployProxies: each proxy of examples/deploy takes its configuration, and what it forwards makes the environ that of the
// client, whatever the client says of itself.
func TestDeployProxies(t *testing.T) {
	for name, start := range map[string]func(t *testing.T, dir, socket, port string) *exec.Cmd{
		"nginx": func(t *testing.T, dir, socket, port string) *exec.Cmd {
			return nginx(t, dir, port, "/run/glass.sock", socket)
		},
		"haproxy": func(t *testing.T, dir, socket, port string) *exec.Cmd {
			return haproxy(t, dir, port, "/run/glass.sock", socket)
		},
		"caddy": func(t *testing.T, dir, socket, port string) *exec.Cmd {
			program := suite.Program(t, "caddy")
			config := deployed(t, dir, "Caddyfile", "/run/glass.sock", socket, "\n:80 {", "\n{\n\tadmin off\n}\nhttp://127.0.0.1:"+port+" {")
			c := exec.Command(program, "run", "--adapter", "caddyfile", "--config", config)
			c.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
			return c
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := open(t)
			socket, port := filepath.Join(dir, "s"), freePort(t)
			proxy := start(t, dir, socket, port)
			serveCmd(t, command(t, "-b", "127.0.0.1:0", "-b", "unix:"+socket, "--forwarded-allow-ips", "127.0.0.1", "go:environ"))
			messages := newOutput()
			proxy.Stdout, proxy.Stderr = messages, messages
			if err := proxy.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { proxy.Process.Signal(syscall.SIGTERM); proxy.Wait() }()
			request, err := http.NewRequest("GET", "http://127.0.0.1:"+port+"/a/b?c=d", nil)
			if err != nil {
				t.Fatal(err)
			}
			for field, lie := range map[string]string{"X-Forwarded-Prefix": "/lie", "X-Forwarded-Host": "lie.example", "X-Forwarded-Port": "666",
				"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.66", "Forwarded": "for=198.51.100.66;host=lie.example;proto=https"} {
				request.Header.Set(field, lie)
			}
			body := through(t, request, messages)
			for _, want := range []string{`PATH_INFO = "/a/b"`, `SCRIPT_NAME = ""`, `QUERY_STRING = "c=d"`, `REMOTE_ADDR = "127.0.0.1"`,
				`HTTP_HOST = "127.0.0.1:` + port + `"`, `wsgi.url_scheme = "http"`} {
				if !strings.Contains(body, want) {
					t.Errorf("no %s in\n%s", want, body)
				}
			}
		})
	}
}

// through sends a request until the proxy has come up and answers.
func through(t *testing.T, request *http.Request, messages *output) string {
	t.Helper()
	client := http.Client{Timeout: deadline, Transport: &http.Transport{DisableKeepAlives: true}}
	var status string
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		response, err := client.Do(request)
		if err != nil {
			status = err.Error()
			continue
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if status = response.Status; response.StatusCode == http.StatusOK {
			return string(body)
		}
	}
	t.Fatalf("the proxy does not answer: %s\n%s", status, messages)
	return ""
}

// succeed runs a program that has to end well.
func succeed(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", c.Args, err, out)
	}
}

// TestDeployUnits: systemd understands the units.
func TestDeployUnits(t *testing.T) {
	dir := t.TempDir()
	service := deployed(t, dir, "glass.service", "ExecStart=glass ", "ExecStart="+os.Args[0]+" ")
	out, err := exec.Command(suite.Program(t, "systemd-analyze"), "verify", service, deployed(t, dir, "glass.socket")).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestDeploySocketActivation: a socket that systemd's own tool hands over is served.
func TestDeploySocketActivation(t *testing.T) {
	activate := suite.Program(t, "systemd-socket-activate")
	address := net.JoinHostPort("127.0.0.1", freePort(t))
	inner := command(t, "go:hello")
	c := exec.Command(activate, append([]string{"--listen=" + address, "--setenv=" + beGlass + "=" + root, inner.Path}, inner.Args[1:]...)...)
	messages := newOutput()
	c.Stdout, c.Stderr = messages, messages
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { c.Process.Signal(syscall.SIGTERM); c.Wait() }()
	messages.await(t, "Listening on")
	if status, body := get(t, "http://"+address); status != 200 || body != "Hello, world\n" {
		t.Errorf("%d %q\n%s", status, body, messages)
	}
}

// TestDeployConfig: the flags in the file are flags.
func TestDeployConfig(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "app.py", answering("ok"))
	config := deployed(t, dir, "glass.toml", "shop.wsgi:application", "app:application", "/srv/shop", dir)
	s := serveCmd(t, command(t, "--config", config, "-b", "127.0.0.1:0"))
	if _, body := get(t, s.url); body != "ok" {
		t.Errorf("body %q", body)
	}
}

// TestDeployFlags: docs/DEPLOY.md names flags that there are.
func TestDeployFlags(t *testing.T) {
	text, err := os.ReadFile("docs/DEPLOY.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"--config": true}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[serveCommand]()) {
		known["--"+flagName(field)] = true
	}
	_, table, _ := strings.Cut(string(text), "| gunicorn | glass |")
	rows := regexp.MustCompile("(?m)^\\| [^|]+ \\| (`--[^`]+`|`APP`|none) \\|").FindAllStringSubmatch(table, -1)
	if len(rows) < 30 {
		t.Errorf("%d rows", len(rows))
	}
	for _, row := range rows {
		if name := strings.Trim(row[1], "`"); strings.HasPrefix(name, "--") && !known[name] {
			t.Errorf("there is no %s", name)
		}
	}
}
