package parser

import "strings"

const chunkedPost = post + "Transfer-Encoding: chunked\r\n\r\n"
const wantChunkedPost = wantPost + " | Transfer-Encoding=[chunked] | head chunks keep"

// chunkOf makes a chunk with n bytes of content, and says what it gives.
func chunkOf(size string, n int) (chunk, want string) {
	content := strings.Repeat("x", n)
	return size + "\r\n" + content + "\r\n", "size " + size + " | body " + content
}

var chunk1000, wantChunk1000 = chunkOf("3e8", 1000)

var chunkSizeTable = table{
	name: "chunk-size", before: chunkedPost, after: "\r\nhello\r\n0\r\n\r\n",
	wantBefore: wantChunkedPost, wantAfter: "body hello | size 0 | end",
	rows: []row{
		{"one digit", "5", "size 5"},
		{"leading zeros", "00000000000000000000000005", "size 00000000000000000000000005"},
		{"as long as the line may be", strings.Repeat("0", 4095) + "5", "size " + strings.Repeat("0", 4095) + "5"},
		{"one past what the line may be", strings.Repeat("0", 4096) + "5", "400 chunk-size: line too long"},
		{"endless", strings.Repeat("0", 90000), "400 chunk-size: line too long"},
		{"several chunks", "2\r\nhe\r\n3\r\nllo\r\n5", "size 2 | body he | size 3 | body llo | size 5"},
		{"hex lower case", "a\r\n0123456789\r\n5", "size a | body 0123456789 | size 5"},
		{"hex upper case", "A\r\n0123456789\r\n5", "size A | body 0123456789 | size 5"},
		{"three hex digits", chunk1000 + "5", wantChunk1000 + " | size 5"},
		{"empty line", "", "400 chunk-size: not 1*HEXDIG"},
		{"prefix 0x", "0x5", "400 chunk-size: neither chunk-ext nor CRLF after it"},
		{"plus", "+5", "400 chunk-size: not 1*HEXDIG"},
		{"minus", "-5", "400 chunk-size: not 1*HEXDIG"},
		{"space before", " 5", "400 chunk-size: not 1*HEXDIG"},
		{"tab before", "\t5", "400 chunk-size: not 1*HEXDIG"},
		{"space after", "5 ", "400 chunk-size: neither chunk-ext nor CRLF after it"},
		{"underscore", "0_5", "400 chunk-size: neither chunk-ext nor CRLF after it"},
		{"other letter", "5g", "400 chunk-size: neither chunk-ext nor CRLF after it"},
		{"comma", "5,5", "400 chunk-size: neither chunk-ext nor CRLF after it"},
		{"point", "5.0", "400 chunk-size: neither chunk-ext nor CRLF after it"},
		{"NUL after", "5\x00", "400 chunk-size: neither chunk-ext nor CRLF after it"},
		{"only an extension", ";a=b", "400 chunk-size: not 1*HEXDIG"},
		{"word", "five", "400 chunk-size: neither chunk-ext nor CRLF after it"},
		{"2^63", "8000000000000000", "400 chunk-size: does not fit 63 bits"},
		{"2^64+5", "10000000000000005", "400 chunk-size: does not fit 63 bits"},
		{"sixteen f", "ffffffffffffffff", "400 chunk-size: does not fit 63 bits"},
		{"bare LF", "5\nhello\r\n5", "400 line: ends in a bare LF"},
		{"bare CR", "5\rhello\r\n5", "400 chunk-size: neither chunk-ext nor CRLF after it"},
		{"CR before CRLF", "5\r", "400 chunk-size: neither chunk-ext nor CRLF after it"},
	},
}

var chunkExtTable = table{
	name: "chunk-ext", before: chunkedPost + "5", after: "\r\nhello\r\n0\r\n\r\n",
	wantBefore: wantChunkedPost, wantAfter: "body hello | size 0 | end",
	rows: []row{
		{"name", ";a", "size 5;a"},
		{"name and token", ";a=b", "size 5;a=b"},
		{"quoted-string", ";a=\"b c\"", "size 5;a=\"b c\""},
		{"empty quoted-string", ";a=\"\"", "size 5;a=\"\""},
		{"quoted-pair", ";a=\"\\\"\\\\\"", "size 5;a=\"\\\"\\\\\""},
		{"semicolon in quotes", ";a=\";b\"", "size 5;a=\";b\""},
		{"obs-text in quotes", ";a=\"\xe9\"", "size 5;a=\"\xe9\""},
		{"several", ";a;b=c;d=\"e\"", "size 5;a;b=c;d=\"e\""},
		{"BWS before the semicolon", " ;a", "size 5 ;a"},
		{"BWS after the semicolon", "; a", "size 5; a"},
		{"BWS everywhere", " \t; a = b \t;\tc\t=\t\"d\"", "size 5 \t; a = b \t;\tc\t=\t\"d\""},
		{"as long as the line may be", ";" + strings.Repeat("a", 4094), "size 5;" + strings.Repeat("a", 4094)},
		{"one past what the line may be", ";" + strings.Repeat("a", 4095), "400 chunk-size: line too long"},
		{"endless", ";" + strings.Repeat("a", 90000), "400 chunk-size: line too long"},
		{"no name", ";", "400 chunk-ext: malformed"},
		{"no name, two semicolons", ";;", "400 chunk-ext: malformed"},
		{"no name, but a value", ";=b", "400 chunk-ext: malformed"},
		{"no value", ";a=", "400 chunk-ext: malformed"},
		{"no value, next extension", ";a=;b", "400 chunk-ext: malformed"},
		{"open quotes", ";a=\"b", "400 chunk-ext: malformed"},
		{"escape at the end", ";a=\"b\\", "400 chunk-ext: malformed"},
		{"text after the quotes", ";a=\"b\"c", "400 chunk-ext: malformed"},
		{"space at the end", ";a ", "400 chunk-ext: malformed"},
		{"name is no token", ";@", "400 chunk-ext: malformed"},
		{"NUL in the value", ";a=b\x00", "400 chunk-ext: malformed"},
		{"NUL in quotes", ";a=\"\x00\"", "400 chunk-ext: malformed"},
		{"CTL behind a backslash", ";a=\"\\\x01\"", "400 chunk-ext: malformed"},
		{"bare CR", ";a\rb", "400 chunk-ext: malformed"},
		{"bare CR in quotes", ";a=\"\r\"", "400 chunk-ext: malformed"},
		{"bare LF", ";a\nb", "400 line: ends in a bare LF"},
		{"bare LF in quotes", ";a=\"\nb\"", "400 line: ends in a bare LF"},
	},
}

// longExt is a chunk with an extension as long as the line may be: 16 of them leave 16 bytes of the total.
var longExt = "1;" + strings.Repeat("a", 4094) + "\r\nx\r\n"

var chunkDataTable = table{
	name: "chunk-data", before: chunkedPost, wantBefore: wantChunkedPost,
	rows: []row{
		{"CRLF in it is content", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "size 4 | body \r\n\r\n | size 0 | end"},
		{"no chunks", "0\r\n\r\n", "size 0 | end"},
		{"last-chunk of many zeros", "0000\r\n\r\n", "size 0000 | end"},
		{"last-chunk with an extension", "0;a=b\r\n\r\n", "size 0;a=b | end"},
		{"2000 chunks", strings.Repeat("1\r\nx\r\n", 2000) + "0\r\n\r\n", strings.Repeat("size 1 | body x | ", 2000) + "size 0 | end"},
		{"no CRLF after it", "2\r\nhi0\r\n\r\n", "400 chunk-data: no CRLF after it"},
		{"LF after it", "2\r\nhi\n0\r\n\r\n", "400 chunk-data: no CRLF after it"},
		{"CR after it", "2\r\nhi\r0\r\n\r\n", "400 chunk-data: no CRLF after it"},
		{"any two bytes after it", "2\r\nhiXX0\r\n\r\n", "400 chunk-data: no CRLF after it"},
		{"LF CR after it", "2\r\nhi\n\r0\r\n\r\n", "400 chunk-data: no CRLF after it"},
		{"too long", "2\r\nhih\r\n0\r\n\r\n", "400 chunk-data: no CRLF after it"},
		{"too short", "3\r\nhi\r\n0\r\n\r\n", "400 chunk-data: no CRLF after it"},
		{"space after it", "2\r\nhi \r\n0\r\n\r\n", "400 chunk-data: no CRLF after it"},
		{"two CRLFs after it", "2\r\nhi\r\n\r\n0\r\n\r\n", "400 chunk-size: not 1*HEXDIG"},
		{"extensions: the limit over all", strings.Repeat(longExt, 16) + "0;" + x(15) + "\r\n\r\n", strings.ReplaceAll(strings.Repeat("size "+longExt, 16), "\r\nx\r\n", " | body x | ") + "size 0;" + x(15) + " | end"},
		{"extensions: one past the limit over all", strings.Repeat(longExt, 16) + "0;" + x(16) + "\r\n\r\n", "400 chunk-ext: too many over the whole message"},
		{"2^63-1 is awaited", "7fffffffffffffff\r\nhello\r\n0", "size 7fffffffffffffff | body hello\r\n0 | need"},
		{"truncated in the size", "5", "need"},
		{"truncated in the data", "5\r\nhel", "size 5 | body hel | need"},
		{"truncated after the data", "2\r\nhi", "size 2 | body hi | need"},
		{"truncated after CR", "2\r\nhi\r", "size 2 | body hi | need"},
		{"truncated before the last chunk", "2\r\nhi\r\n", "size 2 | body hi | need"},
		{"truncated after the last chunk", "0\r\n", "size 0 | need"},
		{"truncated in the last CRLF", "0\r\n\r", "size 0 | need"},
	},
}

var chunkSumTable = table{
	name: "chunk sum", before: chunkedPost, limits: Limits{}, wantBefore: wantChunkedPost,
	rows: []row{
		{"would overflow with the second chunk", "1\r\nx\r\n7fffffffffffffff\r\n", "413 content: too large"},
		{"just fits with the second chunk", "1\r\nx\r\n7ffffffffffffffe\r\nyz", "size 1 | body x | size 7ffffffffffffffe | body yz | need"},
	},
}

var trailerTable = table{
	name: "trailer", before: chunkedPost + "0\r\n", after: "\r\n", wantBefore: wantChunkedPost + " | size 0", wantAfter: "end",
	rows: []row{
		{"none", "", ""},
		{"one", "A: b\r\n", "trailer A: b"},
		{"two", "A: b\r\nC:d\r\n", "trailer A: b | trailer C:d"},
		{"forbidden ones change nothing", "Content-Length: 5\r\nTransfer-Encoding: x\r\nHost: b\r\n", "trailer Content-Length: 5 | trailer Transfer-Encoding: x | trailer Host: b"},
		{"space before the colon", "A : b\r\n", "400 field-name: space before the colon"},
		{"no colon", "Abc\r\n", "400 field line: no colon"},
		{"no name", ": b\r\n", "400 field-name: missing"},
		{"name no token", "A@: b\r\n", "400 field-name: not a token"},
		{"obs-fold", "A: b\r\n c\r\n", "400 obs-fold: a line starts with white space"},
		{"NUL", "A: \x00\r\n", "400 field-value: control character"},
		{"bare CR", "A: b\rc\r\n", "400 field-value: control character"},
		{"bare LF", "A: b\nC: d\r\n", "400 line: ends in a bare LF"},
		{"bare LF ends it", "\n", "400 line: ends in a bare LF"},
		{"bare CR ends it", "\rX", "400 field-name: not a token"},
		{"a request instead", "GET / HTTP/1.1\r\n", "400 field-name: not a token"},
	},
}
