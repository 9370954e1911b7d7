package server

import (
	"net"
	"net/netip"
	"strings"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// facts is what the environ takes from the server and the socket.
func (s *Server) facts(socket net.Conn) wsgi.Connection {
	facts := wsgi.Connection{
		ServerName: "localhost", ServerPort: "80", // on a Unix socket; a client of it knows no other
		ServerSoftware: s.Software,
		URLScheme:      "http",
		Errors:         s.Errors,
		Multithread:    s.Multithread && s.Model != Iterative,
		Multiprocess:   s.Multiprocess && s.Model != Iterative,
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

// urlScheme is "https" when a trusted proxy says that it took the request over TLS; else it is the connection's. A target
// that says https itself must not come over a connection without TLS, unless that proxy sent it (RFC 9110 §7.4, MUST):
// the application would take what anybody could read and change for secure.
//
// Simplified: of what a proxy forwards only the scheme is used; REMOTE_ADDR is the peer on the socket.
func (s *Server) urlScheme(r *parser.Request, facts *wsgi.Connection) (string, error) {
	saysHTTPS := strings.EqualFold(r.Text(r.Scheme), "https")
	if len(s.TrustedProxies) == 0 || !s.trusts(facts.RemoteAddr) {
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
func (s *Server) trusts(remote string) bool {
	if remote == "" {
		return true
	}
	address, err := netip.ParseAddr(remote)
	if err != nil {
		return false
	}
	for _, prefix := range s.TrustedProxies {
		if prefix.Contains(address.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}
