package cpython_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"glasswsgi/inspect/hub"
	"glasswsgi/runtime/cpython"
)

const layeredApp = `
class Prefix:
    def __init__(self, app):
        self.app = app
    def __call__(self, environ, start_response):
        environ["SCRIPT_NAME"] = "/shop"
        environ["app.user"] = "Ada"
        def with_header(status, headers, exc_info=None):
            return start_response(status, headers + [("X-Layer", "prefix")], exc_info)
        return self.app(environ, with_header)

def inner(environ, start_response):
    body = environ["wsgi.input"].read(3) + environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [body]

def plain(status, count):
    return status

application = Prefix(inner)
`

// TestSaidBetweenLayers: the layers of a call, what each has changed in the environ, each start_response on its way back, and
// what was read; with the step of the server that each came before.
func TestSaidBetweenLayers(t *testing.T) {
	everyPython(t, func(t *testing.T, interpreter cpython.Interpreter) {
		d := debug(t, interpreter, layeredApp, nil)
		for range 2 { // the second time as the first
			conn, err := net.Dial("tcp", d.address)
			d.must(err)
			fmt.Fprint(conn, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
			id := d.next(hub.ExchangeEnded).Exchange
			conn.Close()
			x, _ := d.Hub.Exchange(id)
			for len(x.Said) < 5 { // what was said comes by another way than the end
				d.next(hub.ExchangeChanged)
				x, _ = d.Hub.Exchange(id)
			}
			var all []string
			for _, s := range x.Said {
				all = append(all, spoken(s))
			}
			want := "0 call Prefix.__call__:5" +
				"; 0 call inner:12 by 10 SCRIPT_NAME='/shop' app.user='Ada'" +
				"; 0 read read(3) 3 by 13; 0 read read() 2 by 13" +
				"; 0 start_response Prefix.__call__.<locals>.with_header:8 by 14 200 OK Content-Type"
			got := strings.ReplaceAll(strings.Join(all, "; "), "call __call__", "call Prefix.__call__") // before 3.11, names have no class
			if got != want {
				t.Errorf("said:\n%s\nnot\n%s", got, want)
			}
		}
	})
}

func spoken(s hub.Said) string {
	text := fmt.Sprintf("%d %s", s.After, s.What)
	if s.To.Function != "" {
		text += fmt.Sprintf(" %s:%d", s.To.Function, s.To.Line)
	}
	if s.What == "read" {
		text += fmt.Sprintf(" %s %d", s.Text, s.Size)
	}
	if s.By != nil {
		text += fmt.Sprintf(" by %d", s.By.Line)
	}
	if s.What == "start_response" {
		text += " " + s.Text
	}
	for _, f := range s.Headers {
		text += " " + f.Name
	}
	for _, c := range s.Changed {
		if c.After != nil {
			text += " " + c.Name + "=" + *c.After
		}
	}
	return text
}
