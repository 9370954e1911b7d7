package parser

import (
	"encoding/hex"
	"strings"
	"testing"
)

// TestIsToken holds each byte to the list of RFC 9110 §5.6.2, at the beginning and at the end of a token.
func TestIsToken(t *testing.T) {
	const tchar = "!#$%&'*+-.^_`|~" + "0123456789" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "abcdefghijklmnopqrstuvwxyz"
	if IsToken("") {
		t.Error("a token has one character at least")
	}
	for b := range 256 {
		c := string([]byte{byte(b)})
		want := strings.Contains(tchar, c)
		for _, text := range []string{c, c + "a", "a" + c} {
			if IsToken(text) != want {
				t.Errorf("IsToken(%q) is %t", text, !want)
			}
		}
	}
}

// TestHexDigits compares every pair of bytes with encoding/hex.
func TestHexDigits(t *testing.T) {
	for first := range 256 {
		for second := range 256 {
			pair := []byte{byte(first), byte(second)}
			want, err := hex.DecodeString(string(pair))
			value, ok := HexDigits(string(pair) + "0")
			if ok != (err == nil) || ok && value != want[0] {
				t.Fatalf("HexDigits(%q) = %d, %t; encoding/hex: %v, %v", pair, value, ok, want, err)
			}
		}
	}
	for _, short := range []string{"", "4"} {
		if _, ok := HexDigits(short); ok {
			t.Errorf("HexDigits(%q) finds two digits", short)
		}
	}
}
