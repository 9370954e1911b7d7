package front_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// origins are what a peer at an address sends, and what the application sees of it: REMOTE_ADDR, REMOTE_PORT, scheme,
// HTTP_HOST, SERVER_PORT, SCRIPT_NAME. 10.0.0.0/8, fe80::/10 and 2001:db8:1::/48 are trusted.
var origins = []struct{ name, peer, fields, want string }{
	{"no proxy", "192.0.2.1", "", "192.0.2.1 50000 http host 80 -"},
	{"untrusted: its fields are only fields", "192.0.2.1", "X-Forwarded-For: 203.0.113.9|X-Forwarded-Proto: https|X-Forwarded-Host: evil|X-Forwarded-Port: 1|X-Forwarded-Prefix: /evil|Forwarded: for=203.0.113.9;proto=https;host=evil", "192.0.2.1 50000 http host 80 -"},
	{"trusted, says nothing", "10.0.0.1", "", "10.0.0.1 50000 http host 80 -"},
	{"all five", "10.0.0.1", "X-Forwarded-For: 203.0.113.9|X-Forwarded-Proto: https|X-Forwarded-Host: shop.example|X-Forwarded-Port: 8443|X-Forwarded-Prefix: /shop/", "203.0.113.9 - https shop.example 8443 /shop"},
	{"scheme alone", "10.0.0.1", "X-Forwarded-Proto: HTTPS", "10.0.0.1 50000 https host 443 -"},
	{"another scheme", "10.0.0.1", "X-Forwarded-Proto: gopher", "10.0.0.1 50000 http host 80 -"},
	{"host with a port", "10.0.0.1", "X-Forwarded-Host: shop.example:8000", "10.0.0.1 50000 http shop.example:8000 8000 -"},
	{"the right-most untrusted", "10.0.0.1", "X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9 - http host 80 -"},
	{"over two lines", "10.0.0.1", "X-Forwarded-For: 6.6.6.6|X-Forwarded-For: 203.0.113.9 ,10.0.0.2", "203.0.113.9 - http host 80 -"},
	{"all trusted: the left-most", "10.0.0.1", "X-Forwarded-For: 10.0.0.3, 10.0.0.2", "10.0.0.3 - http host 80 -"},
	{"garbage ends the walk", "10.0.0.1", "X-Forwarded-For: 6.6.6.6, nonsense, 10.0.0.2", "10.0.0.1 50000 http host 80 -"},
	{"IPv6, and a port", "10.0.0.1", "X-Forwarded-For: [2001:db8::1]:4711", "2001:db8::1 4711 http host 80 -"},
	{"IPv6 as it is", "10.0.0.1", "X-Forwarded-For: 2001:db8::1", "2001:db8::1 - http host 80 -"},
	{"mapped IPv4", "::ffff:10.0.0.1", "X-Forwarded-For: ::ffff:203.0.113.9", "203.0.113.9 - http host 80 -"},
	{"a zone names an interface, and no peer", "fe80::1%eth0", "X-Forwarded-For: 203.0.113.9", "203.0.113.9 - http host 80 -"},
	{"a Unix socket", "", "X-Forwarded-For: 203.0.113.9", "203.0.113.9 - http host 80 -"},
	{"scheme of the hop that is taken", "10.0.0.1", "X-Forwarded-For: 203.0.113.9, 10.0.0.2|X-Forwarded-Proto: https, http", "203.0.113.9 - https host 443 -"},
	{"an empty prefix", "10.0.0.1", "X-Forwarded-Prefix: /", "10.0.0.1 50000 http host 80 -"},
	{"a prefix in percent", "10.0.0.1", "X-Forwarded-Prefix: /caf%C3%A9", "10.0.0.1 50000 http host 80 /caf\u00c3\u00a9"},
	{"a prefix that is no path", "10.0.0.1", "X-Forwarded-Prefix: shop", "400 X-Forwarded-Prefix: not a path"},
	{"a prefix that goes up", "10.0.0.1", "X-Forwarded-Prefix: /a/../b", "400 X-Forwarded-Prefix: not a path"},
	{"a host that is none", "10.0.0.1", "X-Forwarded-Host: a b", "400 X-Forwarded-Host, Forwarded host: not a host"},

	{"Forwarded", "10.0.0.1", `Forwarded: for=203.0.113.9;proto=https;host=shop.example;by=10.0.0.1`, "203.0.113.9 - https shop.example 443 -"},
	{"Forwarded, quoted", "10.0.0.1", `Forwarded: For="[2001:db8::1]:4711" ; Host="shop.example:8443"; PROTO=https`, "2001:db8::1 4711 https shop.example:8443 8443 -"},
	{"Forwarded, escaped", "10.0.0.1", `Forwarded: for="203.0.113\.9"`, "203.0.113.9 - http host 80 -"},
	{"Forwarded, a chain", "10.0.0.1", `Forwarded: for=6.6.6.6, for=203.0.113.9;proto=https|Forwarded: for=10.0.0.2;proto=http`, "203.0.113.9 - https host 443 -"},
	{"Forwarded, hidden", "10.0.0.1", `Forwarded: for=6.6.6.6, for=_hidden, for=10.0.0.2`, "10.0.0.1 50000 http host 80 -"},
	{"Forwarded, unknown", "10.0.0.1", `Forwarded: for=unknown`, "10.0.0.1 50000 http host 80 -"},
	{"Forwarded, broken", "10.0.0.1", `Forwarded: for`, "400 Forwarded: broken"},
	{"Forwarded, no end of the quotes", "10.0.0.1", `Forwarded: for="203.0.113.9`, "400 Forwarded: broken"},
	{"Forwarded, bytes after the quotes", "10.0.0.1", `Forwarded: for="203.0.113.9"x`, "400 Forwarded: broken"},
	{"Forwarded, space in a pair", "10.0.0.1", `Forwarded: for =203.0.113.9`, "400 Forwarded: broken"},

	{"both, the same", "10.0.0.1", "Forwarded: for=203.0.113.9;proto=https|X-Forwarded-For: 203.0.113.9|X-Forwarded-Proto: https|X-Forwarded-Port: 444", "203.0.113.9 - https host 444 -"},
	{"both, another client", "10.0.0.1", "Forwarded: for=6.6.6.6|X-Forwarded-For: 203.0.113.9", "400 Forwarded: X-Forwarded-* fields say something else"},
	{"both, another scheme", "10.0.0.1", "Forwarded: proto=https|X-Forwarded-Proto: http", "400 Forwarded: X-Forwarded-* fields say something else"},
	{"both, another host", "10.0.0.1", "Forwarded: host=a|X-Forwarded-Host: b", "400 Forwarded: X-Forwarded-* fields say something else"},
}

func requestWith(t *testing.T, target, fields string) *parser.Request {
	t.Helper()
	p := parser.New(parser.DefaultLimits)
	lines := append([]string{"GET " + target + " HTTP/1.1", "Host: host"}, strings.FieldsFunc(fields, func(r rune) bool { return r == '|' })...)
	p.Feed([]byte(strings.Join(lines, "\r\n") + "\r\n\r\n"))
	for {
		event, err := p.Next()
		if err != nil {
			t.Fatal(err)
		}
		if event.Kind == parser.GotHead {
			return p.Request()
		}
	}
}

func trusting() *front.Config {
	return &front.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48")}}
}

func TestOrigin(t *testing.T) {
	for _, row := range origins {
		t.Run(row.name, func(t *testing.T) {
			request := requestWith(t, "/", row.fields)
			facts := wsgi.Connection{ServerName: "s", ServerPort: "80", RemoteAddr: row.peer, RemotePort: "50000", URLScheme: "http"}
			origin, err := trusting().Origin(request, &facts)
			var refused *parser.SyntaxError
			if errors.As(err, &refused) {
				if got := fmt.Sprint(refused.Status, " ", refused.Rule); got != row.want {
					t.Errorf("%s", got)
				}
				return
			}
			environ := wsgi.NewEnviron(request, &facts)
			origin.Apply(environ)
			got := []string{environ.URLScheme}
			for _, name := range []string{"REMOTE_ADDR", "REMOTE_PORT", "HTTP_HOST", "SERVER_PORT", "SCRIPT_NAME"} {
				value := environ.Value(name)
				if value == "" {
					value = "-"
				}
				got = append(got, wsgi.Latin1(value))
			}
			got = slices.Concat(got[1:3], got[:1], got[3:])
			if strings.Join(got, " ") != row.want || origin.RemoteAddr != row.peer && origin.RemoteAddr != environ.Value("REMOTE_ADDR") {
				t.Errorf("%q, want %q", got, row.want)
			}
			for _, v := range environ.Variables { // what a proxy says is shown with the bytes that say it
				if text := string(request.Bytes(v.Wire)); v.Name == "REMOTE_ADDR" && v.Wire.Len() > 0 && !strings.Contains(strings.ReplaceAll(text, `\`, ""), v.Value) {
					t.Errorf("REMOTE_ADDR %s comes from %q", v.Value, text)
				}
			}
		})
	}
}

// TestTargetSaysHTTPS: only a trusted proxy may send such a target over a connection without TLS.
func TestTargetSaysHTTPS(t *testing.T) {
	for peer, want := range map[string]string{"10.0.0.1": "https", "": "https", "192.0.2.1": "", "nonsense": ""} {
		origin, err := trusting().Origin(requestWith(t, "https://host/", ""), &wsgi.Connection{RemoteAddr: peer, URLScheme: "http"})
		if (err == nil) != (want != "") || err == nil && origin.URLScheme != want {
			t.Errorf("%q: %+v, %v", peer, origin, err)
		}
	}
}
