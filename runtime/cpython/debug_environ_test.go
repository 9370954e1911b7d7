package cpython_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"glasswsgi/inspect/hub"
	"glasswsgi/runtime/cpython"
)

const readingApp = `
import copy, pickle

KEPT = []

def greet(name):
    loud = name.upper()
    return "Hello " + loud

def application(environ, start_response):
    path = environ["PATH_INFO"]
    environ.get("QUERY_STRING"), "HTTP_HOST" in environ, environ.get("HTTP_NONE")
    environ["SCRIPT_NAME"] = "/shop"
    for name in environ:
        if name == "HTTP_X_NOT":
            pass
    dict(environ)["HTTP_X_COPY"]
    assert type(environ) is dict and list(environ)[0].__class__("x") == "x"
    for plain in (copy.deepcopy(environ["HTTP_X_NAME"]), [*pickle.loads(pickle.dumps({k: v for k, v in environ.items() if type(v) is str}))][0]):
        assert type(plain) is str
    for kept in KEPT:
        kept["HTTP_X_KEPT"]
    KEPT.append(environ)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [greet(path[1:]).encode()]
`

// TestReadsOfEnviron: the lines that look variables up, each once; the environ stays a dict, names travel as str, and one that
// is kept tells nothing of the next request. Writing a variable and a loop over the names are no look-up.
func TestReadsOfEnviron(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, readingApp, nil)
		for range 2 {
			if got := d.answer(d.get("/ada HTTP/1.1\r\nX-Name: n\r\nX-Copy: c\r\nX-Kept: k\r\nX-Not: n\r\nX-Rest:")); got != "Hello ADA" {
				t.Fatalf("the answer is %q", got)
			}
			x, _ := d.Hub.Exchange(d.next(hub.ExchangeEnded).Exchange)
			for len(x.Texts) < 5 { // they come by another way than the end
				d.next(hub.ExchangeChanged)
				x, _ = d.Hub.Exchange(x.ID)
			}
			var reads, texts []string
			for _, r := range x.Reads {
				reads = append(reads, fmt.Sprintf("%s:%d", r.Name, r.Place.Line))
			}
			for _, held := range x.Texts {
				texts = append(texts, fmt.Sprintf("%s %s=%s", held.Place.Function, held.Name, held.Text))
			}
			if got, want := strings.Join(reads, " "), "PATH_INFO:11 QUERY_STRING:12 HTTP_HOST:12 HTTP_X_COPY:17 HTTP_X_NAME:19"; got != want {
				t.Errorf("read:\n%s\nnot\n%s", got, want)
			}
			for _, want := range []string{"greet name=ada", "greet loud=ADA", "greet return=Hello ADA", "application path=/ada"} {
				if !slices.Contains(texts, want) {
					t.Errorf("no %q in %q", want, texts)
				}
			}
		}
	})
}

const quotingApp = `
import string

def view(environ):
    return string.Template("$PATH_INFO").substitute(environ)

def application(environ, start_response):
    text = view(environ)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text.encode()]
`

// TestReadsByLibrary: a library's line has the application's own that led there beside it.
func TestReadsByLibrary(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, quotingApp, nil)
		d.answer(d.get("/ada"))
		x, _ := d.Hub.Exchange(d.next(hub.ExchangeEnded).Exchange)
		for len(x.Reads) == 0 {
			d.next(hub.ExchangeChanged)
			x, _ = d.Hub.Exchange(x.ID)
		}
		r := x.Reads[0]
		if len(x.Reads) != 1 || r.Name != "PATH_INFO" || !r.Library || !strings.Contains(r.Place.File, "string") || r.By == nil || r.By.Line != 5 || r.By.Function != "view" {
			t.Errorf("read by %+v", x.Reads)
		}
	})
}
