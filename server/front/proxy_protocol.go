package front

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"strconv"
	"strings"

	"glasswsgi/runtime/wsgi"
)

// ProxyHeader is what a proxy says, in the PROXY protocol, of the connection that it has taken over from a client. The
// addresses are not valid where it speaks for itself (LOCAL), or does not know (UNKNOWN).
type ProxyHeader struct {
	Source, Destination netip.AddrPort
}

const (
	longestProxyLine   = 107 // PROXY protocol §2.1: a line of version 1, with its CR LF
	longestProxyHeader = 16 + 2048
	headOfVersion2     = 16 // PROXY protocol §2.2: signature, version and command, family, length
	addressesIPv4      = 12
	addressesIPv6      = 36
)

// signature begins a header of version 2 (PROXY protocol §2.2): no request of any protocol looks like it.
var signature = []byte("\r\n\r\n\x00\r\nQUIT\n")

var errProxyHeader = errors.New("the connection does not begin with a header of the PROXY protocol: remove --proxy-protocol, or have the proxy send it (send-proxy, proxy_protocol on)")

// DecodeProxyHeader reads the header at the beginning of a connection, of version 1 or 2, and says how many bytes it has. 0
// bytes and no error mean that more bytes are needed.
func DecodeProxyHeader(b []byte) (header ProxyHeader, size int, err error) {
	if common := min(len(b), len(signature)); bytes.Equal(b[:common], signature[:common]) {
		return decodeVersion2(b)
	}
	return decodeVersion1(b)
}

// decodeVersion1 reads a line for people (§2.1):
//
//	"PROXY" SP ( "TCP4" / "TCP6" ) SP source SP destination SP port SP port CRLF
//	"PROXY" SP "UNKNOWN" *anything CRLF
func decodeVersion1(b []byte) (header ProxyHeader, size int, err error) {
	const begin = "PROXY "
	if common := min(len(b), len(begin)); string(b[:common]) != begin[:common] {
		return header, 0, errProxyHeader
	}
	end := bytes.Index(b, []byte("\r\n"))
	switch {
	case end < 0 && len(b) >= longestProxyLine, end > longestProxyLine-2:
		return header, 0, errProxyHeader
	case end < 0:
		return header, 0, nil
	}
	words := strings.Split(string(b[:end]), " ")
	if words[1] == "UNKNOWN" {
		return header, end + 2, nil
	}
	if len(words) != 6 {
		return header, 0, errProxyHeader
	}
	header.Source = addrPort(words[1], words[2], words[4])
	header.Destination = addrPort(words[1], words[3], words[5])
	if !header.Source.IsValid() || !header.Destination.IsValid() {
		return ProxyHeader{}, 0, errProxyHeader
	}
	return header, end + 2, nil
}

func addrPort(family, address, port string) netip.AddrPort {
	a, err := netip.ParseAddr(address)
	n, errPort := strconv.ParseUint(port, 10, 16)
	if err != nil || errPort != nil || a.Zone() != "" || family != map[bool]string{true: "TCP4", false: "TCP6"}[a.Is4()] {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a, uint16(n))
}

// decodeVersion2 reads a binary header (§2.2). What follows the addresses, the TLVs, is skipped.
func decodeVersion2(b []byte) (header ProxyHeader, size int, err error) {
	const version, local, proxy = 0x20, 0, 1
	if len(b) < headOfVersion2 {
		return header, 0, nil
	}
	length := int(binary.BigEndian.Uint16(b[14:]))
	size = headOfVersion2 + length
	command := b[12] &^ 0xF0
	switch {
	case b[12]&0xF0 != version, command > proxy, size > longestProxyHeader:
		return header, 0, errProxyHeader
	case len(b) < size:
		return header, 0, nil
	case command == local:
		return header, size, nil
	}
	body := b[headOfVersion2:size]
	port := func(at int) uint16 { return binary.BigEndian.Uint16(body[at:]) }
	switch {
	case b[13] == 0x11 && length >= addressesIPv4: // TCP over IPv4
		header.Source = netip.AddrPortFrom(netip.AddrFrom4([4]byte(body[0:4])), port(8))
		header.Destination = netip.AddrPortFrom(netip.AddrFrom4([4]byte(body[4:8])), port(10))
	case b[13] == 0x21 && length >= addressesIPv6: // TCP over IPv6
		header.Source = netip.AddrPortFrom(netip.AddrFrom16([16]byte(body[0:16])), port(32))
		header.Destination = netip.AddrPortFrom(netip.AddrFrom16([16]byte(body[16:32])), port(34))
	case b[13] == 0x11, b[13] == 0x21:
		return header, 0, errProxyHeader // too short for its family
	}
	return header, size, nil
}

// Taken changes the facts of a connection to what a proxy says of it. The peer must be one that may.
func (c *Config) Taken(facts *wsgi.Connection, header ProxyHeader) {
	if header.Source.IsValid() {
		facts.RemoteAddr, facts.RemotePort = header.Source.Addr().String(), strconv.Itoa(int(header.Source.Port()))
		facts.ServerName, facts.ServerPort = serverName(header.Destination.Addr()), strconv.Itoa(int(header.Destination.Port()))
	}
}

// MayTake says whether a peer may speak the PROXY protocol.
func (c *Config) MayTake(peer string) bool { return within(c.ProxyAllowFrom, peer) }
