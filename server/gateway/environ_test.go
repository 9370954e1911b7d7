package gateway_test

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/gateway/fastcgi"
	"glasswsgi/server/gateway/token"
)

// tell answers with some variables of the environ.
func tell(names ...string) wsgi.Application {
	return native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		_, err := start("200 OK", []wsgi.Header{{Name: "Content-Type", Value: "text/plain"}}, nil)
		var told []string
		for _, name := range names {
			value, ok := environ.Lookup(name)
			switch {
			case name == "wsgi.url_scheme":
				value = environ.URLScheme
			case !ok:
				value = "-"
			}
			told = append(told, fmt.Sprintf("%q", value))
		}
		return native.Body(strings.Join(told, " ")), err
	})
}

// TestPath: whatever a web server makes of it, the path is what the client has sent.
func TestPath(t *testing.T) {
	rows := []struct {
		name, uri string
		variables []token.Variable
		want      string // SCRIPT_NAME PATH_INFO QUERY_STRING REQUEST_URI
	}{
		{"plain", "/a", nil, `"" "/a" "" "/a"`},
		{"query", "/a?b=c&d", nil, `"" "/a" "b=c&d" "/a?b=c&d"`},
		{"escapes", "/caf%C3%A9%2Fx%20y", nil, `"" "/café/x y" "" "/caf%C3%A9%2Fx%20y"`},
		{"slashes", "//a//b", nil, `"" "//a//b" "" "//a//b"`},
		{"absolute-form", "http://example/a?b", nil, `"" "/a" "b" "http://example/a?b"`},
		{"no path", "http://example", nil, `"" "/" "" "http://example"`},
		{"a mount", "/app/x", []token.Variable{variable("SCRIPT_NAME", "/app"), variable("PATH_INFO", "/x")}, `"/app" "/x" "" "/app/x"`},
		{"a mount, and its root", "/app", []token.Variable{variable("SCRIPT_NAME", "/app"), variable("PATH_INFO", "")}, `"/app" "" "" "/app"`},
		{"a mount, and an escape", "/app/%2F", []token.Variable{variable("SCRIPT_NAME", "/app"), variable("PATH_INFO", "//")}, `"/app" "//" "" "/app/%2F"`},
		{"a mount that is not in the path", "/apple", []token.Variable{variable("SCRIPT_NAME", "/app"), variable("PATH_INFO", "le")}, `"" "/apple" "" "/apple"`},
		{"the root is no mount", "/x", []token.Variable{variable("SCRIPT_NAME", "/"), variable("PATH_INFO", "x")}, `"" "/x" "" "/x"`},
		{"the root is no mount, with two slashes", "//x", []token.Variable{variable("SCRIPT_NAME", "/"), variable("PATH_INFO", "/x")}, `"" "//x" "" "//x"`},
		{"the whole path is no mount", "/x", []token.Variable{variable("SCRIPT_NAME", "/x")}, `"" "/x" "" "/x"`},
		{"PATH_INFO alone", "/x", []token.Variable{variable("SCRIPT_NAME", ""), variable("PATH_INFO", "/y")}, `"" "/x" "" "/x"`},
	}
	each(t, func(t *testing.T, c client) {
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				inBubble(t, c, tell("SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "REQUEST_URI"), func(t *testing.T, connect func() net.Conn, _ *log) {
					got := ask(t, c, connect, request{method: "GET", uri: row.uri, variables: row.variables})
					if got.body != row.want {
						t.Errorf("got %v\nwant %s", got, row.want)
					}
				})
			})
		}
	})
}

// TestAsterisk: OPTIONS is about the server itself.
func TestAsterisk(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		inBubble(t, c, tell("SCRIPT_NAME", "PATH_INFO"), func(t *testing.T, connect func() net.Conn, _ *log) {
			if got := ask(t, c, connect, request{method: "OPTIONS", uri: "*"}); got.body != `"" "*"` {
				t.Errorf("got %v", got)
			}
		})
	})
}

// TestVariables are the same by every protocol, as far as it has them.
func TestVariables(t *testing.T) {
	rows := []struct {
		name      string
		variables []token.Variable
		ask, want string
		not       string // protocols that have no such thing
	}{
		{"what PEP 3333 wants is never empty", nil, "REQUEST_METHOD SERVER_NAME SERVER_PORT SERVER_PROTOCOL", `"GET" "localhost" "80" "HTTP/1.1"`, ""},
		{"SERVER_NAME may be known by its address", []token.Variable{variable("SERVER_ADDR", "192.0.2.9")}, "SERVER_NAME", `"192.0.2.9"`, ""},
		{"the client", nil, "REMOTE_ADDR HTTP_HOST", `"192.0.2.1" "example"`, ""},
		{"fields", []token.Variable{variable("HTTP_X_A", "b"), variable("HTTP_ACCEPT", "*/*")}, "HTTP_X_A HTTP_ACCEPT", `"b" "*/*"`, ""},
		{"a field twice", []token.Variable{variable("HTTP_X_A", "b"), variable("HTTP_X_A", "c")}, "HTTP_X_A", `"b, c"`, ""},
		{"a cookie twice", []token.Variable{variable("HTTP_COOKIE", "a=1"), variable("HTTP_COOKIE", "b=2")}, "HTTP_COOKIE", `"a=1; b=2"`, ""},
		{"Host twice: the last one", []token.Variable{variable("HTTP_HOST", "h:80")}, "HTTP_HOST", `"h:80"`, ""},
		{"no transfer coding, and no length of it", []token.Variable{variable("HTTP_TRANSFER_ENCODING", "chunked"), variable("HTTP_CONTENT_TYPE", "x")},
			"HTTP_TRANSFER_ENCODING HTTP_CONTENT_TYPE", `"-" "-"`, "ajp"},
		{"no empty CONTENT_TYPE", []token.Variable{variable("CONTENT_TYPE", "")}, "CONTENT_TYPE", `"-"`, ""},
		{"CONTENT_TYPE", []token.Variable{variable("CONTENT_TYPE", "text/plain")}, "CONTENT_TYPE HTTP_CONTENT_TYPE", `"text/plain" "-"`, ""},
		{"the content-type of AJP", []token.Variable{variable("HTTP_CONTENT_TYPE", "text/plain")}, "CONTENT_TYPE HTTP_CONTENT_TYPE", `"text/plain" "-"`, "fastcgi scgi uwsgi"},
		{"another variable twice: the last one", []token.Variable{variable("X", "1"), variable("X", "2")}, "X", `"2"`, ""},
		{"bytes beyond ASCII", []token.Variable{variable("HTTP_X_A", "\xe9")}, "HTTP_X_A", `"\xe9"`, ""},
		{"TLS", []token.Variable{variable("HTTPS", "on")}, "wsgi.url_scheme HTTPS", `"https" "on"`, ""},
		{"TLS, as Apache may say it", []token.Variable{variable("HTTPS", "1")}, "wsgi.url_scheme", `"https"`, "ajp"},
		{"no TLS, as some say it", []token.Variable{variable("HTTPS", "off")}, "wsgi.url_scheme", `"http"`, "ajp"},
		{"TLS, as lighttpd says it", []token.Variable{variable("REQUEST_SCHEME", "https")}, "wsgi.url_scheme", `"https"`, ""},
		{"no TLS", []token.Variable{variable("REQUEST_SCHEME", "http")}, "wsgi.url_scheme", `"http"`, ""},
		{"software", nil, "SERVER_SOFTWARE GATEWAY_INTERFACE", `"glass" "CGI/1.1"`, ""},
		{"the web server's software", []token.Variable{variable("SERVER_SOFTWARE", "nginx")}, "SERVER_SOFTWARE", `"nginx"`, ""},
	}
	each(t, func(t *testing.T, c client) {
		for _, row := range rows {
			if strings.Contains(row.not, c.name) {
				continue
			}
			t.Run(row.name, func(t *testing.T) {
				inBubble(t, c, tell(strings.Fields(row.ask)...), func(t *testing.T, connect func() net.Conn, _ *log) {
					if got := ask(t, c, connect, request{method: "GET", uri: "/", variables: row.variables}); got.body != row.want {
						t.Errorf("got %v\nwant %s", got, row.want)
					}
				})
			})
		}
	})
}

// TestUnderscores: the names of fields that AJP has are those of HTTP, and one with an underscore could pose as another.
func TestUnderscores(t *testing.T) {
	c := clients[3]
	inBubble(t, c, tell("HTTP_X_FORWARDED_FOR"), func(t *testing.T, connect func() net.Conn, _ *log) {
		raw := strings.Replace(c.request(request{method: "GET", uri: "/", variables: []token.Variable{variable("HTTP_X_FORWARDED_FOR", "evil")}}), "x-forwarded-for", "x_forwarded_for", 1)
		conn := connect()
		defer conn.Close()
		if got := c.answer(talk(conn, raw)); got.body != `"-"` {
			t.Errorf("got %v", got)
		}
	})
}

// TestWhere: each variable knows the bytes that it came from.
func TestWhere(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		raw := ""
		where := native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
			_, err := start("200 OK", []wsgi.Header{{Name: "Content-Type", Value: "text/plain"}}, nil)
			var told []string
			for _, v := range environ.Variables {
				if slices.Contains([]string{"PATH_INFO", "REQUEST_METHOD", "REMOTE_ADDR", "HTTP_X_A"}, v.Name) {
					told = append(told, v.Name+"="+raw[v.Wire.Start:v.Wire.End])
					for _, more := range v.More {
						told = append(told, raw[more.Start:more.End])
					}
				}
			}
			slices.Sort(told)
			return native.Body(strings.Join(told, " ")), err
		})
		inBubble(t, c, where, func(t *testing.T, connect func() net.Conn, _ *log) {
			r := request{method: "GET", uri: "/caf%C3%A9?q", variables: []token.Variable{variable("HTTP_X_A", "one"), variable("HTTP_X_A", "two")}}
			raw = c.request(r)
			method := map[bool]string{true: "\x02", false: "GET"}[c.name == "ajp"]
			if got := ask(t, c, connect, r); got.body != "HTTP_X_A=one PATH_INFO=/caf%C3%A9 REMOTE_ADDR=192.0.2.1 REQUEST_METHOD="+method+" two" {
				t.Errorf("got %v", got)
			}
		})
	})
}

// TestWhereInPieces: of a value that lies in two records only the whole has a place.
func TestWhereInPieces(t *testing.T) {
	raw := ""
	where := native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		_, err := start("200 OK", []wsgi.Header{{Name: "Content-Type", Value: "text/plain"}}, nil)
		var told []string
		for _, v := range environ.Variables {
			if v.Name == "PATH_INFO" || v.Name == "REQUEST_URI" {
				told = append(told, v.Name+"="+v.Value+" "+raw[v.Wire.Start:v.Wire.End])
				for _, more := range v.More {
					told = append(told, raw[more.Start:more.End])
				}
			}
		}
		return native.Body(strings.Join(told, " ")), err
	})
	c := clients[0]
	inBubble(t, c, where, func(t *testing.T, connect func() net.Conn, _ *log) {
		params := fastcgi.AppendPair(fastcgi.AppendPair(nil, "REQUEST_METHOD", "GET"), "REQUEST_URI", "/abcdef")
		b := fastcgi.AppendBeginRequest(nil, 1, fastcgi.Responder, true)
		b = fastcgi.AppendRecord(b, fastcgi.Params, 1, params[:len(params)-3])
		b = fastcgi.AppendRecord(b, fastcgi.Params, 1, params[len(params)-3:])
		b = fastcgi.AppendRecord(b, fastcgi.Params, 1, nil)
		raw = string(fastcgi.AppendRecord(b, fastcgi.Stdin, 1, nil))
		conn := connect()
		defer conn.Close()
		if got := c.answer(talk(conn, raw)); got.body != "REQUEST_URI=/abcdef /abc def PATH_INFO=/abcdef " {
			t.Errorf("got %v", got)
		}
	})
}

// TestRefusedVariables: what the parser of HTTP refuses is refused here.
func TestRefusedVariables(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		for uri, want := range map[string]string{
			"/a%zz": "400 Bad Request", "/a#b": "400 Bad Request", "a": "400 Bad Request", "/a b": "400 Bad Request", "*": "400 Bad Request",
			"ftp://x/": "400 Bad Request",
		} {
			inBubble(t, c, tell(), func(t *testing.T, connect func() net.Conn, said *log) {
				if got := ask(t, c, connect, request{method: "GET", uri: uri}); got.status != want || !got.whole || !strings.Contains(said.String(), "refused a request") {
					t.Errorf("%s: %v\n%s", uri, got, said)
				}
			})
		}
		inBubble(t, c, tell(), func(t *testing.T, connect func() net.Conn, said *log) {
			r := request{method: "GET", uri: "/a%zz"}
			ask(t, c, connect, r)
			if want := fmt.Sprintf("at byte %d", strings.Index(c.request(r), "%zz")); !strings.Contains(said.String(), want) {
				t.Errorf("not %s: %s", want, said)
			}
		})
		inBubble(t, c, tell(), func(t *testing.T, connect func() net.Conn, _ *log) {
			if got := ask(t, c, connect, request{method: "G T", uri: "/"}); got.status != "400 Bad Request" {
				t.Errorf("a bad method: %v", got)
			}
		})
	})
}
