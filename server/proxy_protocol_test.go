package server_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

// whence answers with where the application thinks that the request comes from.
var whence native.Callable = func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	return app("200 OK", nil, fmt.Sprint(environ.Value("REMOTE_ADDR"), " ", environ.Value("REMOTE_PORT"), " ", environ.Value("SERVER_NAME"), " ", environ.Value("SERVER_PORT")))(environ, start)
}

// TestProxyProtocol: the addresses of the header are those of all requests on the connection. A peer that does not send
// it, or may not, gets no answer.
func TestProxyProtocol(t *testing.T) {
	const header = "PROXY TCP6 2001:db8::9 2001:db8::1 4711 443\r\n"
	for _, row := range []struct{ name, allowed, sent, want, log string }{
		{"two requests", "127.0.0.0/8", header + get11 + get11, "200 2001:db8::9 4711 [2001:db8::1] 443, 200 2001:db8::9 4711 [2001:db8::1] 443", ""},
		{"the proxy itself", "127.0.0.0/8", "PROXY UNKNOWN\r\n" + get11, "200 127.0.0.1 ", ""},
		{"no header", "127.0.0.0/8", get11, "", "does not begin with a header of the PROXY protocol"},
		{"may not", "10.0.0.0/8", header + get11, "", "may not speak the PROXY protocol"},
		{"half a header", "127.0.0.0/8", header[:20], "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			log := &record{}
			c := config(whence, log)
			c.ProxyProtocol, c.ProxyAllowFrom = true, []netip.Prefix{netip.MustParsePrefix(row.allowed)}
			_, address := serve(t, c)
			conn := dial(t, address)
			conn.Write([]byte(row.sent))
			conn.CloseWrite()
			got := strings.Join(responsesOf(t, all(conn)), ", ")
			if !strings.HasPrefix(got, row.want) || row.want == "" && got != "" {
				t.Errorf("got %q", got)
			}
			if !strings.Contains(log.String(), row.log) {
				t.Errorf("the log says\n%s", log)
			}
		})
	}
}
