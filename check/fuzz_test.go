package check

import (
	"strings"
	"testing"
	"time"
)

// FuzzResponse: whatever a server sends is a response or an error, within the limits.
func FuzzResponse(f *testing.F) {
	for _, h := range hostile {
		f.Add([]byte(h.head+h.piece[:min(len(h.piece), 4096)]), "GET")
	}
	for _, text := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 204\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: 1\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\nA: 1\r\n 2\r\n\r\nto the end", "HTTP/1.1 200 OK\nA:b\n\n", "<html>", "\r\n\r\n",
	} {
		f.Add([]byte(text), "HEAD")
		f.Add([]byte(text), "GET")
	}
	f.Fuzz(func(t *testing.T, data []byte, method string) {
		v := newConversation("", time.Second)
		c := &connection{conversation: v, data: data, end: errNothing, changed: make(chan struct{}, 1)}
		c.begin()
		c.sent = []byte(method + " / HTTP/1.1\r\n\r\n")
		for range 3 {
			before := c.read
			r, err := c.readResponse(false)
			if c.read > len(data) || c.read < before {
				t.Fatalf("read %d of %d bytes, after %d", c.read, len(data), before)
			}
			if err != nil {
				clip(err)
				break
			}
			if len(r.body) > len(data) || len(r.fields) > mostFieldLines || len(r.interim) > mostInterim {
				t.Fatalf("a body of %d bytes, %d fields, %d interim responses", len(r.body), len(r.fields), len(r.interim))
			}
			(&answer{conversation: v, connection: c, response: r}).checkGrammar()
		}
	})
}

// FuzzAlternative: what is written as an alternative is one, or is refused with a caret below what is wrong.
func FuzzAlternative(f *testing.F) {
	for _, text := range []string{
		`200 body "a" close`, `4xx|5xx close done`, `closed`, `silence unclear "because"`, `2xx unclear "x"`, `200 json a."b.c".0 matches /x/`,
		`200 field X ~/(?i)a/ lines Y 2 no field Z no interim grammar`, `closed done`, `200 unclear ""`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := parseAlternative(text)
		if err != nil {
			if !strings.Contains(err.Error(), "^") && strings.TrimSpace(text) != "" {
				t.Errorf("%q: %v has no caret", text, err)
			}
			return
		}
		if a.done && a.unclear != "" {
			t.Errorf("%q is done and unclear", text)
		}
	})
}
