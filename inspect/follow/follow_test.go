package follow

import (
	"fmt"
	"strings"
	"testing"

	"glasswsgi/inspect/hub"
	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// exchange is a recording: the request, where variables and the body lie in it, and what was answered.
type exchange struct {
	hub.Exchange
	request string
}

func request(target, head, body string) *exchange {
	e := &exchange{request: "POST " + target + " HTTP/1.1\r\n" + head + "\r\n" + body}
	e.Request.Pieces = []hub.Piece{{Size: len(e.request), Data: []byte(e.request)}}
	path, query, found := strings.Cut(target, "?")
	e.variable("PATH_INFO", wsgi.PercentDecode(path), path)
	if found {
		e.variable("QUERY_STRING", query, query)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(head, "\r\n"), "\r\n") {
		if name, value, found := strings.Cut(line, ": "); found {
			name = strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
			if name != "CONTENT_TYPE" {
				name = "HTTP_" + name
			}
			e.variable(name, value, value)
		}
	}
	if body != "" {
		end := len(e.request)
		for at := end - len(body); at < end; at += 7 { // it came in pieces
			e.Steps = append(e.Steps, hub.Step{Side: "request", Name: "message-body", Wire: parser.Span{Start: at, End: min(at+7, end)}})
		}
	}
	return e
}

func (e *exchange) variable(name, value, raw string) {
	at := strings.Index(e.request, raw)
	e.Environ = append(e.Environ, hub.Variable{Name: name, Value: wsgi.Latin1(value), Wire: parser.Span{Start: at, End: at + len(raw)}})
}

// answer is a response; blocks are its body, with framing between them.
func (e *exchange) answer(head string, blocks ...string) *exchange {
	message := "HTTP/1.1 200 OK\r\n"
	origin := func(by hub.Author, text string) {
		e.Response.Origins = append(e.Response.Origins, hub.Origin{By: by, Wire: parser.Span{Start: len(message), End: len(message) + len(text)}})
		message += text
	}
	origin(hub.ByStartResponse, head+"\r\n")
	for _, block := range blocks {
		origin(hub.ByServer, "\r\n5\r\n")
		origin(hub.ByBlock, block)
	}
	e.Response.Pieces = []hub.Piece{{Size: len(message), Data: []byte(message)}}
	return e
}

func (e *exchange) holds(name, text string) *exchange {
	e.Texts = append(e.Texts, hub.Held{Name: name, Text: text, Place: hub.Place{File: "app.py", Line: 7, Function: "view"}})
	return e
}

// told writes trails one a line: variable, bytes of the request, value, variables that held it, bytes of the response.
func told(e *exchange) string {
	var out strings.Builder
	response := e.Response.Bytes()
	for _, t := range Of(&e.Exchange) {
		fmt.Fprintf(&out, "%s |%s| %q", t.Name, e.request[t.Wire.Start:t.Wire.End], t.Text)
		for _, s := range t.Held {
			fmt.Fprintf(&out, " %s.%s", s.Place.Function, s.Name)
		}
		for _, r := range t.Response {
			fmt.Fprintf(&out, " -> %s%q", r.Form, response[r.Wire.Start:r.Wire.End])
		}
		out.WriteString("\n")
	}
	return out.String()
}

func TestOf(t *testing.T) {
	const form, json = "Content-Type: application/x-www-form-urlencoded\r\n", "Content-Type: application/json; charset=utf-8\r\n"
	for _, row := range []struct {
		name string
		x    *exchange
		want string
	}{
		{"a segment of the path", request("/hello/bob", "", "").answer("X: y", "Hello bob!"), `PATH_INFO |bob| "bob" -> "bob"`},
		{"the whole, and not its parts", request("/hello/bob", "", "").answer("X: y", "at /hello/bob."), `PATH_INFO |/hello/bob| "/hello/bob" -> "/hello/bob"`},
		{"the whole here, a part there", request("/a/bob", "", "").answer("Location: /a/bob", "bob"), `PATH_INFO |/a/bob| "/a/bob" -> "/a/bob"` + "\n" + `PATH_INFO |bob| "bob" -> "bob"`},
		{"not within a word", request("/bob", "", "").answer("X: y", "bobsled kabob bob2"), ``},
		{"too short", request("/x?q=ab", "", "").answer("X: y", "ab"), ``},
		{"decoded", request("/?q=caf%C3%A9+au+lait", "", "").answer("X: y", "one café au lait"), `QUERY_STRING |caf%C3%A9+au+lait| "café au lait" -> "café au lait"`},
		{"encoded", request("/?q=caf%C3%A9", "", "").answer("Location: /caf%C3%A9", ""), `QUERY_STRING |caf%C3%A9| "café" -> percent"caf%C3%A9"`},
		{"as HTML", request("/?q=%3Cb%3E%22it's%22", "", "").answer("X: y", "&lt;b&gt;&quot;it&#x27;s&quot;", " &lt;b&gt;&#34;it&#39;s&#34;"),
			`QUERY_STRING |%3Cb%3E%22it's%22| "<b>\"it's\"" -> html"&lt;b&gt;&quot;it&#x27;s&quot;" -> html"&lt;b&gt;&#34;it&#39;s&#34;"`},
		{"as JSON", request("/?q=%22%E4%B8%AD%F0%9F%98%80%22", "", "").answer("X: y", `"\"\u4e2d\ud83d\ude00\""`), `QUERY_STRING |%22%E4%B8%AD%F0%9F%98%80%22| "\"中😀\"" -> json"\\\"\\u4e2d\\ud83d\\ude00\\\""`},
		{"encoded twice", request("/?q=caf%C3%A9", "", "").answer("X: y", "cafÃ©"), `QUERY_STRING |caf%C3%A9| "café" -> doubled"cafÃ©"`},
		{"from block to block", request("/bob", "", "").answer("X: y", "b", "ob"), `PATH_INFO |bob| "bob" -> "b\r\n5\r\nob"`},
		{"a field", request("/", "X-Name: Ada L\r\n", "").answer("X-Name: Ada L", ""), `HTTP_X_NAME |Ada L| "Ada L" -> "Ada L"`},
		{"a cookie", request("/", "Cookie: a=1; name=Ada\r\n", "").answer("X: y", "<Ada>"), `HTTP_COOKIE |Ada| "Ada" -> "Ada"`},
		{"what the server writes", request("/HTTP", "", "").answer("X: y", ""), ``},
		{"a form", request("/", form, "a=1&name=Ada+L").answer("X: y", "Ada L"), `wsgi.input |Ada+L| "Ada L" -> "Ada L"`},
		{"JSON, no names", request("/", json, `{"name": "A\u0064a", "user": 1234, "x": 12}`).answer("X: y", "name Ada user 1234 12"), `wsgi.input |A\u0064a| "Ada" -> "Ada"` + "\n" + `wsgi.input |1234| "1234" -> "1234"`},
		{"a part", request("/", "Content-Type: multipart/form-data; boundary=xyz\r\n", "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nAda\r\n--xyz--\r\n").answer("X: y", "Ada"), `wsgi.input |Ada| "Ada" -> "Ada"`},
		{"text", request("/", "Content-Type: text/plain\r\n", "all of it").answer("X: y", "> all of it"), `wsgi.input |all of it| "all of it" -> "all of it"`},
		{"held", request("/?q=caf%C3%A9", "", "").holds("name", "café").holds("name", "café").holds("native", "un cafÃ©").holds("other", "cafés"), `QUERY_STRING |caf%C3%A9| "café" view.name view.native`},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := strings.TrimSpace(told(row.x)); got != row.want {
				t.Errorf("got\n%s\nnot\n%s", got, row.want)
			}
		})
	}
}

// TestOfEdited: what a session has changed is followed as a whole, and not by the bytes, which say something else.
func TestOfEdited(t *testing.T) {
	e := request("/hello/bob", "", "").answer("X: y", "bob /hello/eve")
	e.Environ[0].Value, e.Environ[0].Edited = "/hello/eve", true
	if got, want := told(e), `PATH_INFO |/hello/bob| "/hello/eve" -> "/hello/eve"`+"\n"; got != want {
		t.Errorf("got %s, not %s", got, want)
	}
}

// TestOfBounds: a body of a megabyte with many values is looked at as far as the limits say.
func TestOfBounds(t *testing.T) {
	e := request("/", "Content-Type: application/x-www-form-urlencoded\r\n", strings.Repeat("a=same&", 1000)).answer("X: y", strings.Repeat("same ", 200_000))
	trails := Of(&e.Exchange)
	if len(trails) == 0 || len(trails) > MaxValues {
		t.Fatalf("%d trails", len(trails))
	}
	for _, trail := range trails {
		if len(trail.Response) != MaxSightings || trail.Response[0].Wire.End > MaxLooked {
			t.Errorf("%d places in the response, the first at %v", len(trail.Response), trail.Response[0].Wire)
		}
	}
}

func BenchmarkOf(b *testing.B) {
	e := request("/hello/bob?name=Ada&language=en", "Host: example.org\r\nUser-Agent: somebody/1.0\r\nAccept-Language: en\r\nCookie: a=bcd; e=fgh\r\n", "").
		answer("Content-Type: text/html", strings.Repeat("<li>Hello, nobody at all</li>\n", 10_000))
	for b.Loop() {
		Of(&e.Exchange)
	}
}
