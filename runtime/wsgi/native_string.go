package wsgi

import (
	"strings"

	"glasswsgi/parser"
)

// A native string is PEP 3333's str: text whose code points are all below U+0100, each standing for one byte (PEP 3333
// "Unicode Issues"). In Go it is a string of those bytes, so that nothing has to be converted between the wire and the
// environ. Only a view that shows it as text converts it.

// Latin1 returns the text that a native string shows in Python, as UTF-8: byte n becomes code point n.
func Latin1(native string) string {
	if isASCII(native) {
		return native
	}
	var b strings.Builder
	for i := range len(native) {
		b.WriteRune(rune(native[i]))
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// PercentDecode replaces each pct-encoded triplet by its byte (RFC 3986 §2.1). A % that no two hexadecimal digits
// follow stays as it is; the parser refuses it in a path.
func PercentDecode(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	decoded := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			if b, ok := parser.HexDigits(s[i+1:]); ok {
				c = b
				i += 2
			}
		}
		decoded = append(decoded, c)
	}
	return string(decoded)
}
