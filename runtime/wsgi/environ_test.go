package wsgi_test

import (
	"fmt"
	"strings"
	"testing"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// parse reads the head of a raw request.
func parse(t testing.TB, raw string) *parser.Request {
	t.Helper()
	p := parser.New(parser.DefaultLimits)
	p.Feed([]byte(raw))
	for {
		event, err := p.Next()
		if err != nil || event.Kind == parser.NeedData {
			t.Fatalf("%q: %v, %v", raw, event.Kind, err)
		}
		if event.Kind == parser.GotHead {
			return p.Request()
		}
	}
}

var connection = wsgi.Connection{ServerName: "127.0.0.1", ServerPort: "8888", ServerSoftware: "glass",
	RemoteAddr: "10.0.0.1", RemotePort: "5000", URLScheme: "http"}

// What a request becomes. Only the named variables are compared; "-" means that there must be none.
var environs = []struct {
	name, request string
	want          []string
}{
	{"origin-form", "GET /a/b?x=1&y=%20 HTTP/1.1\r\nHost: example.org:81\r\n\r\n",
		[]string{"REQUEST_METHOD=GET", "SCRIPT_NAME=", "PATH_INFO=/a/b", "QUERY_STRING=x=1&y=%20", "REQUEST_URI=/a/b?x=1&y=%20",
			"SERVER_PROTOCOL=HTTP/1.1", "HTTP_HOST=example.org:81", "SERVER_NAME=127.0.0.1", "SERVER_PORT=8888",
			"REMOTE_ADDR=10.0.0.1", "REMOTE_PORT=5000", "GATEWAY_INTERFACE=CGI/1.1", "SERVER_SOFTWARE=glass",
			"CONTENT_TYPE-", "CONTENT_LENGTH-"}},
	{"no query: QUERY_STRING is there and empty", "GET / HTTP/1.0\r\n\r\n", []string{"QUERY_STRING=", "SERVER_PROTOCOL=HTTP/1.0", "HTTP_HOST-"}},
	{"percent-encoded path: bytes as Latin-1", "GET /%E4%BD%A0%2Fx%00 HTTP/1.0\r\n\r\n", []string{"PATH_INFO=/\xe4\xbd\xa0/x\x00"}},
	{"raw bytes in the path", "GET /\xe4\xbd\xa0 HTTP/1.0\r\n\r\n", []string{"PATH_INFO=/\xe4\xbd\xa0"}},
	{"plus is no space", "GET /a+b HTTP/1.0\r\n\r\n", []string{"PATH_INFO=/a+b"}},
	{"two slashes", "GET //a//b HTTP/1.0\r\n\r\n", []string{"PATH_INFO=//a//b"}},
	{"asterisk-form", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", []string{"PATH_INFO=*", "QUERY_STRING="}},
	{"absolute-form: its authority replaces Host", "GET http://real.example/p?q HTTP/1.1\r\nHost: other\r\n\r\n",
		[]string{"PATH_INFO=/p", "QUERY_STRING=q", "HTTP_HOST=real.example"}},
	{"absolute-form without path", "GET http://real.example HTTP/1.1\r\nHost: other\r\n\r\n", []string{"PATH_INFO=/", "HTTP_HOST=real.example"}},
	{"absolute-form in 1.0 without Host", "GET http://real.example/ HTTP/1.0\r\n\r\n", []string{"HTTP_HOST=real.example"}},
	{"field names", "GET / HTTP/1.0\r\nX-Long-Name: v\r\nuser-AGENT: curl\r\n\r\n", []string{"HTTP_X_LONG_NAME=v", "HTTP_USER_AGENT=curl"}},
	{"empty value", "GET / HTTP/1.0\r\nX:\r\n\r\n", []string{"HTTP_X="}},
	{"value bytes as Latin-1", "GET / HTTP/1.0\r\nX: \xe9\r\n\r\n", []string{"HTTP_X=\xe9"}},
	{"repeated field", "GET / HTTP/1.0\r\nX: a\r\nY: b\r\nx: c\r\n\r\n", []string{"HTTP_X=a, c", "HTTP_Y=b"}},
	{"repeated Cookie", "GET / HTTP/1.0\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n", []string{"HTTP_COOKIE=a=1; b=2"}},
	{"underscore: dropped, cannot pose", "GET / HTTP/1.0\r\nX_Forwarded-For: evil\r\nX-Forwarded-For: good\r\n\r\n", []string{"HTTP_X_FORWARDED_FOR=good"}},
	{"underscore alone: dropped", "GET / HTTP/1.0\r\nREMOTE_ADDR: evil\r\n\r\n", []string{"HTTP_REMOTE_ADDR-", "REMOTE_ADDR=10.0.0.1"}},
	{"content fields have no HTTP_", "POST / HTTP/1.0\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n",
		[]string{"CONTENT_TYPE=text/plain", "CONTENT_LENGTH=5", "HTTP_CONTENT_TYPE-", "HTTP_CONTENT_LENGTH-"}},
	{"Content-Length normalised", "POST / HTTP/1.0\r\nContent-Length: 0005\r\n\r\n", []string{"CONTENT_LENGTH=5"}},
	{"Transfer-Encoding is the server's", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
		[]string{"HTTP_TRANSFER_ENCODING-", "CONTENT_LENGTH-"}},
}

func TestEnviron(t *testing.T) {
	for _, row := range environs {
		t.Run(row.name, func(t *testing.T) {
			environ := wsgi.NewEnviron(parse(t, row.request), &connection)
			for _, want := range row.want {
				if name, absent := strings.CutSuffix(want, "-"); absent && !strings.Contains(want, "=") {
					if value, ok := environ.Lookup(name); ok {
						t.Errorf("%s is there: %q", name, value)
					}
					continue
				}
				name, value, _ := strings.Cut(want, "=")
				if got, ok := environ.Lookup(name); !ok || got != value {
					t.Errorf("%s = %q, %v, want %q", name, got, ok, value)
				}
			}
		})
	}
}

// TestVariablesKnowTheirBytes: whatever value came from the wire, its ranges show where.
func TestVariablesKnowTheirBytes(t *testing.T) {
	request := parse(t, "GET http://h/p?q=1 HTTP/1.1\r\nHost: other\r\nX: a\r\nCookie: b=1\r\nx:  c \r\nCookie: d=2\r\n\r\n")
	environ := wsgi.NewEnviron(request, &connection)
	seen := 0
	for _, v := range environ.Variables {
		var parts []string
		for _, span := range append([]parser.Span{v.Wire}, v.More...) {
			if span.Len() > 0 {
				parts = append(parts, request.Text(span))
			}
		}
		if len(parts) == 0 {
			continue
		}
		seen++
		if joined := strings.Join(parts, ", "); v.Value != joined && v.Value != strings.Join(parts, "; ") {
			t.Errorf("%s = %q, and its bytes are %q", v.Name, v.Value, joined)
		}
	}
	if seen != 8 { // method, path, query, URI, protocol, host, X, cookie
		t.Errorf("%d variables know their bytes", seen)
	}
}

func TestEnvironSet(t *testing.T) {
	environ := wsgi.NewEnviron(parse(t, "GET /a HTTP/1.0\r\n\r\n"), &connection)
	environ.Set("PATH_INFO", "/b")
	environ.Set("my.key", "v")
	if environ.Value("PATH_INFO") != "/b" || environ.Value("my.key") != "v" || environ.Value("none") != "" {
		t.Errorf("%v", environ.Variables)
	}
}

func TestLatin1(t *testing.T) {
	for native, want := range map[string]string{"": "", "abc": "abc", "\xe9\x80": "é\u0080"} {
		if got := wsgi.Latin1(native); got != want {
			t.Errorf("Latin1(%q) = %q", native, got)
		}
	}
}

func BenchmarkNewEnviron(b *testing.B) {
	request := parse(b, "GET /index.html?q=1 HTTP/1.1\r\nHost: localhost:8888\r\nUser-Agent: Mozilla/5.0\r\nAccept: text/html\r\n"+
		"Accept-Language: en\r\nAccept-Encoding: gzip\r\nCookie: a=b\r\nConnection: keep-alive\r\n\r\n")
	b.ReportAllocs()
	for b.Loop() {
		wsgi.NewEnviron(request, &connection)
	}
}

func ExampleNewEnviron() {
	p := parser.New(parser.DefaultLimits)
	p.Feed([]byte("GET /caf%C3%A9?a=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	for event, err := p.Next(); err == nil && event.Kind != parser.GotHead; event, err = p.Next() {
	}
	environ := wsgi.NewEnviron(p.Request(), &wsgi.Connection{ServerName: "localhost", ServerPort: "80"})
	for _, name := range []string{"REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "HTTP_HOST"} {
		fmt.Printf("%s = %q\n", name, wsgi.Latin1(environ.Value(name)))
	}
	// Output:
	// REQUEST_METHOD = "GET"
	// PATH_INFO = "/cafÃ©"
	// QUERY_STRING = "a=1"
	// HTTP_HOST = "localhost"
}
