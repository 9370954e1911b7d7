package parser

import "testing"

// TestEqualFold: the case of ASCII letters, and of nothing else.
func TestEqualFold(t *testing.T) {
	for text, word := range map[string]string{"A": "a", "z": "z", "Z-9_~": "z-9_~"} {
		if !EqualFold([]byte(text), word) {
			t.Errorf("%q is not %q", text, word)
		}
	}
	for text, word := range map[string]string{"@": "`", "[": "{", "_": "\x7f", "\u212a": "k", "ab": "a"} {
		if EqualFold([]byte(text), word) {
			t.Errorf("%q is %q", text, word)
		}
	}
}

var connectionTable = table{
	name: "Connection", before: "GET / HTTP/1.1\r\nHost: a\r\n", after: "\r\n\r\n",
	wantBefore: "GET origin / 1.1 | Host=[a]",
	rows: []row{
		{"close", "Connection: close", "Connection=[close] | head none close | end"},
		{"case-insensitive", "CONNECTION: Close", "CONNECTION=[Close] | head none close | end"},
		{"keep-alive", "Connection: keep-alive", "Connection=[keep-alive] | head none keep | end"},
		{"close in a list", "Connection: upgrade, close", "Connection=[upgrade, close] | head none close | end"},
		{"close wins over keep-alive", "Connection: keep-alive,close", "Connection=[keep-alive,close] | head none close | end"},
		{"close wins in any order", "Connection: close,keep-alive", "Connection=[close,keep-alive] | head none close | end"},
		{"close on another line", "Connection: keep-alive\r\nConnection: close", "Connection=[keep-alive] | Connection=[close] | head none close | end"},
		{"other options", "Connection: te, upgrade", "Connection=[te, upgrade] | head none keep | end"},
		{"close as a part of a word", "Connection: closed, not-close", "Connection=[closed, not-close] | head none keep | end"},
		{"empty", "Connection:", "Connection=[] | head none keep | end"},
		{"empty elements", "Connection: , ,\t,close", "Connection=[, ,\t,close] | head none close | end"},
		{"empty elements and nothing else", "Connection: , ,", "Connection=[, ,] | head none keep | end"},
		{"no token: better close", "Connection: close;now", "Connection=[close;now] | head none close | end"},
		{"Proxy-Connection means nothing", "Proxy-Connection: close", "Proxy-Connection=[close] | head none keep | end"},
	},
}

var connection10Table = table{
	name: "Connection in HTTP/1.0", before: "GET / HTTP/1.0\r\n", after: "\r\n\r\n", wantBefore: "GET origin / 1.0",
	rows: []row{
		{"nothing", "A: b", "A=[b] | head none close | end"},
		{"keep-alive", "Connection: Keep-Alive", "Connection=[Keep-Alive] | head none keep | end"},
		{"keep-alive in a list", "Connection: te,keep-alive", "Connection=[te,keep-alive] | head none keep | end"},
		{"close wins", "Connection: keep-alive, close", "Connection=[keep-alive, close] | head none close | end"},
		{"Keep-Alive is another field", "Keep-Alive: timeout=5", "Keep-Alive=[timeout=5] | head none close | end"},
	},
}

var expectTable = table{
	name: "Expect",
	rows: []row{
		{"with a length", post + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", wantPost + " | Content-Length=[5] | Expect=[100-continue] | head length 5 keep expect | need"},
		{"case-insensitive", post + "Content-Length: 5\r\nexpect: 100-Continue\r\n\r\n", wantPost + " | Content-Length=[5] | expect=[100-Continue] | head length 5 keep expect | need"},
		{"with chunks", post + "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n0\r\n\r\n", wantPost + " | Transfer-Encoding=[chunked] | Expect=[100-continue] | head chunks keep expect | size 0 | end"},
		{"twice the same", post + "Content-Length: 5\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n\r\n", wantPost + " | Content-Length=[5] | Expect=[100-continue] | Expect=[100-continue] | head length 5 keep expect | need"},
		{"without a body", post + "Expect: 100-continue\r\n\r\n", wantPost + " | Expect=[100-continue] | head none keep | end"},
		{"with length 0", post + "Content-Length: 0\r\nExpect: 100-continue\r\n\r\n", wantPost + " | Content-Length=[0] | Expect=[100-continue] | head length 0 keep | end"},
		{"ignored in HTTP/1.0", "POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\nx", "POST origin / 1.0 | Content-Length=[1] | Expect=[100-continue] | head length 1 close | body x | end"},
		{"unknown, ignored in HTTP/1.0", "POST / HTTP/1.0\r\nExpect: magic\r\n\r\n", "POST origin / 1.0 | Expect=[magic] | head none close | end"},
		{"unknown", post + "Expect: magic\r\n\r\n", "417 Expect: not 100-continue"},
		{"a list", post + "Expect: 100-continue, magic\r\n\r\n", "417 Expect: not 100-continue"},
		{"unknown on the second line", post + "Expect: 100-continue\r\nExpect: magic\r\n\r\n", "417 Expect: not 100-continue"},
		{"parameter", post + "Expect: 100-continue;a=b\r\n\r\n", "417 Expect: not 100-continue"},
		{"empty", post + "Expect:\r\n\r\n", "417 Expect: not 100-continue"},
	},
}
