package relatives

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"glasswsgi/parser"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway"
	"glasswsgi/server/gateway/ajp"
	"glasswsgi/server/gateway/talktest"
)

const get = "GET /caf%C3%A9/%2Fx?q=%20 HTTP/1.1\r\nHost: example:8888\r\nX-Y: 1\r\nCookie: a=1\r\nX-Y: 2\r\nCookie: b=2\r\n\r\n"

var requests = []struct{ name, raw, content string }{
	{"GET", get, ""},
	{"bytes beyond ASCII", "GET /\xe9?\xff HTTP/1.1\r\nHost: example\r\nX: \xe4\xbd\xa0\xff\r\n\r\n", ""},
	{"absolute-form", "GET http://other:1/a/b?c HTTP/1.1\r\nHost: example\r\n\r\n", ""},
	{"asterisk-form", "OPTIONS * HTTP/1.1\r\nHost: example\r\n\r\n", ""},
	{"a method of its own", "BREW /pot HTTP/1.0\r\n\r\n", ""},
	{"content", "POST /form HTTP/1.1\r\nHost: example\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n", "hello"},
	{"much content", "PUT /file HTTP/1.1\r\nHost: example\r\nContent-Length: 20000\r\n\r\n", strings.Repeat("0123456789", 2000)},
	{"content without a length", "POST / HTTP/1.1\r\nHost: example\r\nTransfer-Encoding: chunked\r\n\r\n", "chunks"},
	{"a long value", "GET / HTTP/1.1\r\nHost: example\r\nX-Long: " + strings.Repeat("v", 300) + "\r\n\r\n", ""},
}

var connection = wsgi.Connection{ServerName: "192.0.2.9", ServerPort: "8888", ServerSoftware: "glass/test", RemoteAddr: "192.0.2.1", RemotePort: "50000", URLScheme: "http"}

// environOf derives the environ of the head of a request.
func environOf(t *testing.T, raw string, connection *wsgi.Connection) *wsgi.Environ {
	t.Helper()
	p := parser.New(parser.DefaultLimits)
	p.Feed([]byte(raw))
	for {
		event, err := p.Next()
		if err != nil || event.Kind == parser.NeedData {
			t.Fatalf("%q: %v", raw, err)
		}
		if event.Kind == parser.GotHead {
			return wsgi.NewEnviron(p.Request(), connection)
		}
	}
}

func formNamed(t *testing.T, forms []Form, name string) *Form {
	t.Helper()
	for i := range forms {
		if forms[i].Name == name {
			return &forms[i]
		}
	}
	t.Fatalf("there is no %s", name)
	return nil
}

// TestNames: there is a form for each, in their order.
func TestNames(t *testing.T) {
	var names []string
	for _, f := range Of(environOf(t, get, &connection), nil) {
		names = append(names, f.Name)
	}
	if !slices.Equal(names, Names) {
		t.Errorf("got %v, want %v", names, Names)
	}
}

// TestTheSameEnviron: the server that speaks a protocol makes the same environ of the message as of the request itself.
func TestTheSameEnviron(t *testing.T) {
	secure := connection
	secure.URLScheme = "https"
	for _, row := range requests {
		for _, facts := range []*wsgi.Connection{&connection, &secure} {
			forms := Of(environOf(t, row.raw, facts), []byte(row.content))
			for _, protocol := range gateway.Protocols {
				t.Run(row.name+"/"+facts.URLScheme+"/"+protocol.Name, func(t *testing.T) {
					t.Parallel()
					message := formNamed(t, forms, protocol.Name)
					if message.Problem != "" {
						t.Fatal(message.Problem)
					}
					got, content := received(t, protocol.Name, message.Message)
					if content != row.content {
						t.Errorf("the content is %q", content)
					}
					for _, want := range formNamed(t, forms, "wsgi").Entries {
						if value, known := got[want.Key]; !want.Literal && (!known || value != want.Value) && !lost(protocol.Name, want.Key) {
							t.Errorf("%s: got %q, want %q", want.Key, value, want.Value)
						}
					}
				})
			}
		}
	}
}

// lost says what a protocol has no place for.
func lost(protocol, key string) bool {
	return protocol == "ajp" && (key == "SERVER_SOFTWARE" || key == "REMOTE_PORT")
}

// received has a server decode a message, and returns what its application gets.
func received(t *testing.T, protocol string, message []byte) (environ map[string]string, content string) {
	t.Helper()
	environ = map[string]string{}
	app := native.Callable(func(e *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		for _, v := range e.Variables {
			environ[v.Name] = wsgi.Latin1(v.Value)
		}
		environ["wsgi.url_scheme"] = e.URLScheme
		all, err := io.ReadAll(e.Input)
		if err != nil {
			return nil, err
		}
		content = string(all)
		_, err = start("204 No Content", nil, nil)
		return native.Body(""), err
	})
	s := talktest.New(t, protocol, front.Config{Application: app, Software: "glass", Errors: io.Discard})
	if answer := talktest.Talk(t, s, message); len(answer) == 0 {
		t.Error("there is no answer")
	}
	return environ, content
}

// TestTokens: they lie side by side, and a value stands where its entry says.
func TestTokens(t *testing.T) {
	for _, row := range requests {
		for _, f := range Of(environOf(t, row.raw, &connection), []byte(row.content)) {
			at := 0
			for _, token := range f.Tokens {
				if token.Start != at || token.End <= at {
					t.Fatalf("%s, %s: token %v begins after byte %d", row.name, f.Name, token, at)
				}
				at = token.End
				if token.Name == "Data" && token.End-token.Start > ajp.LargestData {
					t.Errorf("%s: %v is too long", row.name, token)
				}
			}
			if at != f.Length || len(f.Message) != f.Length {
				t.Errorf("%s, %s: the tokens end at %d, of %d", row.name, f.Name, at, f.Length)
			}
			for _, e := range f.Entries {
				if text := ""; f.Message != nil && len(e.Wire) > 0 && !e.Literal && e.Key != "method" && e.Key != "server_port" && e.Key != "is_ssl" {
					for _, span := range e.Wire {
						text += string(f.Message[span.Start:span.End])
					}
					if wsgi.Latin1(text) != e.Value {
						t.Errorf("%s, %s: %s is %q, and its bytes are %q", row.name, f.Name, e.Key, e.Value, text)
					}
				}
			}
		}
	}
}

// TestKeys: what the dictionaries call the same thing.
func TestKeys(t *testing.T) {
	e := environOf(t, requests[5].raw, &connection)
	e.Set("SCRIPT_NAME", "/fo")
	e.Set("PATH_INFO", "/a b")
	e.Set("REQUEST_URI", "/f%6F/a%20b?x")
	e.URLScheme, e.Multithread = "https", true
	forms := Of(e, []byte("hello"))
	want := map[string]string{ // WSGI, CGI, Rack, PSGI, JSGI
		"REQUEST_METHOD":   `REQUEST_METHOD="POST" REQUEST_METHOD="POST" REQUEST_METHOD="POST" REQUEST_METHOD="POST" method="POST"`,
		"SCRIPT_NAME":      `SCRIPT_NAME="/fo" SCRIPT_NAME="/fo" SCRIPT_NAME="/fo" SCRIPT_NAME="/fo" scriptName="/f%6F"`,
		"PATH_INFO":        `PATH_INFO="/a b" PATH_INFO="/a b" PATH_INFO="/a b" PATH_INFO="/a b" pathInfo="/a%20b"`,
		"SERVER_PROTOCOL":  `SERVER_PROTOCOL="HTTP/1.1" SERVER_PROTOCOL="HTTP/1.1" SERVER_PROTOCOL="HTTP/1.1" SERVER_PROTOCOL="HTTP/1.1" version=[1, 1]`,
		"SERVER_PORT":      `SERVER_PORT="8888" SERVER_PORT="8888" SERVER_PORT="8888" SERVER_PORT="8888" port=8888`,
		"CONTENT_TYPE":     `CONTENT_TYPE="text/plain" CONTENT_TYPE="text/plain" CONTENT_TYPE="text/plain" CONTENT_TYPE="text/plain" headers["content-type"]="text/plain"`,
		"REQUEST_URI":      `REQUEST_URI="/f%6F/a%20b?x" REQUEST_URI="/f%6F/a%20b?x" REQUEST_URI="/f%6F/a%20b?x" REQUEST_URI="/f%6F/a%20b?x" env.REQUEST_URI="/f%6F/a%20b?x"`,
		"wsgi.version":     `wsgi.version=(1, 0) - rack.version=[1, 3] psgi.version=[1, 1] jsgi.version=[0, 3]`,
		"wsgi.url_scheme":  `wsgi.url_scheme="https" HTTPS="on" rack.url_scheme="https" psgi.url_scheme="https" scheme="https"`,
		"wsgi.input":       `wsgi.input=a stream of 5 bytes standard input=a stream of 5 bytes rack.input=a stream of 5 bytes psgi.input=a stream of 5 bytes input=a stream of 5 bytes`,
		"wsgi.multithread": `wsgi.multithread=True - rack.multithread=true psgi.multithread=1 jsgi.multithread=true`,
		"wsgi.run_once":    `wsgi.run_once=False - rack.run_once=false psgi.run_once='' jsgi.runOnce=false`,
		"rack.hijack?":     `- - rack.hijack?=false - -`,
		"psgi.streaming":   `- - - psgi.streaming=1 -`,
	}
	for _, row := range Rows(forms[:5]) {
		var cells []string
		for _, e := range row.Cells {
			cell := "-"
			if e != nil {
				cell = e.Key + "=" + e.quoted()
			}
			cells = append(cells, cell)
		}
		if got := strings.Join(cells, " "); want[row.Of] != "" && got != want[row.Of] {
			t.Errorf("%s:\ngot  %s\nwant %s", row.Of, got, want[row.Of])
		}
		delete(want, row.Of)
	}
	for of := range want {
		t.Errorf("there is no %s", of)
	}
}

// TestEncodedPath: JSGI has the path as it was sent, as far as the environ has not been changed since.
func TestEncodedPath(t *testing.T) {
	for _, row := range []struct{ uri, script, info, want string }{
		{"/a%20b/%2Fc?d", "", "/a b//c", `scriptName="" pathInfo="/a%20b/%2Fc"`},
		{"/a%20b/%2Fc", "/a b", "//c", `scriptName="/a%20b" pathInfo="/%2Fc"`},
		{"/a%20b", "/a b", "", `scriptName="/a%20b" pathInfo=""`},
		{"/a%20b", "/a b", "/other", `scriptName="/a b" pathInfo="/other"`},
		{"http://other", "", "/", `scriptName="" pathInfo="/"`},
		{"no target", "", "/x", `scriptName="" pathInfo="/x"`},
	} {
		e := environOf(t, get, &connection)
		e.Set("REQUEST_URI", row.uri)
		e.Set("SCRIPT_NAME", row.script)
		e.Set("PATH_INFO", row.info)
		var got []string
		for _, entry := range formNamed(t, Of(e, nil), "jsgi").Entries {
			if entry.Of == "SCRIPT_NAME" || entry.Of == "PATH_INFO" {
				got = append(got, entry.Key+"="+entry.quoted())
			}
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%s: got %s, want %s", row.uri, got, row.want)
		}
	}
}

// TestFirstOfMany: a row shows where a content in several packets begins.
func TestFirstOfMany(t *testing.T) {
	forms := Of(environOf(t, requests[6].raw, &connection), []byte(requests[6].content))
	for _, row := range Rows(forms) {
		if of, e := row.Of, row.Cells[len(Names)-1]; of == "wsgi.input" && e.Value != "8186 bytes" {
			t.Errorf("got %v", *e)
		}
	}
}

// TestWhereThereIsNoMessage: what does not fit, or is not all there.
func TestWhereThereIsNoMessage(t *testing.T) {
	large := environOf(t, get, &connection)
	large.Set("HTTP_X", strings.Repeat("v", largestPacket-40))
	for _, row := range []struct {
		environ *wsgi.Environ
		content string
		want    map[string]string
	}{
		{large, "", map[string]string{"uwsgi": "too large", "ajp": "too large"}},
		{environOf(t, requests[5].raw, &connection), "hell", map[string]string{"fastcgi": "5 bytes, of which 4", "scgi": "5 bytes", "uwsgi": "5 bytes", "ajp": "5 bytes"}},
	} {
		for _, f := range Of(row.environ, []byte(row.content)) {
			if last := len(f.Entries) - 1; row.content != "" && f.Name == "cgi" && f.Entries[last-1].Value != "a stream of 5 bytes" {
				t.Errorf("got %v", f.Entries[last-1])
			}
			if want := row.want[f.Name]; want == "" {
				if f.Problem != "" {
					t.Errorf("%s: %s", f.Name, f.Problem)
				}
			} else if !strings.Contains(f.Problem, want) || f.Message != nil || f.Tokens != nil || f.Entries != nil || f.Print(io.Discard) == nil {
				t.Errorf("%s: %q, not %q", f.Name, f.Problem, want)
			}
		}
	}
}

// TestClip: what is left is a part of the message, and explained to its end.
func TestClip(t *testing.T) {
	e := environOf(t, requests[6].raw, &connection)
	for _, most := range []int{1, 10, 500, 1 << 20} {
		for _, f := range Of(e, []byte(requests[6].content)) {
			whole := f.Length
			f.Clip(most)
			end := 0
			if len(f.Tokens) > 0 {
				end = f.Tokens[len(f.Tokens)-1].End
			}
			if len(f.Message) != min(whole, most) || end != len(f.Message) || f.Length != whole {
				t.Errorf("%s to %d: %d bytes of %d, explained to %d", f.Name, most, len(f.Message), f.Length, end)
			}
		}
	}
}

// TestPrint shows what a reader gets.
func TestPrint(t *testing.T) {
	forms := Of(environOf(t, requests[5].raw, &connection), []byte("hello"))
	var out strings.Builder
	Print(&out, forms)
	for i := range forms {
		fmt.Fprintln(&out, "---", forms[i].Title)
		forms[i].Print(&out)
	}
	lines := map[string]bool{}
	for line := range strings.Lines(out.String()) {
		lines[strings.Join(strings.Fields(line), " ")] = true
	}
	for _, want := range []string{
		"WSGI CGI Rack PSGI JSGI VALUE",
		`PATH_INFO = = = pathInfo "/form"`,
		`wsgi.multithread - rack.multithread false psgi.multithread '' jsgi.multithread false False`,
		"- - rack.hijack? false - -",
		"KEY HTTP FastCGI SCGI uwsgi AJP",
		"REQUEST_METHOD 0-4 40-44 43-47 41-45 method 5-6",
		"REMOTE_PORT - 257-262 260-265 280-285 req_attribute 111-116",
		"--- FastCGI",
		"0-8 FCGI_Header 01 01 00 01 00 08 00 00 FCGI_BEGIN_REQUEST, request 1, 8 bytes",
		"--- JSGI",
		`headers["content-length"] 78-79 "5"`,
	} {
		if !lines[want] {
			t.Errorf("there is no line %q in\n%s", want, out.String())
		}
	}
}
