package front_test

import (
	"fmt"
	"strings"
	"testing"

	"glasswsgi/server/front"
)

const signature = "\r\n\r\n\x00\r\nQUIT\n"

// proxyHeaders are the beginnings of connections, and what they say: source and destination, "-" that the proxy says
// nothing of a client, "" that it is no header.
var proxyHeaders = []struct{ name, header, want string }{
	{"TCP4", "PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n", "203.0.113.9:4711 192.0.2.1:443"},
	{"TCP6", "PROXY TCP6 2001:db8::9 2001:db8::1 4711 443\r\n", "[2001:db8::9]:4711 [2001:db8::1]:443"},
	{"UNKNOWN", "PROXY UNKNOWN\r\n", "-"},
	{"UNKNOWN, with anything", "PROXY UNKNOWN ffff:f 1 2 3\r\n", "-"},
	{"the longest line", "PROXY UNKNOWN " + strings.Repeat("f", 91) + "\r\n", "-"},
	{"a longer line", "PROXY UNKNOWN " + strings.Repeat("f", 92) + "\r\n", ""},
	{"no end", "PROXY UNKNOWN " + strings.Repeat("f", 200), ""},
	{"family and address differ", "PROXY TCP4 2001:db8::9 2001:db8::1 4711 443\r\n", ""},
	{"the other way round", "PROXY TCP6 203.0.113.9 192.0.2.1 4711 443\r\n", ""},
	{"a zone", "PROXY TCP6 fe80::1%eth0 fe80::2 1 2\r\n", ""},
	{"no port", "PROXY TCP4 203.0.113.9 192.0.2.1\r\n", ""},
	{"a port too large", "PROXY TCP4 203.0.113.9 192.0.2.1 65536 443\r\n", ""},
	{"two spaces", "PROXY TCP4  203.0.113.9 192.0.2.1 1 2\r\n", ""},
	{"lower case", "proxy TCP4 203.0.113.9 192.0.2.1 1 2\r\n", ""},
	{"a request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", ""},

	{"version 2, IPv4", signature + "\x21\x11\x00\x0c\xcb\x00\x71\x09\xc0\x00\x02\x01\x12\x67\x01\xbb", "203.0.113.9:4711 192.0.2.1:443"},
	{"version 2, IPv4, a TLV", signature + "\x21\x11\x00\x10\xcb\x00\x71\x09\xc0\x00\x02\x01\x12\x67\x01\xbb\x04\x00\x01x", "203.0.113.9:4711 192.0.2.1:443"},
	{"version 2, IPv6", signature + "\x21\x21\x00\x24" + "\x20\x01\x0d\xb8" + strings.Repeat("\x00", 11) + "\x09" + "\x20\x01\x0d\xb8" + strings.Repeat("\x00", 11) + "\x01" + "\x12\x67\x01\xbb", "[2001:db8::9]:4711 [2001:db8::1]:443"},
	{"version 2, LOCAL", signature + "\x20\x00\x00\x00", "-"},
	{"version 2, a Unix socket", signature + "\x21\x31\x00\x04abcd", "-"},
	{"version 2, unspecified", signature + "\x21\x00\x00\x00", "-"},
	{"version 2, too short for IPv4", signature + "\x21\x11\x00\x0b" + strings.Repeat("\x00", 11), ""},
	{"version 2, too short for IPv6", signature + "\x21\x21\x00\x23" + strings.Repeat("\x00", 35), ""},
	{"version 2, too long", signature + "\x21\x11\xff\xff", ""},
	{"version 2, another command", signature + "\x22\x11\x00\x00", ""},
	{"version 3", signature + "\x31\x11\x00\x00", ""},
}

func describe(h front.ProxyHeader) string {
	if !h.Source.IsValid() {
		return "-"
	}
	return fmt.Sprint(h.Source, " ", h.Destination)
}

// TestDecodeProxyHeader: each header, whole with bytes after it, and byte by byte.
func TestDecodeProxyHeader(t *testing.T) {
	for _, row := range proxyHeaders {
		t.Run(row.name, func(t *testing.T) {
			header, size, err := front.DecodeProxyHeader([]byte(row.header + "GET /"))
			if row.want == "" {
				if err == nil {
					t.Fatalf("%v, %d bytes", header, size)
				}
				return
			}
			if err != nil || describe(header) != row.want || size != len(row.header) {
				t.Errorf("%s, %d of %d bytes, %v", describe(header), size, len(row.header), err)
			}
			for n := range row.header {
				if header, size, err := front.DecodeProxyHeader([]byte(row.header[:n])); size != 0 || err != nil {
					t.Errorf("after %d bytes: %v, %d, %v", n, header, size, err)
				}
			}
		})
	}
}

// FuzzProxyHeader: no input panics, a decision never changes with what follows, and a size lies within the input.
func FuzzProxyHeader(f *testing.F) {
	for _, row := range proxyHeaders {
		f.Add([]byte(row.header))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		header, size, err := front.DecodeProxyHeader(data)
		if size < 0 || size > len(data) || err != nil && size != 0 {
			t.Fatalf("%d of %d bytes, %v", size, len(data), err)
		}
		if again, n, err2 := front.DecodeProxyHeader(append(data[:len(data):len(data)], "GET / HTTP/1.1\r\n"...)); size > 0 && (again != header || n != size || err2 != nil) || err != nil && err2 == nil {
			t.Fatalf("with more bytes: %v, %d, %v", again, n, err2)
		}
	})
}
