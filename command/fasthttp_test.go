package command

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// parserDifferences are requests that --model fasthttp and glass's own parser read differently, by the words of
// docs/FASTHTTP.md, with the statuses of both.
var parserDifferences = []struct {
	what            string
	raw             string
	glass, fasthttp int
}{
	{"obs-fold: a field line that goes on in the next line", fold("GET", "X-A: one\r\n two\r\n", ""), 400, 200},
	{"obs-fold with a tab", fold("GET", "X-A: one\r\n\ttwo\r\n", ""), 400, 200},
	{"obs-fold in the trailer section", chunkedWith("5\r\nhello\r\n0\r\nX-A: one\r\n two\r\n\r\n"), 400, 200},
	{"white space between chunk-size and CR LF", chunkedWith("5 \r\nhello\r\n0\r\n\r\n"), 400, 200},
	{"white space before the semicolon of a chunk extension", chunkedWith("5 ;a=b\r\nhello\r\n0\r\n\r\n"), 200, 400},
	{"an empty chunk extension", chunkedWith("5;\r\nhello\r\n0\r\n\r\n"), 400, 200},
	{"an empty chunk extension before another", chunkedWith("5;;a\r\nhello\r\n0\r\n\r\n"), 400, 200},
	{"a chunk extension with = and no value", chunkedWith("5;a=\r\nhello\r\n0\r\n\r\n"), 400, 200},
	{"a chunk extension whose name is no token", chunkedWith("5;(a)\r\nhello\r\n0\r\n\r\n"), 400, 200},
	{"a chunk-size with more than sixteen digits, most of them zeros", chunkedWith("0000000000000000005\r\nhello\r\n0\r\n\r\n"), 200, 400},
	{"a field line that ends in LF alone", fold("GET", "X-A: one\n", ""), 400, 200},
}

func fold(method, fields, body string) string {
	return method + " / HTTP/1.1\r\nHost: localhost\r\n" + fields + "Connection: close\r\n\r\n" + body
}

func chunkedWith(body string) string { return fold("POST", "Transfer-Encoding: chunked\r\n", body) }

// TestFasthttpDifferences: docs/FASTHTTP.md lists each, and says what is true.
func TestFasthttpDifferences(t *testing.T) {
	text, err := os.ReadFile("docs/FASTHTTP.md")
	if err != nil {
		t.Fatal(err)
	}
	own, other := serve(t, "go:echo"), serve(t, "--model", "fasthttp", "go:echo")
	for _, row := range parserDifferences {
		if got := [2]int{statusOf(t, own, row.raw), statusOf(t, other, row.raw)}; got != [2]int{row.glass, row.fasthttp} {
			t.Errorf("%s: %v", row.what, got)
		}
		if want := fmt.Sprintf("| %s | %d | %d |", row.what, row.glass, row.fasthttp); !strings.Contains(string(text), want) {
			t.Errorf("docs/FASTHTTP.md has no row %s", want)
		}
	}
}

func statusOf(t *testing.T, s *running, raw string) int {
	t.Helper()
	socket, err := net.DialTimeout("tcp", strings.TrimPrefix(s.url, "http://"), deadline)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	socket.SetDeadline(time.Now().Add(deadline))
	io.WriteString(socket, raw)
	response, err := http.ReadResponse(bufio.NewReader(socket), nil)
	if err != nil {
		t.Fatalf("%q: %v", raw, err)
	}
	return response.StatusCode
}
