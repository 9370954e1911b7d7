package cpython

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The format of Python's marshal module: one byte for the type, then the value. Python reads and writes it in C, which
// makes it the cheapest way to hand over a dict. These are the types that are spoken here.
const (
	marshalNone       = 'N'
	marshalTrue       = 'T'
	marshalFalse      = 'F'
	marshalInt        = 'i' // 4 bytes
	marshalShortASCII = 'z' // 1 byte length, ASCII
	marshalASCII      = 'a' // 4 bytes length, ASCII
	marshalUnicode    = 'u' // 4 bytes length, UTF-8, where lone surrogates are allowed
	marshalTuple      = '(' // 4 bytes count, items
	marshalList       = '[' // 4 bytes count, items
	marshalDict       = '{' // key, value, key, value, ..., null
	marshalNull       = '0'
)

// encoder appends values in marshal's format.
type encoder struct{ out []byte }

func (e *encoder) head(t byte, n int) {
	e.out = binary.LittleEndian.AppendUint32(append(e.out, t), uint32(n))
}
func (e *encoder) none()         { e.out = append(e.out, marshalNone) }
func (e *encoder) integer(n int) { e.head(marshalInt, n) }
func (e *encoder) tuple(n int)   { e.head(marshalTuple, n) }
func (e *encoder) list(n int)    { e.head(marshalList, n) }
func (e *encoder) beginDict()    { e.out = append(e.out, marshalDict) }
func (e *encoder) endDict()      { e.out = append(e.out, marshalNull) }

func (e *encoder) boolean(b bool) {
	if b {
		e.out = append(e.out, marshalTrue)
		return
	}
	e.out = append(e.out, marshalFalse)
}

// ascii appends a str of which the caller knows that it is ASCII.
func (e *encoder) ascii(s string) {
	if len(s) < 256 {
		e.out = append(append(e.out, marshalShortASCII, byte(len(s))), s...)
		return
	}
	e.head(marshalASCII, len(s))
	e.out = append(e.out, s...)
}

// native appends a native string: byte n becomes code point n (PEP 3333 "Unicode Issues").
func (e *encoder) native(s string) {
	high := countHigh(s)
	if high == 0 {
		e.ascii(s)
		return
	}
	e.head(marshalUnicode, len(s)+high) // a code point from U+0080 to U+00FF has two bytes in UTF-8
	for i := range len(s) {
		e.out = utf8.AppendRune(e.out, rune(s[i]))
	}
}

// system appends text of the operating system, such as a path. Bytes that are not UTF-8 become lone surrogates, as
// Python's os.fsdecode has it.
func (e *encoder) system(s string) {
	start := len(e.out)
	e.head(marshalUnicode, 0)
	for i, r := range s {
		if _, size := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && size == 1 {
			e.out = append(e.out, 0xed, 0xb0|s[i]>>6, 0x80|s[i]&0x3f) // U+DC00 + the byte
			continue
		}
		e.out = utf8.AppendRune(e.out, r)
	}
	binary.LittleEndian.PutUint32(e.out[start+1:], uint32(len(e.out)-start-5))
}

func countHigh(s string) int {
	high := 0
	for i := range len(s) {
		high += int(s[i] >> 7)
	}
	return high
}

// decoder takes values off the front of in, strictly: the caller says which type has to come. The first error sticks,
// and every value after it is zero. Nothing is allocated by a length that the input does not hold: in is a copy of the
// payload, and every text is a part of it.
type decoder struct {
	in  string
	err error
}

func decode(payload []byte) decoder { return decoder{in: string(payload)} }

func (d *decoder) fail(format string, arguments ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("marshal: "+format, arguments...)
	}
	d.in = ""
}

func (d *decoder) take(n int) string {
	if n > len(d.in) {
		d.fail("%d bytes wanted, %d left", n, len(d.in))
		return ""
	}
	b := d.in[:n]
	d.in = d.in[n:]
	return b
}

func (d *decoder) typ() byte {
	if b := d.take(1); b != "" {
		return b[0]
	}
	return 0
}

// size reads a length or count. Every item has at least one byte, so a larger one cannot be true.
func (d *decoder) size() int {
	n := d.uint32()
	if uint64(n) > uint64(len(d.in)) {
		d.fail("a length of %d, %d bytes left", n, len(d.in))
		return 0
	}
	return int(n)
}

func (d *decoder) uint32() uint32 {
	b := d.take(4)
	if b == "" {
		return 0
	}
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// tuple reads the head of a tuple of n items.
func (d *decoder) tuple(n int) {
	if t := d.typ(); t != marshalTuple {
		d.fail("type %q, not a tuple", t)
	}
	if got := d.size(); got != n {
		d.fail("a tuple of %d items, not %d", got, n)
	}
}

// list reads the head of a list and returns how many items follow.
func (d *decoder) list() int {
	if t := d.typ(); t != marshalList {
		d.fail("type %q, not a list", t)
	}
	return d.size()
}

// text reads a str as UTF-8.
func (d *decoder) text() string {
	switch t := d.typ(); t {
	case marshalUnicode, marshalASCII:
		return d.take(d.size())
	case marshalShortASCII:
		return d.take(int(d.typ()))
	default:
		d.fail("type %q, not a str", t)
		return ""
	}
}

// textOrNone reads a str; false stands for None.
func (d *decoder) textOrNone() (string, bool) {
	if len(d.in) > 0 && d.in[0] == marshalNone {
		d.take(1)
		return "", false
	}
	return d.text(), true
}

// native reads a str as a native string: code point n becomes byte n.
func (d *decoder) native() string {
	text := d.text()
	if countHigh(text) == 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if r > 0xff {
			d.fail("code point %U in a native string", r)
			return ""
		}
		b.WriteByte(byte(r))
	}
	return b.String()
}

func (d *decoder) integer() int {
	if t := d.typ(); t != marshalInt {
		d.fail("type %q, not an int", t)
		return 0
	}
	return int(int32(d.uint32()))
}

func (d *decoder) boolean() bool {
	switch t := d.typ(); t {
	case marshalTrue:
		return true
	case marshalFalse:
		return false
	default:
		d.fail("type %q, not a bool", t)
		return false
	}
}

// end checks that nothing is left, and returns the first error.
func (d *decoder) end() error {
	if len(d.in) > 0 {
		d.fail("%d bytes too many", len(d.in))
	}
	return d.err
}
