package check_test

// The flaws of servers in reading bodies and in handling connections. Each is a mistake that a real server makes or made.
func init() {
	broken = append(broken, brokenLengths...)
	broken = append(broken, brokenCodings...)
	broken = append(broken, brokenChunks...)
	broken = append(broken, brokenConnections...)
}

var brokenLengths = []flaw{
	{
		name:      "takes a length with a sign",
		receiving: pattern(`Content-Length: \+`, "Content-Length: "),
		fails:     []string{"rfc9112-6.3-length-plus", "rfc9112-6.3-length-two-lines-last-invalid"},
	},
	{
		name:      "takes a length with an underscore",
		receiving: pattern(`(Content-Length: \d+)_`, "$1"),
		fails:     []string{"rfc9112-6.3-length-underscore"},
	},
	{
		name:      "takes a length in hexadecimal",
		receiving: pattern(`(Content-Length: )0x`, "$1"),
		fails:     []string{"rfc9112-6.3-length-hex"},
	},
	{
		name:      "reads a length with atoi()",
		receiving: pattern(`(Content-Length: \d+)[^\d\r\n][^\r\n]*`, "$1"),
		fails:     []string{"rfc9112-6.3-length-letters", "rfc9112-6.3-length-*"},
	},
	{
		name:      "takes an empty length for none",
		receiving: replace("Content-Length: \r\n", ""),
		fails:     []string{"rfc9112-6.3-length-empty"},
	},
	{
		name:      "reads a length with zeros as octal",
		receiving: replace("Content-Length: 0012", "Content-Length: 10"),
		with:      []string{"rfc9110-8.6-length-leading-zeros"},
		fails:     []string{"rfc9110-8.6-length-leading-zeros"},
	},
}

var brokenCodings = []flaw{
	{
		name:      "searches Transfer-Encoding for chunked",
		receiving: pattern(`Transfer-Encoding:[^\r\n]*chunked[^\r\n]*\r\n(Content-Length: [^\r]*\r\n)?`, "Transfer-Encoding: chunked\r\n"),
		fails:     []string{"rfc9112-6.3-te-xchunked", "rfc9112-6*", "rfc9112-7.1-te-parameter"},
	},
	{
		name:      "takes the length where there is one",
		receiving: pattern(`(?:Transfer-Encoding:[^\r\n]*\r\n)+(Content-Length)`, "$1"),
		fails:     []string{"rfc9112-6.3-te-identity", "rfc9112-6*", "rfc9112-7.1-te-parameter"},
	},
	{
		name:      "keeps a connection of HTTP/1.0 open after chunks",
		receiving: pattern(`HTTP/1\.0(\r\n(?s:.*)Transfer-Encoding: chunked)`, "HTTP/1.1$1"),
		fails:     []string{"rfc9112-6.1-te-http10"},
	},
	{
		name:      "compares codings with case",
		receiving: replace("ChUNKED", "unknown"),
		with:      []string{"rfc9112-7-te-case"},
		fails:     []string{"rfc9112-7-te-case"},
	},
}

var brokenChunks = []flaw{
	{
		name:      "takes a chunk-size with 0x",
		receiving: pattern(`(?m)^0x(\d+\r\n)`, "$1"),
		fails:     []string{"rfc9112-7.1-size-0x"},
	},
	{
		name:      "takes a chunk-size with a sign",
		receiving: pattern(`(?m)^[+-](\d+\r\n)`, "$1"),
		fails:     []string{"rfc9112-7.1-size-plus", "rfc9112-7.1-size-minus*"},
	},
	{
		name:      "skips two bytes after the data of a chunk",
		receiving: pattern(`(?s)(\r\nHello)..(0\r\n)`, "$1\r\n$2"),
		fails:     []string{"rfc9112-7.1-data-two-bytes", "rfc9112-7.1-data-lf-cr"},
	},
	{
		name:      "ends the line of a chunk-size at LF",
		receiving: pattern(`(?m)^(\d+)\n`, "$1\r\n"),
		fails:     []string{"rfc9112-7.1-size-lf", "rfc9112-7.1-last-chunk-lf"},
	},
	{
		name:      "ends a chunk extension at LF",
		receiving: pattern(`(?m)^(\d+;[a-z]+)\n`, "$1\r\n"),
		fails:     []string{"rfc9112-7.1.1-extension-lf"},
	},
	{
		name:      "takes an empty line for a chunk-size",
		receiving: replace("Hello\r\n\r\n0", "Hello\r\n0"),
		fails:     []string{"rfc9112-7.1-data-extra-line"},
	},
	{
		name:      "does not know last chunks of several zeros",
		receiving: pattern(`\r\n0000\r\n`, "\r\nzero\r\n"),
		with:      []string{"rfc9112-7.1-last-chunk-zeros"},
		fails:     []string{"rfc9112-7.1-last-chunk-zeros"},
	},
}

var brokenConnections = []flaw{
	{
		name:      "compares the whole value of Connection",
		receiving: pattern(`Connection: [^\r\n,]*,[^\r\n]*`, "X-Ignored: a"),
		fails:     []string{"rfc9112-9.6-close-first", "rfc9112-9.6-close-last", "rfc9112-9.6-close-no-space", "rfc9112-9.6-close-empty-members", "rfc9110-7.6.1*"},
	},
	{
		name:      "compares the options of Connection with case",
		receiving: replace("Connection: CLOSE", "Connection: unknown"),
		fails:     []string{"rfc9112-9.6-close-upper"},
	},
	{
		name:      "keeps the first of two lines",
		receiving: pattern(`(Connection: [^\r\n]*\r\n)Connection: [^\r\n]*\r\n`, "$1"),
		fails:     []string{"rfc9112-9.6-close-second-line"},
	},
	{
		name:      "does not know expectations",
		receiving: replace("Expect: 100-continue\r\n", ""),
		with:      []string{"rfc9110-10.1.1-continue", "rfc9110-10.1.1-continue-once", "rfc9110-10.1.1-continue-chunked"},
		fails:     []string{"rfc9110-10.1.1-continue", "rfc9110-10.1.1-continue-chunked"},
	},
	{
		name:      "sends 100 to HTTP/1.0",
		receiving: pattern(`HTTP/1\.0(\r\n(?s:.*)Expect:)`, "HTTP/1.1$1"),
		with:      []string{"rfc9110-10.1.1-continue-http10"},
		fails:     []string{"rfc9110-10.1.1-continue-http10"},
	},
	{
		name:    "sends 100 before it looks at the request",
		sending: pattern(`^HTTP/1.1 400`, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400"),
		fails:   []string{"rfc9110-10.1.1-continue-invalid"},
	},
}
