package fastcgi

import "encoding/binary"

// longLength is the bit that marks a length of four bytes (FastCGI §3.4).
const longLength = 0x80

// pair says how a name-value pair is cut (FastCGI §3.4):
//
//	nameLength valueLength nameData valueData
//
// A length below 128 has one byte. A longer one has four, the first of which has its first bit set.
type pair struct{ lengths, name, value int } // how many bytes each part has

// parsePair reads the two lengths. known says that both are there; the name and the value may not have come yet.
func parsePair(b []byte) (p pair, known bool) {
	nameLength, n := parseLength(b)
	valueLength, m := parseLength(b[n:])
	return pair{n + m, nameLength, valueLength}, n > 0 && m > 0
}

// parseLength reads a length, and says how many bytes it has: 0 where some are missing.
func parseLength(b []byte) (length, size int) {
	switch {
	case len(b) > 0 && b[0]&longLength == 0:
		return int(b[0]), 1
	case len(b) >= 4:
		return int(binary.BigEndian.Uint32(b) &^ (longLength << 24)), 4
	}
	return 0, 0
}

// end is how long the pair is.
func (p pair) end() int { return p.lengths + p.name + p.value }

// cut returns the name and the value of a pair that is there as a whole.
func (p pair) cut(b []byte) (name, value string) {
	b = b[p.lengths:]
	return string(b[:p.name]), string(b[p.name : p.name+p.value])
}

// AppendPair appends a name-value pair.
func AppendPair(b []byte, name, value string) []byte {
	b = appendLength(b, len(name))
	b = appendLength(b, len(value))
	b = append(b, name...)
	return append(b, value...)
}

func appendLength(b []byte, n int) []byte {
	if n < longLength {
		return append(b, byte(n))
	}
	return binary.BigEndian.AppendUint32(b, uint32(n)|longLength<<24)
}
