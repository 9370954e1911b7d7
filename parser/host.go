package parser

import "bytes"

var (
	hostMissing     = rule{"Host: missing", "RFC 9112 §3.2", 400}
	hostTwice       = rule{"Host: more than one field line", "RFC 9112 §3.2", 400}
	hostEmptyName   = rule{"Host: port without a host", "RFC 9110 §4.2.1", 400}
	hostByteBad     = rule{"uri-host: invalid character", "RFC 3986 §3.2.2", 400}
	hostPercent     = rule{"uri-host: % without two hex digits", "RFC 3986 §2.1", 400}
	hostLiteralOpen = rule{"uri-host: [ without ]", "RFC 3986 §3.2.2", 400}
	hostLiteralBad  = rule{"uri-host: neither IPv6 nor IPvFuture in brackets", "RFC 3986 §3.2.2", 400}
	portBad         = rule{"port: not a number up to 65535", "RFC 3986 §3.2.3", 400}
)

// findHost sets Host. A server MUST answer 400 to an HTTP/1.1 request without Host, and to any request with two of
// them or with an invalid value (RFC 9112 §3.2): who routes by the first and who serves by the second will disagree.
//
//	Host = uri-host [ ":" port ]                                                                 (RFC 9110 §7.2)
//
// An empty value is allowed: it is what a client sends when the target URI has no authority (§7.2). A port without a
// host is refused, since no http URI has an empty host (§4.2.1).
func (r *Request) findHost() *SyntaxError {
	field, count := r.find("host")
	switch {
	case count == 0 && r.Minor >= 1:
		l := line{r.Head[:r.Version.End], 0}
		return l.refuse(hostMissing, 0)
	case count == 0:
		return nil
	case count > 1:
		last := r.last("host")
		return r.refuse(hostTwice, last, last.Name.Start)
	}
	r.Host = field.Value
	if r.Host.Len() == 0 {
		return nil
	}
	if r.Head[r.Host.Start] == ':' {
		return r.refuse(hostEmptyName, field, r.Host.Start)
	}
	l := line{r.Bytes(field.Line), field.Line.Start}
	_, err := checkHostAndPort(l, r.Host.Start-l.at, r.Host.End-l.at)
	return err
}

// IsHost says whether a text could be the value of Host, such as one that a proxy forwards: uri-host [ ":" port ], with
// a host (RFC 9110 §7.2).
func IsHost(text []byte) bool {
	if len(text) == 0 || text[0] == ':' {
		return false
	}
	_, err := checkHostAndPort(line{text, 0}, 0, len(text))
	return err == nil
}

// checkHostAndPort checks [from, to) of the line and returns where the host ends.
//
//	uri-host = IP-literal / IPv4address / reg-name, and an IPv4address looks like a reg-name     (RFC 3986 §3.2.2)
//	port     = *DIGIT                                                                            (RFC 3986 §3.2.3)
//
// Stricter than §3.2.3, which knows no largest port: TCP does.
func checkHostAndPort(l line, from, to int) (hostEnd int, err *SyntaxError) {
	if l.bytes[from] == '[' {
		hostEnd, err = checkLiteral(l, from, to)
	} else {
		hostEnd, err = checkRegName(l, from, to)
	}
	if err != nil || hostEnd == to {
		return hostEnd, err
	}
	port := l.bytes[hostEnd+1 : to]
	if len(port) > len("65535") {
		return hostEnd, l.refuse(portBad, hostEnd+1)
	}
	number := 0
	for _, b := range port {
		number = number*10 + int(b-'0')
		if !digitByte.is(b) || number > 65535 {
			return hostEnd, l.refuse(portBad, hostEnd+1)
		}
	}
	return hostEnd, nil
}

// checkRegName finds the end of a registered name: the colon before the port, or to.
//
//	reg-name = *( unreserved / pct-encoded / sub-delims )                                        (RFC 3986 §3.2.2)
func checkRegName(l line, from, to int) (end int, err *SyntaxError) {
	for end = from; end < to && l.bytes[end] != ':'; end++ {
		switch b := l.bytes[end]; {
		case b == '%' && checkPercent(l.bytes[end:min(end+3, to)]) >= 0:
			return end, l.refuse(hostPercent, end)
		case b != '%' && !hostByte.is(b):
			return end, l.refuse(hostByteBad, end)
		}
	}
	return end, nil
}

// checkLiteral finds the end of an address in brackets.
//
//	IP-literal = "[" ( IPv6address / IPvFuture  ) "]"
//	IPvFuture  = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )                            (RFC 3986 §3.2.2)
func checkLiteral(l line, from, to int) (end int, err *SyntaxError) {
	bracket := bytes.IndexByte(l.bytes[from:to], ']')
	if bracket < 0 {
		return to, l.refuse(hostLiteralOpen, from)
	}
	end = from + bracket + 1
	address := l.bytes[from+1 : end-1]
	switch {
	case !isIPv6(address) && !isIPvFuture(address):
		return end, l.refuse(hostLiteralBad, from)
	case end < to && l.bytes[end] != ':':
		return end, l.refuse(hostByteBad, end)
	}
	return end, nil
}

func isIPvFuture(address []byte) bool {
	if len(address) == 0 || address[0]|0x20 != 'v' {
		return false
	}
	version, rest, found := bytes.Cut(address[1:], []byte("."))
	if !found || len(version) == 0 || len(rest) == 0 || countLeading(version, hexByte) < len(version) {
		return false
	}
	for _, b := range rest {
		if b != ':' && !hostByte.is(b) {
			return false
		}
	}
	return true
}

// isIPv6 checks the nine alternatives of IPv6address by counting: eight groups of 16 bits, of which "::" stands for one
// or more, and the last two may be written as an IPv4address.
//
//	IPv6address = 6( h16 ":" ) ls32 / "::" 5( h16 ":" ) ls32 / … / [ *6( h16 ":" ) h16 ] "::"
//	h16         = 1*4HEXDIG
//	ls32        = ( h16 ":" h16 ) / IPv4address                                                  (RFC 3986 §3.2.2)
func isIPv6(address []byte) bool {
	groups, elided := 0, false
	rest := address
	if bytes.HasPrefix(rest, []byte("::")) {
		elided, rest = true, rest[2:]
	}
	for len(rest) > 0 {
		n := countLeading(rest, hexByte)
		switch {
		case n < len(rest) && rest[n] == '.':
			groups += 2
			return isIPv4(rest) && complete(groups, elided)
		case n == 0 || n > 4:
			return false
		}
		groups++
		rest = rest[n:]
		switch {
		case len(rest) == 0:
		case bytes.HasPrefix(rest, []byte("::")) && !elided:
			elided, rest = true, rest[2:]
		case rest[0] == ':' && len(rest) > 1:
			rest = rest[1:]
		default:
			return false
		}
	}
	return complete(groups, elided)
}

// complete reports whether the groups make 128 bits.
func complete(groups int, elided bool) bool {
	if elided {
		return groups < 8
	}
	return groups == 8
}

// isIPv4 checks dotted decimals.
//
//	IPv4address = dec-octet "." dec-octet "." dec-octet "." dec-octet
//	dec-octet   = 0-255 without leading zeros                                                    (RFC 3986 §3.2.2)
func isIPv4(address []byte) bool {
	for octets := 1; ; octets++ {
		n := countLeading(address, digitByte)
		if n == 0 || n > 3 || n > 1 && address[0] == '0' || n == 3 && string(address[:3]) > "255" {
			return false
		}
		address = address[n:]
		switch {
		case octets == 4:
			return len(address) == 0
		case len(address) == 0 || address[0] != '.':
			return false
		}
		address = address[1:]
	}
}
