package examples

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"glasswsgi/check/suite"
)

const systemPython = "/usr/bin/python3"

type framework struct {
	name    string
	modules string   // what must be importable
	args    []string // of glass
}

var frameworks = []framework{
	{"Flask", "flask", []string{"examples/frameworks/flask_app.py"}},
	{"Django", "django", []string{"--chdir", "examples/frameworks", "django_site.wsgi"}},
	{"Bottle", "bottle", []string{"examples/frameworks/bottle_app.py"}},
	{"Falcon", "falcon", []string{"examples/frameworks/falcon_app.py"}},
	{"Pyramid", "pyramid", []string{"examples/frameworks/pyramid_app.py"}},
	{"CherryPy", "cherrypy", []string{"examples/frameworks/cherrypy_app.py"}},
	{"web.py", "web", []string{"--chdir", "examples/frameworks", "webpy_app:application"}},
	{"WebOb and Paste", "webob, paste", []string{"examples/frameworks/webob_paste.py"}},
	{"Werkzeug", "werkzeug", []string{"examples/frameworks/werkzeug_app.py"}},
}

// TestFrameworks asks the same of every framework.
func TestFrameworks(t *testing.T) {
	for _, f := range frameworks {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, f.serve(t)...)
			for _, r := range routes(f.name) {
				t.Run(r.name, func(t *testing.T) { r.try(t, s.URL) })
			}
			if f.name == "Django" {
				t.Run("admin", func(t *testing.T) { djangoAdmin(t, s.URL) })
			}
		})
	}
}

// serve is what glass needs to serve the framework's example.
func (f framework) serve(t *testing.T) (args []string) {
	t.Helper()
	requireModules(t, f.modules)
	return append([]string{"--python", systemPython, "-e", "GLASS_EXAMPLE_DATA=" + t.TempDir()}, f.args...)
}

func requireModules(t *testing.T, modules string) {
	t.Helper()
	suite.NeedsMore(t)
	if err := exec.Command(systemPython, "-c", "import "+modules).Run(); err != nil {
		t.Fatalf("%s cannot import %s: run .ci/packages, which installs it", systemPython, modules)
	}
}

type route struct {
	name string
	exchange
}

func routes(framework string) []route {
	megabyte := randomBytes(1 << 20)
	return []route{
		{"index", exchange{is: "Hello from " + framework}},
		{"UTF-8 in the path", exchange{target: "/hello/%E6%9D%8E%20%C3%A9", is: "Hello 李 é"}},
		{"form", exchange{method: "POST", target: "/form", body: "name=Ada+%26+%E6%9D%8E&note=%3Cb%3E",
			fields: []string{"Content-Type", "application/x-www-form-urlencoded"},
			check:  isJSON(`{"name": "Ada & 李", "note": "<b>"}`)}},
		{"JSON", exchange{method: "POST", target: "/json", body: `{"name": "李", "years": [1815, 1852]}`,
			fields: []string{"Content-Type", "application/json"},
			check:  isJSON(`{"name": "李", "years": [1815, 1852]}`)}},
		{"bytes", exchange{method: "POST", target: "/bytes", body: megabyte,
			fields: []string{"Content-Type", "application/octet-stream"},
			is:     megabyte, check: field("Content-Type", "application/octet-stream")}},
		{"upload", exchange{method: "POST", target: "/upload", body: upload.body,
			fields: []string{"Content-Type", upload.contentType},
			check:  isJSON(fmt.Sprintf(`{"filename": "random.bin", "size": %d, "sha256": "%s"}`, len(upload.file), upload.sha256))}},
		{"stream", exchange{target: "/stream", is: "line 0\nline 1\nline 2\nline 3\nline 4\n", check: noContentLength}},
		{"cookies", exchange{target: "/cookies", check: cookiesAB}},
		{"redirect", exchange{target: "/redirect", status: 302, check: redirectsHome}},
		{"missing", exchange{target: "/missing", status: 404}},
		{"error", exchange{target: "/error", status: 500, check: noTraceback}},
		{"static", exchange{target: "/static/style.css", is: fileText("frameworks/static/style.css"), check: isCSS}},
		{"still there", exchange{is: "Hello from " + framework}},
	}
}

func isJSON(want string) func(*testing.T, answer) {
	return func(t *testing.T, got answer) {
		t.Helper()
		var is, should any
		if err := json.Unmarshal([]byte(want), &should); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(got.body), &is); err != nil || !reflect.DeepEqual(is, should) {
			t.Errorf("body %q (%v), want %s", got.body, err, want)
		}
	}
}

func cookiesAB(t *testing.T, got answer) {
	t.Helper()
	values := map[string]string{}
	for _, cookie := range got.Cookies() {
		values[cookie.Name] = cookie.Value
	}
	if len(got.Header.Values("Set-Cookie")) != 2 || values["a"] != "1" || values["b"] != "2" {
		t.Errorf("Set-Cookie: %q", got.Header.Values("Set-Cookie"))
	}
}

// redirectsHome accepts "/" and "http://127.0.0.1:PORT/": RFC 9110 allows both, and some frameworks make it absolute.
func redirectsHome(t *testing.T, got answer) {
	t.Helper()
	location, err := got.Location()
	if err != nil || location.Path != "/" || location.Host != got.Request.URL.Host {
		t.Errorf("Location: %q (%v)", got.Header.Get("Location"), err)
	}
}

func isCSS(t *testing.T, got answer) {
	t.Helper()
	if kind := got.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/css") {
		t.Errorf("Content-Type is %q", kind)
	}
}

var csrfField = regexp.MustCompile(`name="csrfmiddlewaretoken" value="([^"]+)"`)

// djangoAdmin logs in as a browser does: the form's token, the CSRF cookie, the session cookie.
func djangoAdmin(t *testing.T, baseURL string) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: client.Timeout}

	form := browse(t, browser.Get, baseURL+"/admin/")
	token := csrfField.FindStringSubmatch(form)
	if token == nil {
		t.Fatalf("the login page has no CSRF token:\n%s", form)
	}
	login := func(token, password string) string {
		fields := url.Values{"csrfmiddlewaretoken": {token}, "username": {"admin"}, "password": {password}, "next": {"/admin/"}}
		return browse(t, func(url string) (*http.Response, error) { return browser.PostForm(url, fields) },
			baseURL+"/admin/login/")
	}
	if page := login("wrong", "admin"); !strings.Contains(page, "403") {
		t.Errorf("a wrong CSRF token was accepted:\n%s", page)
	}
	if page := login(token[1], "wrong"); !strings.Contains(page, "Please enter the correct username") {
		t.Errorf("a wrong password was accepted:\n%s", page)
	}
	login(token[1], "admin")
	page := browse(t, browser.Get, baseURL+"/admin/")
	for _, phrase := range []string{"Site administration", "Welcome", "/admin/auth/user/"} {
		if !strings.Contains(page, phrase) {
			t.Errorf("the admin page has no %q:\n%s", phrase, page)
		}
	}
	if css := browse(t, browser.Get, baseURL+"/static/admin/css/base.css"); !strings.Contains(css, "body") {
		t.Errorf("the admin's style sheet is %q", css)
	}
}

func browse(t *testing.T, fetch func(url string) (*http.Response, error), url string) (page string) {
	t.Helper()
	response, err := fetch(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil {
		t.Fatal(err)
	}
	return body.String()
}
