package front

import (
	"net"
	"net/netip"
	"strings"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// Facts is what the environ takes from the server and the socket.
func (c *Config) Facts(socket net.Conn) wsgi.Connection {
	facts := wsgi.Connection{
		ServerName: "localhost", ServerPort: "80", // on a Unix socket; a client of it knows no other
		ServerSoftware: c.Software,
		URLScheme:      "http",
		Errors:         c.Errors,
		Multithread:    c.Multithread,
		Multiprocess:   c.Multiprocess,
	}
	if host, port, ok := splitAddress(socket.LocalAddr()); ok {
		facts.ServerName, facts.ServerPort = host, port
	}
	if host, port, ok := splitAddress(socket.RemoteAddr()); ok {
		facts.RemoteAddr, facts.RemotePort = host, port
	}
	return facts
}

func splitAddress(address net.Addr) (host, port string, ok bool) {
	tcp, ok := address.(*net.TCPAddr)
	if !ok {
		return "", "", false
	}
	host, port, err := net.SplitHostPort(tcp.String())
	return host, port, err == nil
}

// URLScheme is "https" when a trusted proxy says that it took the request over TLS; else it is the connection's. A target
// that says https itself must not come over a connection without TLS, unless that proxy sent it (RFC 9110 §7.4, MUST):
// the application would take what anybody could read and change for secure.
//
// Simplified: of what a proxy forwards only the scheme is used; REMOTE_ADDR is the peer on the socket.
func (c *Config) URLScheme(r *parser.Request, facts *wsgi.Connection) (string, error) {
	saysHTTPS := strings.EqualFold(r.Text(r.Scheme), "https")
	if len(c.TrustedProxies) == 0 || !c.trusts(facts.RemoteAddr) {
		if saysHTTPS && facts.URLScheme != "https" {
			return "", errMisdirected
		}
		return facts.URLScheme, nil
	}
	if saysHTTPS {
		return "https", nil
	}
	for _, field := range r.Fields {
		if strings.EqualFold(r.Text(field.Name), "X-Forwarded-Proto") && strings.EqualFold(r.Text(field.Value), "https") {
			return "https", nil
		}
	}
	return facts.URLScheme, nil
}

// trusts: a peer on a Unix socket has no address, and passed the file's permissions.
func (c *Config) trusts(remote string) bool {
	if remote == "" {
		return true
	}
	address, err := netip.ParseAddr(remote)
	if err != nil {
		return false
	}
	for _, prefix := range c.TrustedProxies {
		if prefix.Contains(address.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}
