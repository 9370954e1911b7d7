package front

import (
	"errors"
	"net"
	"net/netip"
	"strings"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// Origin is where a request came from: what the socket says of the peer, or, where that is a trusted proxy, what the proxy
// says of the client that it serves. The fields themselves stay in the environ, HTTP_X_FORWARDED_FOR and so on; from
// others than trusted proxies they are nothing more.
type Origin struct {
	RemoteAddr string
	URLScheme  string
	told       []wsgi.Variable // of the environ, to be replaced
	portless   bool            // RemoteAddr is known, and its port is not
}

var (
	errMisdirected = errors.New("request-target: https over a connection without TLS (RFC 9110 §7.4)")
	errForwarded   = &parser.SyntaxError{Rule: "Forwarded: X-Forwarded-* fields say something else", Spec: "RFC 7239 §8.1", Status: 400}
	errHost        = &parser.SyntaxError{Rule: "X-Forwarded-Host, Forwarded host: not a host", Spec: "RFC 9110 §7.2", Status: 400}
	errPrefix      = &parser.SyntaxError{Rule: "X-Forwarded-Prefix: not a path", Spec: "RFC 3986 §3.3", Status: 400}
)

// Origin finds it out. A target that says https itself must not come over a connection without TLS, unless a trusted proxy
// sent it (RFC 9110 §7.4, MUST): the application would take what anybody could read and change for secure.
//
// A proxy that sets one kind of field may let the other one of its client pass, so where both are there, they must agree.
func (c *Config) Origin(r *parser.Request, facts *wsgi.Connection) (Origin, error) {
	o := Origin{RemoteAddr: facts.RemoteAddr, URLScheme: facts.URLScheme}
	saysHTTPS := strings.EqualFold(r.Text(r.Scheme), "https")
	if len(c.TrustedProxies) == 0 || !within(c.TrustedProxies, facts.RemoteAddr) {
		if saysHTTPS && facts.URLScheme != "https" {
			return o, errMisdirected
		}
		return o, nil
	}
	standard, err := parseForwarded(r)
	if err != nil {
		return o, err
	}
	said, other := c.client(standard), c.client(deFactoHops(r))
	if said.conflicts(other) {
		return o, errForwarded
	}
	said.fill(other)
	if saysHTTPS {
		said.proto.text = "https"
	}
	return o, o.believe(said, facts)
}

// believe takes over what a trusted proxy said.
func (o *Origin) believe(said hop, facts *wsgi.Connection) error {
	if address, port := said.address(); address.IsValid() {
		o.RemoteAddr, o.portless = address.String(), port == ""
		o.tell("REMOTE_ADDR", o.RemoteAddr, said.node.wire)
		if port != "" {
			o.tell("REMOTE_PORT", port, said.node.wire)
		}
	}
	if said.proto.is("http") || said.proto.is("https") {
		o.URLScheme = strings.ToLower(said.proto.text)
	}
	if said.host.text != "" {
		if !parser.IsHost([]byte(said.host.text)) {
			return errHost
		}
		o.tell("HTTP_HOST", said.host.text, said.host.wire)
	}
	if port, wire := said.serverPort(o.URLScheme != facts.URLScheme, o.URLScheme); port != "" {
		o.tell("SERVER_PORT", port, wire)
	}
	if prefix := strings.TrimRight(said.prefix.text, "/"); prefix != "" {
		if prefix[0] != '/' || strings.ContainsAny(prefix, "?# \\") || strings.Contains(prefix+"/", "/../") {
			return errPrefix
		}
		o.tell("SCRIPT_NAME", wsgi.PercentDecode(prefix), said.prefix.wire)
	}
	return nil
}

func (o *Origin) tell(name, value string, wire parser.Span) {
	o.told = append(o.told, wsgi.Variable{Name: name, Value: value, Wire: wire})
}

// Apply changes the environ of the request.
func (o *Origin) Apply(e *wsgi.Environ) {
	e.URLScheme = o.URLScheme
	if o.portless {
		e.Remove("REMOTE_PORT")
	}
	for _, v := range o.told {
		e.SetFrom(v.Name, v.Value, v.Wire)
	}
}

// client is the hop of the client: of those that proxies have written down, the right-most whose address is not that of a
// trusted proxy, because what is further to the left is what that client said. Where all are trusted, it is the left-most.
func (c *Config) client(hops []hop) hop {
	if len(hops) == 0 {
		return hop{}
	}
	i := len(hops) - 1
	for ; i > 0; i-- {
		if address, _ := hops[i].address(); !address.IsValid() || !within(c.TrustedProxies, address.String()) {
			break
		}
	}
	return hops[i]
}

// within says whether an address lies in one of the networks. A peer on a Unix socket has none: it passed the file's
// permissions.
func within(networks []netip.Prefix, remote string) bool {
	if remote == "" {
		return true
	}
	address, err := netip.ParseAddr(remote)
	if err != nil {
		return false
	}
	for _, prefix := range networks {
		if prefix.Contains(address.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}

// hop is what one proxy wrote down of the request that it took.
type hop struct {
	node, host, proto, port, prefix said
}

// said is a value, and the bytes of the request that say it.
type said struct {
	text string
	wire parser.Span
}

func (s said) is(text string) bool { return strings.EqualFold(s.text, text) }

// conflicts says that two descriptions of one hop cannot both be true.
func (h *hop) conflicts(other hop) bool {
	differ := func(a, b said) bool { return a.text != "" && b.text != "" && !a.is(b.text) }
	ours, _ := h.address()
	theirs, _ := other.address()
	return ours.IsValid() && theirs.IsValid() && ours != theirs || differ(h.host, other.host) || differ(h.proto, other.proto)
}

// fill takes from another description what this one leaves open.
func (h *hop) fill(other hop) {
	for _, pair := range []struct{ to, from *said }{{&h.node, &other.node}, {&h.host, &other.host}, {&h.proto, &other.proto}, {&h.port, &other.port}, {&h.prefix, &other.prefix}} {
		if pair.to.text == "" {
			*pair.to = *pair.from
		}
	}
}

// address reads a node of RFC 7239 §6, or an entry of X-Forwarded-For, which has no brackets: an IP address, perhaps with a
// port. It is not valid for a node that is "unknown", or hides behind a name (§6.2, §6.3).
func (h *hop) address() (address netip.Addr, port string) {
	text := h.node.text
	if host, p, err := net.SplitHostPort(text); err == nil {
		text, port = host, p
	}
	address, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return netip.Addr{}, ""
	}
	return address.Unmap(), port
}

// serverPort is the port at which the client reached the proxy: as it says, or that of the host, or the scheme's.
func (h *hop) serverPort(schemeChanged bool, scheme string) (string, parser.Span) {
	if h.port.text != "" && strings.Trim(h.port.text, "0123456789") == "" {
		return h.port.text, h.port.wire
	}
	if _, port, err := net.SplitHostPort(h.host.text); err == nil && port != "" {
		return port, h.host.wire
	}
	switch {
	case !schemeChanged && h.host.text == "":
		return "", parser.Span{}
	case scheme == "https":
		return "443", h.proto.wire
	}
	return "80", h.proto.wire
}
