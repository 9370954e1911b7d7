package command

import (
	"strings"
	"testing"
)

const contractApp = `
class Prefix:
    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        environ["SCRIPT_NAME"] = "/shop"

        def with_header(status, headers, exc_info=None):
            return start_response(status, headers + [("X-Layer", "prefix")], exc_info)

        return self.app(environ, with_header)


def inner(environ, start_response):
    if environ["PATH_INFO"] == "/raise":
        raise ValueError("on purpose")
    if environ["PATH_INFO"] == "/rule":
        start_response("200 OK", [("Connection", "close")])
    environ["wsgi.errors"].write("noted\n")
    body = environ["wsgi.input"].read(3)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return blocks()


def blocks():
    yield b"one"
    yield b"two"


application = Prefix(inner)
`

// TestInspectContract: who says what to whom, with lines, what a layer changes, what is read and written, and why it failed.
func TestInspectContract(t *testing.T) {
	t.Parallel()
	b, r := inspecting(t, "layers.py", contractApp)
	for i, row := range []struct{ path, want string }{
		{"/", `application(environ, start_response)|app(environ, start_response) layers.py:12 SCRIPT_NAME '' → '/shop'|wsgi.errors.write(…) layers.py:20 noted|` +
			`wsgi.input.read(3) → 0 bytes layers.py:21|start_response("200 OK", …) layers.py:22|start_response("200 OK", …) layers.py:10 X-Layer: prefix|return … (of unknown size) layers.py:12|` +
			`yield 3 bytes layers.py:27|yield 3 bytes layers.py:28|close()`},
		{"/raise", `application(environ, start_response)|The application raised|ValueError: on purpose|layers.py:17`},
		{"/rule", `start_response("200 OK", …) layers.py:19|The application broke PEP 3333|header: hop-by-hop`},
	} {
		<-fetch(r.url + row.path)
		b.until("it is in the list", `document.querySelectorAll("#exchanges .ended").length === `+quoted(i+1))
		b.do("look at it", script(`document.querySelector("#exchanges [data-id]").click()`))
		b.until("it is there", `document.querySelector("#facts").textContent.startsWith("#`+quoted(i+1)+` ")`)
		b.do("the contract", script(`document.querySelector("#tab-contract").click()`))
		for _, part := range strings.Split(row.want, "|") {
			b.until(row.path+": "+part, `Array.from(document.querySelectorAll("#panel-contract tbody tr"), e => { const said = e.children[1].cloneNode(true); said.querySelectorAll(".hidden, .said .spec").forEach(e => e.remove()); return said.textContent; }).join("").replace(/\s+/g, "").includes(`+quoted(strings.ReplaceAll(part, " ", ""))+`)`)
		}
		b.shootAt("contract"+strings.ReplaceAll(row.path, "/", "-"), 1280, 800, i == 1)
	}
	b.quiet()
}
