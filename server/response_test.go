package server_test

import (
	"fmt"
	"strings"
	"testing"

	"glasswsgi/runtime/native"
)

const (
	get11  = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
	get10  = "GET / HTTP/1.0\r\n\r\n"
	keep10 = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
	head11 = "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"
	tail   = "Date: *\r\nServer: glass\r\n"
)

// What leaves for what an application said. The rows are in the order of RFC 9112 §6.3, seen from the sender.
var responses = []struct {
	name, request string
	app           native.Callable
	want          string
}{
	{"HEAD: the head of GET, no body", head11, app("200 OK", header("Content-Type", "text/plain"), "hello"),
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + tail + "Content-Length: 5\r\n\r\n"},
	{"HEAD: a list of several blocks", head11, app("200 OK", nil, "hel", "lo"),
		"HTTP/1.1 200 OK\r\n" + tail + "Content-Length: 5\r\n\r\n"},
	{"HEAD: length unknown", head11, generator("200 OK", nil, "hel", "lo"),
		"HTTP/1.1 200 OK\r\n" + tail + "\r\n"},
	{"HEAD: no block is no promise of an empty body", head11, app("200 OK", nil),
		"HTTP/1.1 200 OK\r\n" + tail + "\r\n"},
	{"HEAD: Content-Length of the application stays", head11, app("200 OK", header("Content-Length", "7")),
		"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n" + tail + "\r\n"},
	{"HEAD: refused in the request-line", "HEAD /a b HTTP/1.1\r\n\r\n", app("200 OK", nil),
		refusal("400 Bad Request", 74)},
	{"HEAD: refused before the end of the request-line", "HEAD /" + strings.Repeat("x", 9000), app("200 OK", nil),
		refusal("414 URI Too Long", 89)},
	{"HEAD: cut off in the request-line", "HEAD /a", app("200 OK", nil), refusal("400 Bad Request", 68)},
	{"HEAD: refused in the header section", "HEAD / HTTP/1.1\r\nHost : x\r\n\r\n", app("200 OK", nil),
		refusal("400 Bad Request", 81)},
	{"204: no body, no length", get11, app("204 No Content", header("Content-Length", "5"), "hello"),
		"HTTP/1.1 204 No Content\r\n" + tail + "\r\n"},
	{"205: no body, and a length that says so", get11, app("205 Reset Content", header("Content-Length", "5"), "hello"),
		"HTTP/1.1 205 Reset Content\r\n" + tail + "Content-Length: 0\r\n\r\n"},
	{"304: no body, the length of the 200 may stay", get11, app("304 Not Modified", header("Content-Length", "5"), "hello"),
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n" + tail + "\r\n"},
	{"one block: Content-Length is computed", get11, app("200 OK", nil, "hello"),
		"HTTP/1.1 200 OK\r\n" + tail + "Content-Length: 5\r\n\r\nhello"},
	{"no block: Content-Length 0", get11, app("404 Not Found", nil),
		"HTTP/1.1 404 Not Found\r\n" + tail + "Content-Length: 0\r\n\r\n"},
	{"only empty blocks: Content-Length 0", get11, generator("200 OK", nil, "", ""),
		"HTTP/1.1 200 OK\r\n" + tail + "Content-Length: 0\r\n\r\n"},
	{"a list of several blocks: Content-Length is computed", get11, app("200 OK", nil, "hel", "", "lo"),
		"HTTP/1.1 200 OK\r\n" + tail + "Content-Length: 5\r\n\r\nhello"},
	{"several blocks, 1.1: chunked", get11, generator("200 OK", nil, "hel", "", "lo and more than fifteen"),
		"HTTP/1.1 200 OK\r\n" + tail + "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n18\r\nlo and more than fifteen\r\n0\r\n\r\n"},
	{"generator, 1.1: chunked", get11, generator("200 OK", nil, "a", "b"),
		"HTTP/1.1 200 OK\r\n" + tail + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n"},
	{"generator with Content-Length", get11, generator("200 OK", header("Content-Length", "2"), "a", "b"),
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + tail + "\r\nab"},
	{"generator, 1.0: the end of the connection", get10, generator("200 OK", nil, "a", "b"),
		"HTTP/1.1 200 OK\r\n" + tail + "Connection: close\r\n\r\nab"},
	{"generator, 1.0 with keep-alive: closed all the same", keep10, generator("200 OK", nil, "a", "b"),
		"HTTP/1.1 200 OK\r\n" + tail + "Connection: close\r\n\r\nab"},
	{"1.0 with keep-alive and a length: kept", keep10, app("200 OK", nil, "hello"),
		"HTTP/1.1 200 OK\r\n" + tail + "Content-Length: 5\r\nConnection: keep-alive\r\n\r\nhello"},
	{"1.0: closed", get10, app("200 OK", nil, "hello"),
		"HTTP/1.1 200 OK\r\n" + tail + "Content-Length: 5\r\nConnection: close\r\n\r\nhello"},
	{"Connection: close", "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", app("200 OK", nil, "hello"),
		"HTTP/1.1 200 OK\r\n" + tail + "Content-Length: 5\r\nConnection: close\r\n\r\nhello"},
	{"Date and Server of the application stay", get11, app("200 OK", header("date", "then", "SERVER", "mine")),
		"HTTP/1.1 200 OK\r\ndate: then\r\nSERVER: mine\r\nContent-Length: 0\r\n\r\n"},
	{"repeated fields stay apart, in their order", get11, app("200 OK", header("Set-Cookie", "a=1", "Set-Cookie", "b=2"), "x"),
		"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n" + tail + "Content-Length: 1\r\n\r\nx"},
	{"two pipelined requests", get11 + get11, app("200 OK", nil, "x"),
		strings.Repeat("HTTP/1.1 200 OK\r\n"+tail+"Content-Length: 1\r\n\r\nx", 2)},
	{"body longer than Content-Length: cut", get11 + get11, app("200 OK", header("Content-Length", "3"), "hello"),
		strings.Repeat("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"+tail+"\r\nhel", 2)},
	{"body shorter than Content-Length: the connection ends", get11 + get11, app("200 OK", header("Content-Length", "9"), "hello"),
		"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n" + tail + "\r\nhello"},
}

// refusal is the head of the server's own response to HEAD.
func refusal(status string, length int) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n",
		status, tail, length)
}

func TestResponse(t *testing.T) {
	for _, row := range responses {
		t.Run(row.name, func(t *testing.T) {
			_, address := serve(t, config(row.app, &record{}))
			equal(t, masked(talk(t, address, row.request)), row.want)
		})
	}
}

// TestLargeBlocks sends blocks on both sides of the size up to which they are copied.
func TestLargeBlocks(t *testing.T) {
	small, large := strings.Repeat("s", 100), strings.Repeat("l", 1<<20)
	_, address := serve(t, config(generator("200 OK", nil, small, large, small), &record{}))
	want := "HTTP/1.1 200 OK\r\n" + tail + "Transfer-Encoding: chunked\r\n\r\n" +
		"64\r\n" + small + "\r\n100000\r\n" + large + "\r\n64\r\n" + small + "\r\n0\r\n\r\n"
	if got := masked(talk(t, address, get11)); got != want {
		t.Errorf("got %d bytes, want %d", len(got), len(want))
	}
}
