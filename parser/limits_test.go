package parser

import (
	"fmt"
	"strings"
)

func x(n int) string { return strings.Repeat("x", n) }

var lineLimitTable = table{
	name: "limit of the request-line", limits: Limits{RequestLine: 100}, after: hostAndEnd, wantAfter: wantHostAndEnd,
	rows: []row{
		{"the limit", "GET /" + x(86) + " HTTP/1.1", "GET origin /" + x(86) + " 1.1"},
		{"one past the limit", "GET /" + x(87) + " HTTP/1.1", "414 request-line: too long"},
		{"endless", "GET /" + x(9000) + " HTTP/1.1", "414 request-line: too long"},
		{"too long before anything else about the target", "GET /\x00#" + x(9000) + " HTTP/1.1", "414 request-line: too long"},
		{"the method before too long", x(40) + "@" + x(100), "400 method: not a token"},
		{"one past the limit is a CR", "GET /" + x(86) + " HTTP/1.1\rX", "414 request-line: too long"},
		{"one past the limit is a bare LF", "GET /" + x(86) + " HTTP/1.1\nX", "400 line: ends in a bare LF"},
		{"two past the limit is a bare LF", "GET /" + x(87) + " HTTP/1.1\nX", "414 request-line: too long"},
		{"many spaces", "GET " + strings.Repeat(" ", 100), "414 request-line: too long"},
	},
}

func fields(n int) string { return strings.Repeat("A: b\r\n", n) }

func wantFields(n int) string { return strings.TrimSuffix(strings.Repeat("A=[b] | ", n), " | ") }

var fieldLimitTable = table{
	name: "limits of field lines", limits: Limits{Fields: 5, FieldSize: 50},
	before: "GET / HTTP/1.1\r\nHost: a\r\n", after: "\r\n", wantBefore: "GET origin / 1.1 | Host=[a]", wantAfter: "head none keep | end",
	rows: []row{
		{"as many as may be", fields(4), wantFields(4)},
		{"one more", fields(5), "431 header section: too many field lines"},
		{"endless", fields(5000), "431 header section: too many field lines"},
		{"too many before what is wrong with it", fields(4) + "bad\r\n", "431 header section: too many field lines"},
		{"as long as may be", "A: " + x(47) + "\r\n", "A=[" + x(47) + "]"},
		{"one byte more", "A: " + x(48) + "\r\n", "431 field line: too long"},
		{"as long as may be, and CR", "A: " + x(47) + "\rX\r\n", "431 field line: too long"},
		{"white space counts", "A: " + strings.Repeat(" ", 48) + "\r\n", "431 field line: too long"},
		{"long name", x(51) + ": a\r\n", "431 field line: too long"},
		{"endless line", "A: " + x(90000), "431 field line: too long"},
		{"too long before what is wrong with it", " \x00" + x(50) + "\r\n", "431 field line: too long"},
		{"too long before too many", fields(4) + "A: " + x(48) + "\r\n", "431 field line: too long"},
	},
}

var sectionLimitTable = table{
	name: "limit of the header section", limits: Limits{HeaderSection: 60},
	before: "GET / HTTP/1.1\r\nHost: a\r\n", after: "\r\n", wantBefore: "GET origin / 1.1 | Host=[a]", wantAfter: "head none keep | end",
	rows: []row{
		{"the limit", "A: " + x(46) + "\r\n", "A=[" + x(46) + "]"},
		{"one past the limit", "A: " + x(47) + "\r\n", "431 header section: too long"},
		{"the limit with many lines", fields(7) + "A: bcde\r\n", wantFields(7) + " | A=[bcde]"},
		{"one past the limit with many lines", fields(7) + "A: bcdef\r\n", "431 header section: too long"},
		{"nothing is left", "A: " + x(46) + "\r\nB:\r\n", "431 header section: too long"},
		{"too little is left", "A: " + x(45) + "\r\nB", "431 header section: too long"},
		{"endless", fields(5000), "431 header section: too long"},
	},
}

var trailerLimitTable = table{
	name: "limits of the trailer section", limits: Limits{Fields: 3, FieldSize: 50, HeaderSection: 90},
	before: chunkedPost + "0\r\n", after: "\r\n", wantBefore: wantChunkedPost + " | size 0", wantAfter: "end",
	rows: []row{
		{"as many as may be", fields(3), "trailer A: b | trailer A: b | trailer A: b"},
		{"one more", fields(4), "431 trailer section: too many field lines"},
		{"as long as may be", "A: " + x(47) + "\r\n", "trailer A: " + x(47)},
		{"one byte more", "A: " + x(48) + "\r\n", "431 field line: too long"},
		{"section as long as may be", "A: " + x(47) + "\r\nA: " + x(33) + "\r\n", "trailer A: " + x(47) + " | trailer A: " + x(33)},
		{"section one byte longer", "A: " + x(47) + "\r\nA: " + x(34) + "\r\n", "431 trailer section: too long"},
		{"endless line", x(90000), "431 field line: too long"},
	},
}

var bodyLimitTable = table{
	name: "limit of the content", limits: Limits{Body: 5}, before: post, wantBefore: wantPost,
	rows: []row{
		{"the limit", "Content-Length: 5\r\n\r\nhello", "Content-Length=[5] | head length 5 keep | body hello | end"},
		{"one past the limit, at the head", "Content-Length: 6\r\n\r\n", "413 content: too large"},
		{"far past the limit", fmt.Sprintf("Content-Length: %d\r\n\r\n", int64(maxInt64)), "413 content: too large"},
		{"chunks: the limit", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "Transfer-Encoding=[chunked] | head chunks keep | size 5 | body hello | size 0 | end"},
		{"chunks: the limit in two", "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "Transfer-Encoding=[chunked] | head chunks keep | size 2 | body he | size 3 | body llo | size 0 | end"},
		{"chunks: one past the limit", "Transfer-Encoding: chunked\r\n\r\n6\r\n", "413 content: too large"},
		{"chunks: one past the limit in two", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n", "413 content: too large"},
		{"chunks: the largest number", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7fffffffffffffff\r\n", "413 content: too large"},
	},
}

var pipeliningTable = table{
	name: "pipelining", after: nextMessage, wantAfter: nextWant,
	rows: []row{
		{"after no body", "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n", "GET origin /1 1.1 | Host=[a] | head none keep | end"},
		{"after a length", post + "Content-Length: 2\r\n\r\nhi", wantPost + " | Content-Length=[2] | head length 2 keep | body hi | end"},
		{"after chunks", chunkedPost + "2\r\nhi\r\n0\r\n\r\n", wantChunkedPost + " | size 2 | body hi | size 0 | end"},
		{"after chunks with a trailer", chunkedPost + "0\r\nA: b\r\n\r\n", wantChunkedPost + " | size 0 | trailer A: b | end"},
		{"after an empty line", chunkedPost + "0\r\n\r\n\r\n", wantChunkedPost + " | size 0 | end"},
		{"after close, too: the server decides", "GET / HTTP/1.0\r\n\r\n", "GET origin / 1.0 | head none close | end"},
		{"a hundred", strings.Repeat("GET / HTTP/1.0\r\n\r\n", 100), strings.TrimSuffix(strings.Repeat("GET origin / 1.0 | head none close | end | ", 100), " | ")},
		{"the second is bad", "GET / HTTP/1.0\r\n\r\nGET / \r\n\r\n", "400 HTTP-version: malformed"},
	},
}
