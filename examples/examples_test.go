package examples

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"glasswsgi/check/suite"
)

// An exchange is one request to an example, and what the answer must be like.
type exchange struct {
	method, target string   // "GET" if empty
	fields         []string // names and values in turn
	body           string
	status         int      // 200 if 0
	contains       []string // phrases of the body
	is             string   // the whole body, if not empty
	check          func(t *testing.T, got answer)
	raises         bool // the application fails on purpose, so the log is not silent
}

// An example is an application callable as the command line names it, with the requests that try it.
type example struct {
	app       string
	exchanges []exchange
	invalid   string // what wsgiref.validate says of it, if it has a reason to
}

var examples = []example{
	{app: "hello.py", exchanges: []exchange{
		{target: "/any/path", contains: []string{"GET /any/path", "你好"}, check: field("Content-Type", "text/html; charset=utf-8")},
		{target: "/%E4%BD%A0?q=<", contains: []string{"GET /你"}},
		{target: "/%3Cscript%3E", contains: []string{"/&lt;script&gt;"}},
	}},
	{app: "callables.py", exchanges: []exchange{{is: "hello from a function\n"}}},
	{app: "callables.py:function", exchanges: []exchange{{is: "hello from a function\n"}}},
	{app: "callables.py:Application", exchanges: []exchange{{is: "hello from a class\n"}}},
	{app: "callables.py:instance", exchanges: []exchange{{is: "hello from an instance\n"}}},
	{app: "callables.py:generator", exchanges: []exchange{{is: "hello from a generator\n"}}},
	{app: "routing.py", exchanges: []exchange{{is: "Index"}, {target: "/abcd", is: "Hello"}}},
	{app: "seeds/hello.py", exchanges: []exchange{{is: "hello world"}}},
	{app: "seeds/appclass.py:Application", exchanges: []exchange{{is: "Hello world "}}},
	{app: "seeds/appclassobj.py:app", exchanges: []exchange{{is: "hello world"}}},
	{app: "seeds/web_app.py", exchanges: []exchange{{is: "Index"}, {target: "/abcd", is: "Hello"}},
		invalid: "No Content-Type header found"},
	{app: "seeds/webapp.py:app", exchanges: []exchange{{target: "/hello", is: "Hello world from a simple WSGI application!\n"}}},
	{app: "seeds/generator.py", exchanges: []exchange{{is: "Hello, World\n"}}},
	{app: "environ.py", exchanges: []exchange{
		{target: "/some/path?colour=blue", contains: []string{"<td>PATH_INFO</td><td>str</td>", "wsgi.input", "/some/path"}},
		{target: "/some/path?json&colour=blue", check: environJSON},
	}},
	{app: "form.py", exchanges: []exchange{
		{contains: []string{`<form method="post">`}},
		{method: "POST", body: "name=Ada+%26+%E6%9D%8E&note=%3Cb%3Ebold%3C%2Fb%3E",
			fields:   []string{"Content-Type", "application/x-www-form-urlencoded"},
			contains: []string{"<dd>Ada &amp; 李</dd>", "<dd>&lt;b&gt;bold&lt;/b&gt;</dd>"}},
	}},
	{app: "gil.py", exchanges: []exchange{{contains: []string{"4 times", "one after another ", "in threads ", "in processes "}}}},
	{app: "zombie.py", exchanges: []exchange{{is: "it has ended:    Z\nits exit status: 3\nand now:         no such process\n"}}},
	{app: "middleware_gzip.py", exchanges: []exchange{
		{fields: []string{"Accept-Encoding", "br, gzip;q=0.5"}, check: gzipped},
		{target: "/stream", fields: []string{"Accept-Encoding", "gzip"}, check: gzipped},
		{fields: []string{"Accept-Encoding", "gzip;q=0"}, contains: []string{"hello, hello"}, check: notGzipped},
		{fields: []string{"Accept-Encoding", "br"}, contains: []string{"hello, hello"}, check: notGzipped},
	}},
	{app: "upload.py", exchanges: []exchange{
		{contains: []string{"multipart/form-data"}},
		{method: "POST", body: upload.body, fields: []string{"Content-Type", upload.contentType},
			contains: []string{`"name": "random.bin"`, upload.sha256, fmt.Sprintf(`"size": %d`, len(upload.file))}},
		{method: "PUT", target: "/raw", body: upload.file, contains: []string{upload.sha256, fmt.Sprint(len(upload.file))}},
		{method: "POST", body: "x", fields: []string{"Content-Type", "text/plain"}, status: 415},
	}},
	{app: "echo.py", exchanges: []exchange{
		{method: "POST", body: "any text", fields: []string{"Content-Type", "text/plain"}, is: "any text"},
		{method: "POST", body: upload.file, fields: []string{"Content-Type", "image/png"}, is: upload.file, check: field("Content-Type", "image/png")},
		{method: "POST", body: `{"name":"李"}`, fields: []string{"Content-Type", "application/json"}, is: "{\n  \"name\": \"李\"\n}\n"},
		{method: "POST", body: `{`, fields: []string{"Content-Type", "application/json"}, status: 400},
	}},
	{app: "stream.py", exchanges: []exchange{
		{target: "/?n=3&delay=0", is: "line 0\nline 1\nline 2\n", check: noContentLength},
		{target: "/sse?n=2&delay=0", is: "id: 0\ndata: event 0\n\nid: 1\ndata: event 1\n\n", check: field("Content-Type", "text/event-stream")},
	}},
	{app: "write.py", exchanges: []exchange{{is: "written first\nwritten second\nreturned last\n"}}},
	{app: "middleware_routing.py", exchanges: []exchange{
		{target: "/blog/2024/x", is: "blog: SCRIPT_NAME='/blog' PATH_INFO='/2024/x'\n"},
		{target: "/blog", is: "blog: SCRIPT_NAME='/blog' PATH_INFO=''\n"},
		{target: "/blog/admin/", is: "admin: SCRIPT_NAME='/blog/admin' PATH_INFO='/'\n"},
		{target: "/blogger", is: "site: SCRIPT_NAME='' PATH_INFO='/blogger'\n"},
	}},
	{app: "middleware_side_by_side.py", exchanges: []exchange{
		{fields: []string{"Host", "shop.localhost:8888"}, contains: []string{"the shop, in process "}},
		{fields: []string{"Host", "WIKI.localhost"}, contains: []string{"the wiki, in process "}},
		{fields: []string{"Host", "elsewhere.localhost"}, status: 404},
	}},
	{app: "middleware_post_process.py", exchanges: []exchange{
		{is: "HELLO, STRASSE\n", check: field("Content-Length", "15")},
		{target: "/stream", is: "LINE 0\nLINE 1\nLINE 2\n", check: noContentLength},
	}},
	{app: "file_wrapper.py", exchanges: []exchange{{check: isItsOwnSource}}},
	{app: "cookies.py", exchanges: []exchange{
		{contains: []string{"visit 1, colour green"}},
		{fields: []string{"Cookie", "visits=41; colour=blue"}, contains: []string{"visit 42, colour blue"}, check: twoCookies},
	}},
	{app: "status.py", exchanges: []exchange{
		{target: "/204", status: 204, check: noBody},
		{target: "/304", status: 304, check: noBody},
		{target: "/redirect", status: 302, check: field("Location", "/")},
		{target: "/teapot", status: 418},
		{target: "/nowhere", status: 404},
		{method: "HEAD", check: noBody},
	}},
	{app: "slow.py", exchanges: []exchange{{target: "/?seconds=0.05", is: "slept 0.05 s\n"}}},
	{app: "errors.py", exchanges: []exchange{
		{contains: []string{"/before"}},
		{target: "/handled", status: 503, is: "Something failed, but in time.\n"},
		{target: "/before", status: 500, raises: true, check: noTraceback},
		{target: "/after", raises: true, check: cutOffAfter("the first block\n")},
		{target: "/exit", status: 500, raises: true, check: noTraceback},
		{target: "/", raises: true, contains: []string{"/exit"}}, // the server is still there
	}},
	{app: "chunked_input.py", exchanges: []exchange{
		{method: "POST", body: "hello in chunks", contains: []string{"15 bytes", sum("hello in chunks")}},
		{is: fmt.Sprintf("0 bytes, SHA-256 %s\n", sum(""))},
	}},
	{app: "latin1.py", exchanges: []exchange{
		{target: "/%E4%BD%A0%E5%A5%BD?q=%C3%A9", contains: []string{
			`'/\xe4\xbd\xa0\xe5\xa5\xbd' (7 characters)`, "/你好 (3 characters)", "'q=%C3%A9'", "{'q': ['é']}"}},
	}},
}

// TestExamples requests every example plainly; in CI, and elsewhere of one in twelve, with --lint, which must have nothing to say, and
// inside wsgiref.validate, too.
func TestExamples(t *testing.T) {
	for place, e := range examples {
		t.Run(e.app, func(t *testing.T) {
			t.Parallel()
			t.Run("plain", func(t *testing.T) {
				s := start(t, filepath.Join("examples", e.app))
				for _, x := range e.exchanges {
					x.try(t, s.URL)
				}
			})
			if !suite.Sample(place) {
				return
			}
			t.Run("linted", func(t *testing.T) {
				s := start(t, "--lint", filepath.Join("examples", e.app))
				for _, x := range e.exchanges {
					x.try(t, s.URL)
				}
				if e.invalid != "" {
					s.log.waitFor(t, "lint: header: no Content-Type")
					return
				}
				for _, finding := range findings.FindAllString(s.log.String(), -1) {
					if !strings.Contains(finding, "SystemExit") { // errors.py does that to show what happens
						t.Error(finding)
					}
				}
			})
			t.Run("validated", func(t *testing.T) {
				s := start(t, "-e", "VALIDATED="+fileAndCallable(e.app), "examples/testdata/validated.py")
				if e.invalid != "" {
					if got := send(t, newRequest(t, "GET", s.URL+"/", "")); got.StatusCode != 500 {
						t.Errorf("status %d, want 500", got.StatusCode)
					}
					s.log.waitFor(t, e.invalid)
					return
				}
				for _, x := range e.exchanges {
					if !x.raises {
						x.try(t, s.URL)
					}
				}
				if complaint := complaints.FindString(s.log.String()); complaint != "" {
					t.Errorf("standard error is not silent: %q", complaint)
				}
			})
		})
	}
}

var findings = regexp.MustCompile(`lint: .*`)

// complaints are what a traceback, a warning, or "Iterator garbage collected without being closed" looks like.
var complaints = regexp.MustCompile(`(?im)^.*(traceback|\b\w*error\b|warning|exception|garbage collected).*$`)

func (x exchange) try(t *testing.T, baseURL string) {
	t.Helper()
	method, target, status := x.method, x.target, x.status
	if method == "" {
		method = "GET"
	}
	if target == "" {
		target = "/"
	}
	if status == 0 {
		status = 200
	}
	got := send(t, newRequest(t, method, baseURL+target, x.body, x.fields...))
	name := method + " " + target
	if got.StatusCode != status {
		t.Errorf("%s: status %s, want %d; body %.200q", name, got.Status, status, got.body)
	}
	if got.bodyErr != nil && !x.raises {
		t.Errorf("%s: reading the body: %v", name, got.bodyErr)
	}
	for _, phrase := range x.contains {
		if !strings.Contains(got.body, phrase) {
			t.Errorf("%s: the body has no %q:\n%.2000s", name, phrase, got.body)
		}
	}
	if x.is != "" && got.body != x.is {
		t.Errorf("%s: body %.200q, want %.200q", name, got.body, x.is)
	}
	if x.check != nil {
		x.check(t, got)
	}
}

// TestStreaming measures that the first block comes while the application still makes the others.
func TestStreaming(t *testing.T) {
	for app, target := range map[string]string{
		"stream.py":                  "/?n=3&delay=0.2",
		"middleware_post_process.py": "/stream",
		"middleware_gzip.py":         "/stream",
	} {
		t.Run(app, func(t *testing.T) {
			t.Parallel()
			url := serve(t, filepath.Join("examples", app))
			response, err := client.Get(url + target)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			var block [64]byte
			n, err := response.Body.Read(block[:])
			if got := string(block[:n]); !strings.EqualFold(got, "line 0\n") {
				t.Fatalf("the first block is %q (%v), want one line", got, err)
			}
			first := time.Now()
			var rest bytes.Buffer
			if _, err := rest.ReadFrom(response.Body); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(first); took < 300*time.Millisecond {
				t.Errorf("the last line came %v after the first, want at least two delays", took)
			}
		})
	}
}

// TestSlow sends four requests at once to four threads: they must wait together, not one after another.
func TestSlow(t *testing.T) {
	t.Parallel()
	url := serve(t, "examples/slow.py", "--workers", "1", "--threads", "4")
	send(t, newRequest(t, "GET", url+"/?seconds=0", "")) // the application is loaded
	began := time.Now()
	done := make(chan error)
	for range 4 {
		go func() {
			response, err := client.Get(url + "/?seconds=0.5")
			if err == nil {
				response.Body.Close()
			}
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if took := time.Since(began); took > 1900*time.Millisecond {
		t.Errorf("four requests of 0.5 s took %v", took)
	}
}

// TestChunkedInput sends a body of unknown length, which Go's client does in chunks.
func TestChunkedInput(t *testing.T) {
	t.Parallel()
	url := serve(t, "examples/chunked_input.py")
	request := newRequest(t, "POST", url, upload.file)
	request.ContentLength = -1
	got := send(t, request)
	if want := fmt.Sprintf("%d bytes, SHA-256 %s\n", len(upload.file), upload.sha256); got.body != want {
		t.Errorf("%s %q, want %q", got.Status, got.body, want)
	}
}

// TestCallApplication compares the sketch of a server, run by Python alone, with glass call.
func TestCallApplication(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(suite.Program(t, "python3"), "examples/seeds/call_application.py")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	if want := "200 OK [('Content-Type', 'text/html')] b'hello world'\n"; err != nil || string(out) != want {
		t.Errorf("%q (%v), want %q", out, err, want)
	}
	out, err = glassCommand("call", "examples/seeds/hello.py", "GET", "/").Output()
	if err != nil {
		t.Fatalf("glass call: %v", err)
	}
	for _, phrase := range []string{"200 OK", "Content-Type: text/html", "hello world"} {
		if !strings.Contains(string(out), phrase) {
			t.Errorf("glass call printed no %q:\n%s", phrase, out)
		}
	}
}

// The checks.

func field(name, want string) func(*testing.T, answer) {
	return func(t *testing.T, got answer) {
		t.Helper()
		if value := got.Header.Get(name); value != want {
			t.Errorf("%s is %q, want %q", name, value, want)
		}
	}
}

// gzipped: the bytes are fewer, they are those of the page, and a cache is told what they depend on.
func gzipped(t *testing.T, got answer) {
	t.Helper()
	field("Content-Encoding", "gzip")(t, got)
	field("Vary", "Accept-Encoding")(t, got)
	unpack, err := gzip.NewReader(strings.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(unpack)
	if err != nil || !strings.HasPrefix(string(page), "hello, hello") && string(page) != "line 0\nline 1\nline 2\n" {
		t.Errorf("it unpacks to %.100q, %v", page, err)
	}
	if len(page) > 1000 && len(got.body) > len(page)/10 {
		t.Errorf("%d bytes were sent for %d", len(got.body), len(page))
	}
}

func notGzipped(t *testing.T, got answer) {
	t.Helper()
	field("Content-Encoding", "")(t, got)
	field("Vary", "Accept-Encoding")(t, got)
	hasContentLength(t, got)
}

func noContentLength(t *testing.T, got answer) {
	t.Helper()
	if got.ContentLength != -1 {
		t.Errorf("a stream has Content-Length %d", got.ContentLength)
	}
}

func isItsOwnSource(t *testing.T, got answer) {
	t.Helper()
	if got.body != fileText("file_wrapper.py") {
		t.Errorf("got %q", got.body)
	}
	hasContentLength(t, got)
}

func hasContentLength(t *testing.T, got answer) {
	t.Helper()
	if got.ContentLength != int64(len(got.body)) {
		t.Errorf("Content-Length %d, and the body has %d bytes", got.ContentLength, len(got.body))
	}
}

func noBody(t *testing.T, got answer) {
	t.Helper()
	if got.body != "" {
		t.Errorf("%s has a body: %q", got.Status, got.body)
	}
}

// noTraceback: what went wrong inside is nobody else's business.
func noTraceback(t *testing.T, got answer) {
	t.Helper()
	for _, phrase := range []string{"Traceback", "ValueError", ".py"} {
		if strings.Contains(got.body, phrase) {
			t.Errorf("the peer was told %q:\n%s", phrase, got.body)
		}
	}
}

func twoCookies(t *testing.T, got answer) {
	t.Helper()
	cookies := got.Header.Values("Set-Cookie")
	if len(cookies) != 2 || !strings.HasPrefix(cookies[0], "visits=42;") || !strings.HasPrefix(cookies[1], "colour=green;") {
		t.Errorf("Set-Cookie: %q", cookies)
	}
}

func environJSON(t *testing.T, got answer) {
	t.Helper()
	var environ map[string]struct {
		Type  string
		Value any
	}
	if err := json.Unmarshal([]byte(got.body), &environ); err != nil {
		t.Fatalf("%v:\n%s", err, got.body)
	}
	for key, want := range map[string]string{
		"REQUEST_METHOD":    "str GET",
		"SCRIPT_NAME":       "str ",
		"PATH_INFO":         "str /some/path",
		"QUERY_STRING":      "str json&colour=blue",
		"SERVER_NAME":       "str ",
		"SERVER_PROTOCOL":   "str HTTP/1.1",
		"wsgi.version":      "tuple [1 0]",
		"wsgi.url_scheme":   "str http",
		"wsgi.run_once":     "bool false",
		"wsgi.multithread":  "bool",
		"wsgi.multiprocess": "bool",
		"wsgi.input":        "",
		"wsgi.errors":       "",
		"HTTP_HOST":         "str 127.0.0.1:",
	} {
		variable, ok := environ[key]
		if is := fmt.Sprint(variable.Type, " ", variable.Value); !ok || !strings.HasPrefix(is, want) {
			t.Errorf("%s is %q, want %q", key, is, want)
		}
	}
}

// The material.

var upload = newUploadForm()

// An uploadForm is a multipart/form-data body with one file of random bytes.
type uploadForm struct{ file, sha256, body, contentType string }

func newUploadForm() uploadForm {
	file := randomBytes(300_000)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	form.WriteField("comment", "not a file")
	part, err := form.CreateFormFile("file", "random.bin")
	if err != nil {
		panic(err)
	}
	part.Write([]byte(file))
	form.Close()
	return uploadForm{file, sum(file), body.String(), form.FormDataContentType()}
}

func randomBytes(size int) string {
	source := rand.NewChaCha8([32]byte{1})
	b := make([]byte, size)
	source.Read(b)
	return string(b)
}

func sum(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

func fileText(name string) string {
	text, err := os.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// fileAndCallable turns "hello.py" into "examples/hello.py:application".
func fileAndCallable(app string) string {
	if !strings.Contains(app, ":") {
		app += ":application"
	}
	return "examples/" + app
}
