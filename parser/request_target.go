package parser

import "bytes"

var (
	targetByteBad    = rule{"request-target: control character", "RFC 9112 §3.2", 400}
	targetFragment   = rule{"request-target: fragment", "RFC 9112 §3.2", 400}
	targetPercent    = rule{"request-target: % without two hex digits", "RFC 3986 §2.1", 400}
	targetRelative   = rule{"request-target: none of the four forms", "RFC 9112 §3.2", 400}
	asteriskMethod   = rule{"asterisk-form: only with OPTIONS", "RFC 9112 §3.2.4", 400}
	absoluteScheme   = rule{"absolute-form: scheme is neither http nor https", "RFC 9112 §3.2.2", 400}
	absoluteUserinfo = rule{"absolute-form: userinfo", "RFC 9110 §4.2.4", 400}
	absoluteNoHost   = rule{"absolute-form: empty host", "RFC 9110 §4.2.1", 400}
	authorityNoHost  = rule{"authority-form: empty host", "RFC 9112 §3.2.3", 400}
	authorityNoPort  = rule{"authority-form: no port", "RFC 9112 §3.2.3", 400}
	connectRefused   = rule{"method: CONNECT is not for this server", "RFC 9110 §9.3.6", 405}
)

// parseTarget finds out which form the target in [from, to) of the line has, and its parts.
//
//	request-target = origin-form / absolute-form / authority-form / asterisk-form                (RFC 9112 §3.2)
//
// The method decides first: authority-form is for CONNECT only, and CONNECT knows no other (§3.2.3).
func parseTarget(l line, from, to int, r *Request) *SyntaxError {
	if n := countLeading(l.bytes[from:to], targetByte); from+n < to {
		if l.bytes[from+n] == '#' {
			return l.refuse(targetFragment, from+n)
		}
		return l.refuse(targetByteBad, from+n)
	}
	target := l.bytes[from:to]
	method := l.bytes[r.Method.Start-l.at : r.Method.End-l.at]
	switch {
	case string(method) == "CONNECT":
		return parseAuthorityForm(l, from, to, r)
	case target[0] == '/':
		r.Form = OriginForm
		return parsePathAndQuery(l, from, to, r)
	case string(target) == "*":
		return parseAsteriskForm(l, from, to, r)
	case bytes.Contains(target, []byte("://")):
		return parseAbsoluteForm(l, from, to, r)
	}
	return l.refuse(targetRelative, from)
}

// parsePathAndQuery splits at the first "?". A path that begins with "//" is a path and no authority.
//
//	origin-form   = absolute-path [ "?" query ]                                                  (RFC 9112 §3.2.1)
//
// A "%" in the path must begin an escape, since the path will be decoded. The query goes to the application as it was
// sent, so a stray "%" does no harm there: looser than RFC 3986 §3.4.
func parsePathAndQuery(l line, from, to int, r *Request) *SyntaxError {
	pathEnd := to
	if mark := bytes.IndexByte(l.bytes[from:to], '?'); mark >= 0 {
		pathEnd = from + mark
		r.Query = l.span(pathEnd+1, to)
	}
	if bad := checkPercent(l.bytes[from:pathEnd]); bad >= 0 {
		return l.refuse(targetPercent, from+bad)
	}
	r.Path = l.span(from, pathEnd)
	return nil
}

// parseAbsoluteForm reads the target that a client sends to a proxy, and that a server MUST accept, too (§3.2.2). The
// path may be empty.
//
//	absolute-form = absolute-URI
//	absolute-URI  = scheme "://" authority path-abempty [ "?" query ]           (RFC 9112 §3.2.2, RFC 9110 §4.2.1)
//
// Userinfo is refused: it has a way of making "http://trusted.example@evil.example/" look like something else.
func parseAbsoluteForm(l line, from, to int, r *Request) *SyntaxError {
	schemeEnd := from + bytes.Index(l.bytes[from:to], []byte("://"))
	scheme := l.bytes[from:schemeEnd]
	if !EqualFold(scheme, "http") && !EqualFold(scheme, "https") {
		return l.refuse(absoluteScheme, from)
	}
	authority := schemeEnd + len("://")
	authorityEnd := to
	if n := bytes.IndexAny(l.bytes[authority:to], "/?"); n >= 0 {
		authorityEnd = authority + n
	}
	if at := bytes.IndexByte(l.bytes[authority:authorityEnd], '@'); at >= 0 {
		return l.refuse(absoluteUserinfo, authority+at)
	}
	if authority == authorityEnd || l.bytes[authority] == ':' {
		return l.refuse(absoluteNoHost, authority)
	}
	if _, err := checkHostAndPort(l, authority, authorityEnd); err != nil {
		return err
	}
	r.Form = AbsoluteForm
	r.Scheme = l.span(from, schemeEnd)
	r.Authority = l.span(authority, authorityEnd)
	return parsePathAndQuery(l, authorityEnd, to, r)
}

// parseAuthorityForm reads the target of CONNECT, which asks for a tunnel. An origin server that makes no tunnels
// refuses the method even when the target is right.
//
//	authority-form = uri-host ":" port                                                           (RFC 9112 §3.2.3)
func parseAuthorityForm(l line, from, to int, r *Request) *SyntaxError {
	if l.bytes[from] == ':' {
		return l.refuse(authorityNoHost, from)
	}
	hostEnd, err := checkHostAndPort(l, from, to)
	switch {
	case err != nil:
		return err
	case to-hostEnd < len(":1"):
		return l.refuse(authorityNoPort, to)
	}
	r.Form = AuthorityForm
	r.Authority = l.span(from, to)
	return l.refuse(connectRefused, 0)
}

// parseAsteriskForm reads the target that means the server as a whole.
//
//	asterisk-form = "*"                                                                          (RFC 9112 §3.2.4)
func parseAsteriskForm(l line, from, to int, r *Request) *SyntaxError {
	if string(l.bytes[:from]) != "OPTIONS " {
		return l.refuse(asteriskMethod, from)
	}
	r.Form = AsteriskForm
	return nil
}
