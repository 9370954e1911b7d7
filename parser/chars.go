package parser

// class is a set of the byte classes that the grammar is made of. One look into a table answers for all of them.
type class uint8

const (
	tokenByte  class = 1 << iota // tchar (RFC 9110 §5.6.2)
	fieldByte                    // VCHAR, SP, HTAB, obs-text: what a field value may hold (RFC 9110 §5.5)
	targetByte                   // what a request-target may hold; looser than RFC 3986, see classify
	hostByte                     // unreserved, sub-delims: what a reg-name may hold besides pct-encoded (RFC 3986 §3.2.2)
	digitByte                    // DIGIT
	hexByte                      // HEXDIG, in either case (RFC 5234 §2.3)
)

var classes = classify()

// is reports whether the byte belongs to one of the classes.
func (c class) is(b byte) bool { return classes[b]&c != 0 }

// classify fills the table of classes.
//
//	tchar      = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~" / DIGIT / ALPHA
//	unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"
//	sub-delims = "!" / "$" / "&" / "'" / "(" / ")" / "*" / "+" / "," / ";" / "="
//
// targetByte is looser than RFC 3986 §3.3: the bytes 0x80-0xFF and the characters "<>[\]^`{|} are kept, because
// browsers and other clients send them. They cannot be mistaken for the end of the target; SP, CTL and "#" could.
func classify() (table [256]class) {
	add := func(c class, members string) {
		for i := range len(members) {
			table[members[i]] |= c
		}
	}
	const digits = "0123456789"
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	add(tokenByte, digits+letters+"!#$%&'*+-.^_`|~")
	add(hostByte, digits+letters+"-._~"+"!$&'()*+,;=")
	add(digitByte, digits)
	add(hexByte, digits+"abcdefABCDEF")
	add(fieldByte, "\t ")
	for b := '!'; b <= 0xFF; b++ {
		if b != 0x7F {
			table[b] |= fieldByte | targetByte
		}
	}
	table['#'] &^= targetByte
	return table
}

// IsToken implements RFC 9110 §5.6.2: token = 1*tchar
func IsToken(text string) bool {
	for i := range len(text) {
		if !tokenByte.is(text[i]) {
			return false
		}
	}
	return text != ""
}

// HexDigits reads the value of HEXDIG HEXDIG at the front of the text, in either case; ok says whether they stand there.
func HexDigits(text string) (value byte, ok bool) {
	if len(text) < 2 || !hexByte.is(text[0]) || !hexByte.is(text[1]) {
		return 0, false
	}
	return hexValue(text[0])<<4 | hexValue(text[1]), true
}

// hexValue is the value of a HEXDIG: the letters of both cases have 1 to 6 in their lower four bits.
func hexValue(b byte) byte {
	if b > '9' {
		return b&0x0F + 9
	}
	return b & 0x0F
}

// countLeading is the number of bytes at the front that belong to the class.
func countLeading(text []byte, c class) int {
	for i, b := range text {
		if !c.is(b) {
			return i
		}
	}
	return len(text)
}

// trimOWS cuts the white space round [from, to) of the text: OWS = *( SP / HTAB ) (RFC 9110 §5.6.3), and no other.
func trimOWS(text []byte, from, to int) (int, int) {
	for from < to && isBlank(text[from]) {
		from++
	}
	for from < to && isBlank(text[to-1]) {
		to--
	}
	return from, to
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' }

// EqualFold compares with a word in lower case, ignoring the case of ASCII letters only. bytes.EqualFold would not do:
// for it the Kelvin sign U+212A equals k, and "chun\u212Aed" would be chunked here and unknown to a proxy before us.
func EqualFold(text []byte, word string) bool {
	if len(text) != len(word) {
		return false
	}
	for i, b := range text {
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		if b != word[i] {
			return false
		}
	}
	return true
}

// checkPercent finds a "%" that two hex digits do not follow, or returns -1.
//
//	pct-encoded = "%" HEXDIG HEXDIG                                                             (RFC 3986 §2.1)
func checkPercent(text []byte) int {
	for i, b := range text {
		if b == '%' && countLeading(text[i+1:min(i+3, len(text))], hexByte) < 2 {
			return i
		}
	}
	return -1
}
