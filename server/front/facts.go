package front

import (
	"crypto/tls"
	"net"
	"net/netip"
	"strconv"

	"glasswsgi/runtime/wsgi"
)

// Addressed is what knows the two addresses of a connection, such as a net.Conn.
type Addressed interface {
	LocalAddr() net.Addr
	RemoteAddr() net.Addr
}

// Facts is what the environ takes from the server and the socket.
func (c *Config) Facts(socket Addressed) wsgi.Connection {
	facts := wsgi.Connection{
		ServerName: "localhost", ServerPort: "80", // on a Unix socket; a client of it knows no other
		ServerSoftware: c.Software,
		URLScheme:      "http",
		Errors:         c.Errors,
		Multithread:    c.Multithread,
		Multiprocess:   c.Multiprocess,
	}
	if _, secure := socket.(*tls.Conn); secure {
		facts.URLScheme, facts.ServerPort = "https", "443"
	}
	if local, ok := socket.LocalAddr().(*net.TCPAddr); ok {
		facts.ServerName, facts.ServerPort = serverName(local.AddrPort().Addr()), strconv.Itoa(local.Port)
	}
	if host, port, ok := splitAddress(socket.RemoteAddr()); ok {
		facts.RemoteAddr, facts.RemotePort = host, port
	}
	return facts
}

// serverName is an address as RFC 3875 §4.1.14 has it: server-name = hostname / ipv4-address / "[" ipv6-address "]".
func serverName(address netip.Addr) string {
	if address = address.Unmap(); address.Is4() {
		return address.String()
	}
	return "[" + address.String() + "]"
}

func splitAddress(address net.Addr) (host, port string, ok bool) {
	tcp, ok := address.(*net.TCPAddr)
	if !ok {
		return "", "", false
	}
	host, port, err := net.SplitHostPort(tcp.String())
	return host, port, err == nil
}
