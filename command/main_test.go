package command

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"glasswsgi/check/suite"
)

// deadline is how long a test waits for what must come; the machine may be busy with other things.
const deadline = 2 * time.Minute

// beGlass makes the test binary be glass, so that the tests run the command line without another build. Its value is the
// folder of glass's source. TestMain sets it, and each process that a test starts inherits it.
const beGlass = "GLASS_TEST_BE_GLASS"

var root string // of the repository

func TestMain(m *testing.M) {
	if os.Getenv(beGlass) != "" {
		os.Exit(Run(os.Args[1:], os.DirFS(os.Getenv(beGlass))))
	}
	if err := os.Chdir(".."); err != nil { // to the root of the repository, as a user of it would be
		panic(err)
	}
	var err error
	if root, err = os.Getwd(); err != nil {
		panic(err)
	}
	os.Setenv(beGlass, root)
	os.Unsetenv("VIRTUAL_ENV")             // of whoever runs the tests
	os.Unsetenv("PYTHONDONTWRITEBYTECODE") // a thousand Pythons are started: each would compile what it imports
	os.Exit(suite.Run(m))
}

// command is glass with arguments, as a process.
func command(t testing.TB, args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	t.Cleanup(cancel)
	c := exec.CommandContext(ctx, os.Args[0], args...)
	c.Env = os.Environ()
	return c
}

// result is what a command printed, and how it ended.
type result struct {
	out, err string
	code     int
}

// glass runs a command to its end.
func glass(t testing.TB, stdin string, args ...string) result {
	t.Helper()
	return finish(t, command(t, args...), stdin)
}

func finish(t testing.TB, c *exec.Cmd, stdin string) result {
	t.Helper()
	var out, errs bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{out.String(), errs.String(), c.ProcessState.ExitCode()}
}

// output collects what a running process prints, and lets a test wait for a part of it.
type output struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{}
}

func newOutput() *output { return &output{changed: make(chan struct{}, 1)} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.changed <- struct{}{}:
	default:
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// await waits until the text matches, and returns the match.
func (o *output) await(t testing.TB, pattern string) string {
	t.Helper()
	re, patience := regexp.MustCompile(pattern), time.After(deadline)
	for {
		if match := re.FindString(o.String()); match != "" {
			return match
		}
		select {
		case <-o.changed:
		case <-patience:
			t.Fatalf("%q did not come in\n%s", pattern, o)
		}
	}
}

// running is a glass that serves.
type running struct {
	*exec.Cmd
	out, err *output
	url      string
	ended    chan error
	signal   func(os.Signal) error
	anyExit  bool // go run tells of the signal that its child has dealt with
}

// serve starts glass with arguments on a free port, and stops it at the end of the test.
func serve(t testing.TB, args ...string) *running {
	t.Helper()
	return serveCmd(t, command(t, append([]string{"-b", "127.0.0.1:0"}, args...)...))
}

func serveCmd(t testing.TB, c *exec.Cmd) *running {
	t.Helper()
	r := &running{Cmd: c, out: newOutput(), err: newOutput(), ended: make(chan error, 1)}
	r.signal = func(s os.Signal) error { return c.Process.Signal(s) }
	c.Stdout, c.Stderr = r.out, r.err
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { r.ended <- c.Wait() }()
	t.Cleanup(func() { r.stop(t, os.Interrupt) })
	serving := r.err.await(t, `serving \S+ +address=\S+`)
	_, r.url, _ = strings.Cut(serving, "address=")
	return r
}

// stop sends a signal, and waits until glass has ended well.
func (r *running) stop(t testing.TB, signal os.Signal) {
	t.Helper()
	if r.ended == nil {
		return
	}
	r.signal(signal)
	select {
	case err := <-r.ended:
		if err != nil && !r.anyExit {
			t.Errorf("glass: %v\n%s", err, r.err)
		}
	case <-time.After(deadline):
		r.Process.Kill()
		t.Errorf("glass does not end\n%s", r.err)
	}
	r.ended = nil
}

// get returns the status and the body of a page.
func get(t testing.TB, url string) (status int, body string) {
	t.Helper()
	client := http.Client{Timeout: deadline}
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// write makes a file with a content, and returns its path.
func write(t testing.TB, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// answering is an application that answers every request with a text.
func answering(text string) string {
	return "def application(environ, start_response):\n" +
		"    start_response('200 OK', [('Content-Type', 'text/plain')])\n" +
		"    return [b'" + text + "']\n"
}

func contains(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
}

// TestMisuse: what cannot be meant ends with 2, a sentence, and the way to help.
func TestMisuse(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--no-such-flag go:hello":                "no-such-flag",
		"-w 0 go:hello":                          "--workers and --threads must be more than 0",
		"--workers many go:hello":                "--workers",
		"--read-timeout 0 go:hello":              "must be more than 0 seconds",
		"--keep-alive soon go:hello":             "neither a number of seconds nor a duration",
		"--keep-alive=-1 go:hello":               "negative",
		"--model forking go:hello":               "iterative",
		"--model fasthttp --trace go:hello":      "leave out one of the two",
		"--trace=xml go:hello":                   "choose one of curl, steps, contract, json",
		"--in-process nats://h/a":                "runs on nodes",
		"--env NAME go:hello":                    "write NAME=VALUE",
		"--log-level loud go:hello":              "--log-level",
		"call":                                   "expected",
		"--config /no/such/file go:hello":        "/no/such/file",
		"serve --limit-request-body -1 go:hello": "limit",
	} {
		got := glass(t, "", strings.Fields(args)...)
		if got.code != exitMisused || got.out != "" {
			t.Errorf("glass %s: exit %d, printed %q", args, got.code, got.out)
		}
		contains(t, got.err, "glass: ", want, "glass --help")
	}
}

// TestFailures: what was meant and cannot be done ends with 1, and says what to do.
func TestFailures(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	const anyPort = "-b 127.0.0.1:0 " // another program may have the usual one
	for args, want := range map[string]string{
		anyPort + "go:no":                                                "there are go:echo, go:environ, go:hello, go:stream",
		anyPort + "no_such_module":                                       "no_such_module",
		anyPort + "examples/hello.py:no_such_name":                       "no_such_name",
		anyPort + "examples/no_such_file.py":                             "no_such_file.py",
		anyPort + "--python /no/such/python hello":                       "/no/such/python",
		"-b " + taken.Addr().String() + " go:hello":                      "another program listens there",
		"-b " + taken.Addr().String() + " no_such_name":                  "there is no module no_such_name",
		"-b 203.0.113.1:0 go:hello":                                      "no such address",
		"-b unix:/no/such/folder/s go:hello":                             "/no/such/folder/s",
		"-b fd://x go:hello":                                             "not the number of a file descriptor",
		anyPort + "--forwarded-allow-ips me go:hello":                    "neither an address",
		anyPort + "--access-logfile /no/such/folder/l go:hello":          "/no/such/folder/l",
		anyPort + "--access-logfile - --access-logformat %(x)s go:hello": "no atom %(x)s",
		anyPort + "--pid /no/such/folder/p go:hello":                     "--pid",
		"environ /no/such/file":                                          "/no/such/file",
	} {
		got := glass(t, "", strings.Fields(args)...)
		if got.code != exitFailed || got.out != "" {
			t.Errorf("glass %s: exit %d, printed %q", args, got.code, got.out)
		}
		contains(t, got.err, "glass: ", want)
		if strings.Contains(args, "no_such") && strings.Contains(got.err, "another program") {
			t.Errorf("glass %s: it complains of the port first: %s", args, got.err)
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"", "--help", "serve --help", "call --help", "environ --help", "check --help"} {
		if got := glass(t, "", strings.Fields(args)...); got.code != 0 || !strings.Contains(got.out, "Usage: glass") || got.err != "" {
			t.Errorf("glass %s: exit %d\n%s%s", args, got.code, got.out, got.err)
		}
	}
	inOrder(t, glass(t, "", "--help").out, "\nServe:\n", "\nLook inside, and debug:\n", "\nCheck, compare and measure:\n", "\nLearn:\n", "\nAbout glass:\n")
	inOrder(t, glass(t, "", "serve", "--help").out, "\nWhere to listen:\n", "--bind", "\nApplication:\n", "--chdir",
		"\nConcurrency:\n", "--workers", "\nLimits:\n", "--limit-connections", "\nTime-outs:\n", "--timeout", "\nLogs:\n",
		"--access-logfile", "\nDebugging:\n", "--trace", "\nDevelopment:\n", "--reload")
}

// inOrder wants each part after the one before.
func inOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		_, after, found := strings.Cut(text, part)
		if !found {
			t.Errorf("no %q, or not in its place, in\n%s", part, text)
			continue
		}
		text = after
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	got := glass(t, "", "version")
	contains(t, got.out, "glass "+version, "go1.", "CPython 3.14")
	if flag := glass(t, "", "--version"); flag != got {
		t.Errorf("glass --version: %+v", flag)
	}
	changelog, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(changelog), version)
}

// TestSource: glass prints the files that the course tells its readers to read.
func TestSource(t *testing.T) {
	t.Parallel()
	contains(t, glass(t, "", "source").out, "parser/request_line.go\n", "runtime/wsgi/environ.go\n", "server/exchange.go\n", "examples/hello.py\n")
	text, err := os.ReadFile("server/exchange.go")
	if got := glass(t, "", "source", "server/exchange.go"); err != nil || got.out != string(text) {
		t.Errorf("%v, %+v", err, got)
	}
	if got := glass(t, "", "source", "server/no_such.go"); got.code != exitFailed || !strings.Contains(got.err, "glass source lists what there is") {
		t.Errorf("%+v", got)
	}
}

func TestCall(t *testing.T) {
	t.Parallel()
	t.Run("printed as it is", func(t *testing.T) {
		got := glass(t, "", "call", "examples/seeds/webapp.py:app", "GET", "/hello")
		want := "200 OK\nContent-Type: text/plain\n\nHello world from a simple WSGI application!\n"
		if got.out != want || got.code != 0 || got.err != "" {
			t.Errorf("%+v", got)
		}
	})
	t.Run("WEB_CONCURRENCY is empty", func(t *testing.T) {
		c := command(t, "call", "go:hello")
		c.Env = append(c.Env, "WEB_CONCURRENCY=")
		if got := finish(t, c, ""); got.code != 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("body and header fields", func(t *testing.T) {
		got := glass(t, `{"a": 1}`, "call", "examples/echo.py", "POST", "/", "-d", "@-", "-H", "Content-Type: application/json")
		contains(t, got.out, "200 OK", `"a": 1`)
	})
	t.Run("HEAD", func(t *testing.T) {
		if got := glass(t, "", "call", "go:hello", "HEAD"); !strings.HasSuffix(got.out, "\n\n") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("the application raises", func(t *testing.T) {
		got := glass(t, "", "call", "examples/broken/raises.py")
		contains(t, got.err, "Traceback", "KeyError", "raises.py")
		if got.code != exitFailed {
			t.Errorf("exit %d", got.code)
		}
	})
	t.Run("a rule of PEP 3333 is broken", func(t *testing.T) {
		got := glass(t, "", "call", "examples/broken/str_body.py")
		contains(t, got.err, "bytes", "PEP 3333")
		if got.code != exitFailed {
			t.Errorf("exit %d", got.code)
		}
	})
	t.Run("a request that no server would take", func(t *testing.T) {
		got := glass(t, "", "call", "go:hello", "GET", "no-slash")
		contains(t, got.err, "a server would answer 400", "\n    ^")
		if got.code != exitFailed {
			t.Errorf("exit %d", got.code)
		}
	})
}

func TestLint(t *testing.T) {
	t.Parallel()
	app := write(t, t.TempDir(), "app.py",
		"def application(environ, start_response):\n    start_response('200 ', [])\n    return [b'body']\n")
	got := glass(t, "", "call", "--lint", app)
	if got.code != exitFailed || got.out != "200 \n\nbody" {
		t.Errorf("exit %d, printed %q", got.code, got.out)
	}
	contains(t, got.err, `lint: status: empty reason phrase: '200 ' ends after the space; `,
		` (PEP 3333 "The start_response() Callable") at `, "app.py:2\n",
		"glass: lint: 2 found: 1 × status: empty reason phrase, 1 × header: no Content-Type\n")
	for _, args := range [][]string{{"call", app}, {"call", "--lint", "examples/hello.py"}, {"call", "--lint", "go:hello"}} {
		if got := glass(t, "", args...); got.code != 0 || got.err != "" {
			t.Errorf("%v: exit %d: %s", args, got.code, got.err)
		}
	}
}

// What lint found is counted when the server stops.
func TestLintOfServe(t *testing.T) {
	t.Parallel()
	for app, want := range map[string]string{
		"examples/seeds/web_app.py": "lint: 1 found: 1 × header: no Content-Type", "examples/hello.py": "lint: no findings",
	} {
		g := serve(t, "--lint", app)
		get(t, g.url)
		get(t, g.url)
		g.stop(t, os.Interrupt)
		contains(t, g.err.String(), want)
	}
}

func TestEnviron(t *testing.T) {
	t.Parallel()
	const raw = "GET /caf%C3%A9?a=1 HTTP/1.1\r\nHost: localhost\r\nX: 1\r\nX: 2\r\n\r\n"
	got := glass(t, raw, "environ")
	contains(t, got.out, "PATH_INFO                4-14         \"/cafÃ©\"", "HTTP_X                   49-50 55-56  \"1, 2\"")
	got = glass(t, raw, "environ", "--json")
	contains(t, got.out, `"name": "HTTP_X"`, `"wsgi.url_scheme": "http"`)
	got = glass(t, strings.ReplaceAll(raw, "\r\n", "\n"), "environ", "--crlf")
	contains(t, got.out, "PATH_INFO                4-14         \"/cafÃ©\"")
	got = glass(t, raw, "environ", "--as", "all")
	contains(t, got.out, "jsgi.version [0, 3]", "KEY                HTTP ")
	got = glass(t, raw, "environ", "--as", "psgi", "--json")
	contains(t, got.out, `"key": "psgi.streaming"`)
	got = glass(t, raw, "environ", "--as", "scgi", "--raw")
	contains(t, got.out, ":CONTENT_LENGTH\x000\x00SCGI\x001\x00REQUEST_METHOD\x00GET\x00")
	netstring := got.out
	got = glass(t, netstring, "environ", "--protocol", "scgi", "--as", "jsgi")
	contains(t, got.out, "pathInfo                 106-116      \"/caf%C3%A9\"")
	got = glass(t, netstring[:100], "environ", "--protocol", "scgi")
	contains(t, got.err, "a server would close the connection: netstring: incomplete (SCGI §4), at byte 100")
	got = glass(t, "", "environ", "--protocol", "ajp")
	contains(t, got.err, "the request is empty")
	got = glass(t, raw, "environ", "--as", "rack", "--raw")
	contains(t, got.err, "--raw: rack is no protocol")
	got = glass(t, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhell", "environ", "--as", "ajp")
	contains(t, got.err, "incomplete")
	got = glass(t, "GET / HTTP/1.1\r\nHost : x\r\n\r\n", "environ")
	contains(t, got.err, "glass: a server would answer 400: field-name", "RFC 9112 §5.1", "Host : x\n    ^")
	if strings.Count(got.err, "a server would answer") != 1 {
		t.Error(got.err)
	}
	got = glass(t, "GET / HTTP/1.1\r\nHost: x\r\n", "environ")
	contains(t, got.err, "incomplete")
	got = glass(t, "", "environ")
	contains(t, got.err, "the request is empty")
}

func TestServeAndTrace(t *testing.T) {
	t.Parallel()
	s := serve(t, "--trace", "examples/hello.py")
	status, body := get(t, s.url+"/some/path")
	if status != 200 {
		t.Errorf("status %d", status)
	}
	contains(t, body, "GET /some/path")
	s.out.await(t, `> GET /some/path HTTP/1.1\n(?s:.*)< HTTP/1.1 200 OK\n`)
	s.stop(t, os.Interrupt)
	if strings.Contains(s.out.String(), "serving") || strings.Contains(s.err.String(), "> GET") {
		t.Error("messages and trace are mixed up")
	}
}

// TestPrintGoesToStandardError: what an application prints cannot get between the lines of a trace.
func TestPrintGoesToStandardError(t *testing.T) {
	t.Parallel()
	app := write(t, t.TempDir(), "printing.py", "import sys\n"+strings.Replace(answering("ok"), "    return",
		"    print('printed', repr(sys.stdin.read()))\n    return", 1))
	s := serve(t, "--trace=json", app)
	get(t, s.url)
	s.err.await(t, `printed ''`)
	if strings.Contains(s.out.String(), "printed") {
		t.Errorf("the trace is\n%s", s.out)
	}
}

// TestSignals: SIGTERM waits for the request in progress, SIGINT does not; nothing runs on after either.
func TestSignals(t *testing.T) {
	t.Parallel()
	withEngines(t, testSignals)
}

// withEngines runs a test with glass's own engine and with the other one.
func withEngines(t *testing.T, test func(t *testing.T, model string)) {
	for _, model := range []string{"--model=threaded", "--model=fasthttp"} {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			test(t, model)
		})
	}
}

func testSignals(t *testing.T, model string) {
	s := serve(t, model, "examples/slow.py")
	answer := make(chan int)
	go func() { status, _ := get(t, s.url+"/?seconds=0.5"); answer <- status }()
	awaitBusy(t, s)
	s.Process.Signal(syscall.SIGTERM)
	if status := <-answer; status != 200 {
		t.Errorf("SIGTERM: status %d", status)
	}
	s.stop(t, syscall.SIGTERM)

	s = serve(t, model, "examples/slow.py")
	failed := make(chan error)
	go func() { _, err := http.Get(s.url + "/?seconds=1000"); failed <- err }()
	awaitBusy(t, s)
	s.stop(t, os.Interrupt)
	if err := <-failed; err == nil {
		t.Error("SIGINT: the request of 1000 seconds was answered")
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://")); err == nil {
		t.Error("SIGINT: somebody still listens")
	}
}

// awaitBusy waits until the only thread of the application is taken, which the next request notices by waiting.
func awaitBusy(t *testing.T, s *running) {
	t.Helper()
	client := http.Client{Timeout: 50 * time.Millisecond}
	for end := time.Now().Add(deadline); time.Now().Before(end); {
		response, err := client.Get(s.url + "/?seconds=0")
		if err != nil {
			return
		}
		response.Body.Close()
	}
	t.Fatal("the application is not busy")
}

// TestRestart: SIGHUP replaces the workers, and no request notices.
func TestRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	app := write(t, dir, "changing.py", answering("one"))
	s := serve(t, app)
	if _, body := get(t, s.url); body != "one" {
		t.Fatalf("body %q", body)
	}
	write(t, dir, "changing.py", answering("two, and longer"))
	s.Process.Signal(syscall.SIGHUP)
	s.awaitBody(t, "two, and longer")
	write(t, dir, "changing.py", "syntax error\n")
	s.Process.Signal(syscall.SIGHUP)
	s.err.await(t, `(?s)not replaced.*SyntaxError`)
	if _, body := get(t, s.url); body != "two, and longer" {
		t.Errorf("body %q", body)
	}
}

func (r *running) awaitBody(t *testing.T, want string) {
	t.Helper()
	body := ""
	for end := time.Now().Add(deadline); time.Now().Before(end); {
		if _, body = get(t, r.url); strings.Contains(body, want) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("no %q in\n%s\nlog:\n%s", want, body, r.err)
}

// TestReload: a saved file is served at once; one that cannot be loaded is explained in the browser, until it is mended.
func TestReload(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	app := write(t, dir, "changing.py", "this is no Python\n")
	s := serve(t, "--reload", app)
	status, body := get(t, s.url)
	if status != 500 {
		t.Errorf("status %d", status)
	}
	contains(t, body, "SyntaxError", "changing.py")
	for _, text := range []string{"mended", "changed again"} {
		write(t, dir, "changing.py", answering(text))
		s.awaitBody(t, text)
	}
	write(t, dir, "changing.py", "import no_such_module_anywhere\n")
	s.awaitBody(t, "no_such_module_anywhere")
	write(t, dir, "changing.py", answering("well"))
	s.awaitBody(t, "well")
}

// TestReloadAnyName: the application's own file may have any name, as mod_wsgi's have.
func TestReloadAnyName(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{"", ":application"} {
		dir := t.TempDir()
		s := serve(t, "--reload", write(t, dir, "site.wsgi", answering("one"))+suffix)
		s.awaitBody(t, "one")
		write(t, dir, "site.wsgi", answering("two, and longer"))
		s.awaitBody(t, "two, and longer")
	}
}

// TestReloadExtraFile: a file that is no source, in a folder that is not the application's, reloads it when it is named.
func TestReloadExtraFile(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	extra := write(t, elsewhere, "motto.txt", "one")
	app := write(t, dir, "motto.py", "motto = open('"+extra+"', 'rb').read()\n"+strings.Replace(answering("x"), "b'x'", "motto", 1))
	s := serve(t, "--reload", "--reload-extra-file", extra, app)
	s.awaitBody(t, "one")
	replacement := write(t, elsewhere, "motto.txt~", "two")
	if err := os.Rename(replacement, extra); err != nil { // as editors do
		t.Fatal(err)
	}
	s.awaitBody(t, "two")
	if got := glass(t, "", "-b", "127.0.0.1:0", "--reload", "--reload-extra-file", extra+".no", app); got.code != exitFailed || !strings.Contains(got.err, "motto.txt.no") {
		t.Errorf("%+v", got)
	}
	if got := glass(t, "", "--reload-extra-file", extra, app); got.code != exitMisused || !strings.Contains(got.err, "add --reload") {
		t.Errorf("%+v", got)
	}
}

func TestUnixSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	stale, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	stale.(*net.UnixListener).SetUnlinkOnClose(false)
	stale.Close() // as a killed server leaves it
	s := serveCmd(t, command(t, "-b", "unix:"+path, "-b", "127.0.0.1:0", "go:environ"))
	client := http.Client{Timeout: deadline, Transport: &http.Transport{DialContext: unixDialer(path)}}
	response, err := client.Get("http://localhost/over/unix")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	contains(t, string(body), `PATH_INFO = "/over/unix"`, `REMOTE_ADDR = ""`, `SERVER_NAME = "localhost"`, `SERVER_PORT = "80"`)
	if got := glass(t, "", "-b", "unix:"+path, "go:hello"); got.code != exitFailed || !strings.Contains(got.err, "another program listens there") {
		t.Errorf("a second server on the socket: %+v", got)
	}
	s.stop(t, os.Interrupt)
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket file is left behind: %v", err)
	}
}

func unixDialer(path string) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", path) }
}

func needIPv6(t *testing.T) {
	t.Helper()
	probe, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6 loopback: ", err)
	}
	probe.Close()
}

func TestIPv6(t *testing.T) {
	needIPv6(t)
	s := serveCmd(t, command(t, "-b", "[::1]:0", "go:environ"))
	_, body := get(t, s.url)
	contains(t, body, `SERVER_NAME = "[::1]"`, `REMOTE_ADDR = "::1"`)
}

func TestInheritedSocket(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	c := command(t, "-b", "fd://3", "go:hello")
	c.ExtraFiles = []*os.File{file}
	s := serveCmd(t, c)
	if _, body := get(t, s.url); body != "Hello, world\n" {
		t.Errorf("body %q", body)
	}
}

func TestConfigFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := write(t, dir, "glass.toml", "bind = [\"127.0.0.1:0\"]\ntrace = \"steps\"\nkeep-alive = 7\nenv = [\"A=1\"]\n")
	s := serveCmd(t, command(t, "--config", config, "go:hello"))
	get(t, s.url)
	s.out.await(t, `parse +request-line`)
	s.stop(t, os.Interrupt)
	app := write(t, dir, "env.py", "import os\n"+strings.Replace(answering("ok"), "b'ok'", "repr((os.environ['A'], os.environ['B'])).encode()", 1))
	config = write(t, dir, "app.toml", "app = '"+app+"'\nbind = '127.0.0.1:0'\n[env]\nA = 'x, y'\nB = 2\n")
	s = serveCmd(t, command(t, "-c", config))
	if _, body := get(t, s.url); body != "('x, y', '2')" {
		t.Errorf("body %q", body)
	}
	s.stop(t, os.Interrupt)
	s = serveCmd(t, command(t, "-c", config, "go:hello"))
	if _, body := get(t, s.url); body != "Hello, world\n" {
		t.Errorf("the application of the command line does not count: %q", body)
	}
	for text, want := range map[string]string{
		"app = 1\n":          "write app = \"MODULE:CALLABLE\"",
		"[bind]\nhost = 1\n": "[bind] is a table",
		"workers = 2\n":      "expected <app>",
	} {
		config = write(t, dir, "wrong.toml", text)
		if got := glass(t, "", "--config", config); got.code != exitMisused || !strings.Contains(got.err, want) {
			t.Errorf("%s: %+v", text, got)
		}
	}
	if got := glass(t, "", "-c", "gunicorn.conf.py", "go:hello"); got.code != exitMisused || !strings.Contains(got.err, "glass reads no Python") {
		t.Errorf("%+v", got)
	}
	config = write(t, dir, "wrong.toml", "no-such-flag = 1\n")
	if got := glass(t, "", "--config", config, "go:hello"); got.code != exitMisused || !strings.Contains(got.err, "no flag --no-such-flag") {
		t.Errorf("%+v", got)
	}
	config = write(t, dir, "broken.toml", "bind = \n")
	if got := glass(t, "", "--config", config, "go:hello"); got.code != exitMisused || !strings.Contains(got.err, "broken.toml") {
		t.Errorf("%+v", got)
	}
}

func TestPidAndLogs(t *testing.T) {
	t.Parallel()
	withEngines(t, testPidAndLogs)
}

func testPidAndLogs(t *testing.T, model string) {
	dir := t.TempDir()
	pid, access, errs := filepath.Join(dir, "pid"), filepath.Join(dir, "access"), filepath.Join(dir, "errors")
	c := command(t, model, "-b", "unix:"+filepath.Join(dir, "s"), "--pid", pid, "--access-logfile", access,
		"--access-logformat", `%(m)s %(U)s %(q)s %(s)s %(b)s "%({X-Quote}i)s" %({Content-Type}o)s`,
		"--error-logfile", errs, "examples/broken/raises.py")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	awaitFile(t, errs, "serving")
	if text := awaitFile(t, pid, ""); strings.TrimSpace(text) == "" {
		t.Error("no process id")
	}
	conn, err := net.Dial("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(conn, "GET /p?q=\"1 HTTP/1.0\r\nX-Quote: a\"b\xe9\r\n\r\n")
	io.ReadAll(conn)
	if got, want := awaitFile(t, access, "\n"), "GET /p q=\\x221 500 26 \"a\\x22b\\xe9\" text/plain; charset=utf-8\n"; got != want {
		t.Errorf("access log %q, want %q", got, want)
	}
	awaitFile(t, errs, "KeyError")
	c.Process.Signal(syscall.SIGTERM)
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(pid); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the pid file is left behind: %v", err)
	}
}

func awaitFile(t *testing.T, path, part string) string {
	t.Helper()
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if text, err := os.ReadFile(path); err == nil && strings.Contains(string(text), part) {
			return string(text)
		}
	}
	t.Fatalf("%s does not say %q", path, part)
	return ""
}

func TestForwardedScheme(t *testing.T) {
	t.Parallel()
	for trusted, want := range map[string]string{"127.0.0.1": "https", "10.0.0.0/8": "http", "*": "https"} {
		s := serve(t, "--forwarded-allow-ips", trusted, "go:environ")
		request, _ := http.NewRequest("GET", s.url, nil)
		request.Header.Set("X-Forwarded-Proto", "https")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		contains(t, string(body), `wsgi.url_scheme = "`+want+`"`)
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, "GET https://x/ HTTP/1.0\r\n\r\n")
		answer, _ := io.ReadAll(conn)
		conn.Close()
		contains(t, string(answer), map[string]string{"https": "200 OK", "http": "421 Misdirected"}[want])
	}
}

// TestLimits: each limit has a flag.
func TestLimits(t *testing.T) {
	t.Parallel()
	s := serve(t, "--limit-request-line", "30", "--limit-request-fields", "3", "--limit-request-field_size", "40",
		"--limit-request-body", "5", "go:hello")
	for request, want := range map[string]string{
		"GET /34567890123456789012 HTTP/1.1\r\nHost: x\r\n\r\n":                           "414",
		"GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n":                       "431",
		"GET / HTTP/1.1\r\nHost: x\r\nA: 345678901234567890123456789012345678901\r\n\r\n": "431",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n123456":                   "413",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345":                    "200",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, request)
		conn.(*net.TCPConn).CloseWrite()
		answer, _ := io.ReadAll(conn)
		conn.Close()
		contains(t, string(answer), "HTTP/1.1 "+want)
	}
}
