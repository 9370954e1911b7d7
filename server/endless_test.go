package server_test

import "strings"

// endless are requests that never end, and how the server ends them.
var endless = []struct {
	name, begin, piece string
	want               string // the status
}{
	{"method", "", "G", "501"},
	{"request-line", "GET /", strings.Repeat("x", 1000), "414"},
	{"empty lines", "", "\r\n", "400"},
	{"field line", "GET / HTTP/1.1\r\nX: ", strings.Repeat("x", 1000), "431"},
	{"tiny field lines", "GET / HTTP/1.1\r\n", "a:\r\n", "431"},
	{"large field lines", "GET / HTTP/1.1\r\n", "a: " + strings.Repeat("x", 8000) + "\r\n", "431"},
	{"chunk-size", chunkedPost, strings.Repeat("0", 1000), "400"},
	{"chunk-ext", chunkedPost + "1", ";" + strings.Repeat("x", 1000), "400"},
	{"chunk-ext over many chunks", chunkedPost, "1;a=bcdefghi\r\nx\r\n", "400"},
	{"trailer line", chunkedPost + "0\r\nX: ", strings.Repeat("x", 1000), "431"},
	{"tiny trailer lines", chunkedPost + "0\r\n", "a:\r\n", "431"},
	{"body beyond its limit", chunkedPost, "400\r\n" + strings.Repeat("x", 1024) + "\r\n", "413"},
	{"tiny chunks beyond the limit", chunkedPost, "1\r\nx\r\n", "413"},
}

const chunkedPost = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
