package ajp

import (
	"fmt"
	"strings"
	"testing"

	"glasswsgi/parser"
	"glasswsgi/server/gateway/token"
	"glasswsgi/server/gateway/tokentest"
)

var limits = token.Limits{Variables: 12, Head: 300, Content: 20}

var protocol = tokentest.Protocol{
	New:      func() token.Decoder { return New(limits) },
	Describe: Describe,
	Next:     get,
	NextWant: getTold,
}

// forward is a Forward Request, of a prefix code and what follows it.
func forward(rest string) string { return pack("\x02" + rest) }

// pack is a packet of a web server.
func pack(payload string) string {
	return fmt.Sprintf("\x12\x34%c", len(payload)>>8) + string([]byte{byte(len(payload))}) + payload
}

// str is a string of a packet.
func str(s string) string { return string(appendText(nil, s)) }

const (
	parts    = "\x00\x08HTTP/1.1\x00\x00\x02/a\x00\x00\x02::\x00\xff\xff\x00\x01h\x00\x00\x50\x00" // protocol to is_ssl
	noHeader = "\x00\x00"
	end      = "\xff"
)

var (
	get     = forward("\x02" + parts + noHeader + end)
	getTold = started(35, "GET") + " | num_headers 0 | request_terminator | head | end"
)

// started is how a Forward Request with those parts is told, up to is_ssl.
func started(size int, method string) string {
	return fmt.Sprintf("packet header %d bytes | prefix_code Forward Request | REQUEST_METHOD=%s (%02x) | ", size, method, methodCode(method)) + partsTold
}

const partsTold = "SERVER_PROTOCOL=HTTP/1.1 | REQUEST_URI=/a | REMOTE_ADDR=:: | remote_host null | SERVER_NAME=h | SERVER_PORT=80 (0050) | is_ssl"

// one is a request with one header; oneTold how it is told.
func one(header string) string { return forward("\x04" + parts + "\x00\x01" + header + end) }
func oneTold(header, told string) string {
	return started(35+len(header), "POST") + " | num_headers 1 | " + told + " | request_terminator | head"
}

// with is a request with an attribute; withTold how it is told.
func with(attribute string) string { return forward("\x02" + parts + noHeader + attribute + end) }
func withTold(attribute, told string) string {
	return started(35+len(attribute), "GET") + " | num_headers 0 | " + told + " | request_terminator | head | end"
}

func data(content string) string { return string(AppendData(nil, []byte(content))) }

// moreTold is Data that is not the last: more is asked for before its content has come.
func moreTold(content string) string {
	return strings.Replace(dataTold(content), "content ", "reply Get Body Chunk | content ", 1)
}

func dataTold(content string) string {
	return fmt.Sprintf("packet header %d bytes | Data size %d | content %s", len(content)+2, len(content), content)
}

var (
	length5  = "\xa0\x08" + str("5")
	told5    = oneTold(length5, "content-length: 5")
	chunked  = str("Transfer-Encoding") + str("chunked")
	toldMore = oneTold(chunked, "Transfer-Encoding: chunked")
)

const (
	ask   = " | reply Get Body Chunk | "
	empty = "packet header 0 bytes"
)

var requestRows = []tokentest.Row{
	{"GET", get, getTold},
	{"every method has a code", forward("\x1b" + parts + noHeader + end), started(35, "MKACTIVITY") + " | num_headers 0 | request_terminator | head | end"},
	{"a method without a code", forward("\xff" + parts + noHeader + "\x0d" + str("BREW") + end),
		"packet header 43 bytes | prefix_code Forward Request | method | " + partsTold + " | num_headers 0 | REQUEST_METHOD=BREW | request_terminator | head | end"},
	{"over TLS", forward("\x02" + parts[:len(parts)-1] + "\x01" + noHeader + end),
		strings.Replace(started(35, "GET"), "is_ssl", "HTTPS=on (01)", 1) + " | num_headers 0 | request_terminator | head | end"},
	{"a coded header", one("\xa0\x0b" + str("h:80")), oneTold("\xa0\x0b"+str("h:80"), "host: h:80") + " | end"},
	{"the last code", one("\xa0\x0e" + str("x")), oneTold("\xa0\x0e"+str("x"), "user-agent: x") + " | end"},
	{"a header by name", one(str("X-A") + str("b")), oneTold(str("X-A")+str("b"), "X-A: b") + " | end"},
	{"an empty value", one(str("X-A") + str("")), oneTold(str("X-A")+str(""), "X-A: ") + " | end"},
	{"a null value", one("\xa0\x01\xff\xff"), oneTold("\xa0\x01\xff\xff", "accept: ") + " | end"},
	{"two headers", forward("\x02" + parts + "\x00\x02" + str("A") + str("b") + str("A") + str("c") + end),
		started(51, "GET") + " | num_headers 2 | A: b | A: c | request_terminator | head | end"},
	{"query_string", with("\x05" + str("a=b")), withTold("\x05"+str("a=b"), "QUERY_STRING=a=b")},
	{"remote_user", with("\x03" + str("me")), withTold("\x03"+str("me"), "REMOTE_USER=me")},
	{"req_attribute", with("\x0a" + str("N") + str("v")), withTold("\x0a"+str("N")+str("v"), "N=v")},
	{"ssl_key_size", with("\x0b\x01\x00"), withTold("\x0b\x01\x00", "SSL_CIPHER_USEKEYSIZE=256 (0100)")},
	{"secret is no variable", with("\x0c" + str("s")), withTold("\x0c"+str("s"), "secret")},
	{"route is no variable", with("\x06" + str("s")), withTold("\x06"+str("s"), "route")},
	{"a null attribute", with("\x05\xff\xff"), withTold("\x05\xff\xff", "query_string null")},
	{"CPing", pack("\x0a") + get, "packet header 1 bytes | prefix_code CPing | reply CPong Reply | " + getTold},
	{"content", one(length5) + data("hello"), told5 + " | " + dataTold("hello") + " | end"},
	{"content in two", one(length5) + data("he") + data("llo"), told5 + " | " + moreTold("he") + " | " + dataTold("llo") + " | end"},
	{"content without its size", one(length5) + pack("he") + pack("llo"), told5 + " | packet header 2 bytes | reply Get Body Chunk | content he | packet header 3 bytes | content llo | end"},
	{"content of one byte without its size", one(length5) + pack("h") + pack("ello"), told5 + " | packet header 1 bytes | reply Get Body Chunk | content h | packet header 4 bytes | content ello | end"},
	{"content-length 0", one("\xa0\x08" + str("0")), oneTold("\xa0\x08"+str("0"), "content-length: 0") + " | end"},
	{"content-length 0, and an empty packet", one("\xa0\x08"+str("0")) + pack("") + get, oneTold("\xa0\x08"+str("0"), "content-length: 0") + " | end | " + empty + " | " + getTold},
	{"chunked", one(chunked) + data("hello") + data(""), toldMore + ask + moreTold("hello") + " | packet header 2 bytes | Data size 0 | end"},
	{"chunked, with a packet that is empty", one(chunked) + data("hello") + pack(""), toldMore + ask + moreTold("hello") + " | " + empty + " | end"},
	{"chunked, and nothing in it", one(chunked) + pack(""), toldMore + ask + empty + " | end"},
	{"as much as may be, chunked", one(chunked) + data(x(20)) + pack(""), toldMore + ask + moreTold(x(20)) + " | " + empty + " | end"},
	{"half a header", "\x12\x34\x00", "need"},
	{"no prefix code", "\x12\x34\x00\x01", "packet header 1 bytes | need"},
	{"half a string", get[:10], "packet header 35 bytes | prefix_code Forward Request | REQUEST_METHOD=GET (02) | need"},
	{"half a content", one(length5) + data("hello")[:8], told5 + " | packet header 7 bytes | Data size 5 | content he | need"},
	{"no content yet", one(length5), told5 + " | need"},
	{"no end of it", one(chunked) + data("hello"), toldMore + ask + moreTold("hello") + " | need"},
}

func x(n int) string { return strings.Repeat("x", n) }

var refusedRows = []tokentest.Row{
	{"HTTP", "GET / HTTP/1.1\r\n\r\n", "refused packet: does not begin with 12 34"},
	{"a packet of an application's", "AB\x00\x01\x09", "refused packet: does not begin with 12 34"},
	{"an empty packet", pack("") + "\x02", "refused packet: empty, where a request is due"},
	{"an empty packet without a content-length", get + pack("") + "\x02", "refused packet: empty, where a request is due"},
	{"two empty packets", one("\xa0\x08"+str("0")) + pack("") + pack("") + "\x02", "refused packet: empty, where a request is due"},
	{"Shutdown", pack("\x07"), "refused Shutdown: this server is not shut down by its peers"},
	{"Ping", pack("\x08"), "refused Ping: there is no secure login phase"},
	{"another prefix code", pack("\x03"), "refused prefix_code: not one that a web server sends"},
	{"CPing with more in it", pack("\x0a\x00"), "refused packet: longer than its content"},
	{"nothing behind the prefix code", pack("\x02") + "\x02", "refused packet: too short for what it has"},
	{"method 0", forward("\x00" + parts + noHeader + end), "refused method: unknown code"},
	{"method 28", forward("\x1c" + parts + noHeader + end), "refused method: unknown code"},
	{"protocol is null", forward("\x02\xff\xff"), "refused string: null, where there must be one"},
	{"req_uri is null", forward("\x02" + str("HTTP/1.1") + "\xff\xff"), "refused string: null, where there must be one"},
	{"a string without NUL", forward("\x02\x00\x01xy" + x(9)), "refused string: no NUL at its end"},
	{"a string that is too long for its packet", forward("\x02\x00\x05HTTP"), "refused packet: too short for what it has"},
	{"a string whose NUL is not in its packet", forward("\x02\x00\x04HTTP") + "\x00", "refused packet: too short for what it has"},
	{"half a length", forward("\x02\x00") + "\x01", "refused packet: too short for what it has"},
	{"a NUL in a string", forward("\x02\x00\x01\x00\x00"), "refused variable: a NUL in it"},
	{"is_ssl 2", forward("\x02" + parts[:len(parts)-1] + "\x02" + noHeader + end), "refused boolean: neither 0 nor 1"},
	{"code 0", one("\xa0\x00" + str("x")), "refused req_header_name: unknown code"},
	{"code 15", one("\xa0\x0f" + str("x")), "refused req_header_name: unknown code"},
	{"a name that is too long", one("\xa1\x01" + str("x")), "refused req_header_name: too long"},
	{"a null name", one("\xff\xff" + str("x")), "refused req_header_name: too long"},
	{"a header without a name", one(str("") + str("x")), "refused variable: without a name"},
	{"a header less", forward("\x02" + parts + "\x00\x02" + str("A") + str("b") + end), "refused packet: too short for what it has"},
	{"no terminator", forward("\x02" + parts + noHeader), "refused packet: too short for what it has"},
	{"more behind the terminator", forward("\x02" + parts + noHeader + end + "x"), "refused packet: longer than its content"},
	{"an unknown attribute", with("\x0e" + str("x")), "refused attribute_name: unknown code"},
	{"attribute 0", with("\x00" + str("x")), "refused attribute_name: unknown code"},
	{"a null name of an attribute", with("\x0a\xff\xff" + str("x")), "refused string: null, where there must be one"},
	{"the method does not come", forward("\xff" + parts + noHeader + end), "refused stored_method: missing"},
	{"the method comes twice", with("\x0d" + str("GET")), "refused stored_method: the method has come"},
	{"the method is stored twice", forward("\xff" + parts + noHeader + "\x0d" + str("A") + "\x0d" + str("B") + end), "refused stored_method: the method has come"},
	{"a null method", forward("\xff" + parts + noHeader + "\x0d\xff\xff" + end), "refused string: null, where there must be one"},
	{"content-length is empty", one("\xa0\x08" + str("")), "refused content-length: empty"},
	{"content-length is no number", one(str("Content-Length") + str("0x5")), "refused CONTENT_LENGTH: not 1*DIGIT"},
	{"content-length beyond the limit", one("\xa0\x08" + str("21")), "refused content: too large"},
	{"content-length twice", forward("\x04" + parts + "\x00\x02" + length5 + length5 + end), "refused CONTENT_LENGTH: more than one"},
	{"a coding besides chunked", one(str("Transfer-Encoding") + str("gzip")), "refused transfer-encoding: not chunked"},
	{"a coding that only looks like chunked", one(str("Transfer-Encoding") + str("chun\u212aed")), "refused transfer-encoding: not chunked"},
	{"chunked, and a length", forward("\x04" + parts + "\x00\x02" + chunked + length5 + end), "refused transfer-encoding: together with content-length"},
	{"a length, and chunked", forward("\x04" + parts + "\x00\x02" + length5 + chunked + end), "refused transfer-encoding: together with content-length"},
	{"too many headers", forward("\x02" + parts + "\x00\x08" + strings.Repeat(str("A")+str("b"), 8) + end), "refused variables: too many"},
	{"too long", one(str("A") + str(x(280))), "refused variables: too long"},
	{"a request where content is due", one(length5) + get, "refused content: longer than CONTENT_LENGTH"},
	{"Data larger than its packet", one(chunked) + pack("\x00\x05hell"), "refused Data: its size is not that of the packet"},
	{"Data smaller than its packet", one(chunked) + pack("\x00\x04hello"), "refused Data: its size is not that of the packet"},
	{"the second packet has no size", one(length5) + data("he") + pack("llo"), "refused Data: its size is not that of the packet"},
	{"the second packet has a size", one(length5) + pack("he") + data("llo"), "refused content: longer than CONTENT_LENGTH"},
	{"content that looks like a size", one(length5) + pack("\x00\x03abc") + pack(""), "refused content: shorter than CONTENT_LENGTH"},
	{"one byte of Data", one(chunked) + pack("\x00") + "\x00", "refused packet: too short for what it has"},
	{"more content than there may be", one(length5) + data("hello!"), "refused content: longer than CONTENT_LENGTH"},
	{"content ends too early", one(length5) + data("hell") + data(""), "refused content: shorter than CONTENT_LENGTH"},
	{"content ends too early, with an empty packet", one(length5) + data("hell") + pack(""), "refused content: shorter than CONTENT_LENGTH"},
	{"chunked, beyond the limit", one(chunked) + data(x(20)) + data("x"), "refused content: too large"},
}

func TestRequests(t *testing.T) { protocol.Run(t, requestRows) }
func TestRefusals(t *testing.T) { protocol.Run(t, refusedRows) }
func TestEveryRuleIsBroken(t *testing.T) {
	tokentest.EveryRuleIsBroken(t, refusedRows, notAnswer.Name)
}

func FuzzDecoder(f *testing.F) { protocol.Fuzz(f, append(requestRows, refusedRows...)) }

// TestOffset: what is refused because of what was announced is refused where it begins, not where it ends.
func TestOffset(t *testing.T) {
	d := New(token.Limits{})
	d.Feed([]byte(forward("\x02\x00\x04HTTP") + "\x00"))
	for {
		event, err := d.Next()
		if err != nil {
			if err.Error() != `packet: too short for what it has (AJPv13 "Basic Packet Structure"), at byte 6` {
				t.Errorf("got %v", err)
			}
			return
		}
		if event.Kind == token.NeedData {
			t.Fatal("it is not refused")
		}
	}
}

func TestEndOfInput(t *testing.T) {
	protocol.Ends(t, [][2]string{
		{"", ""},
		{"\x12", "packet: incomplete"},
		{get[:9], "packet: incomplete"},
		{get, ""},
		{pack("\x0a"), ""},
		{one(length5), "content: incomplete"},
		{one(length5) + data("hello")[:7], "content: incomplete"},
		{one(length5) + data("hell"), "content: incomplete"},
		{one(length5) + data("hello"), ""},
		{one(chunked), "content: incomplete"},
		{one(chunked) + pack(""), ""},
		{pack("\x07"), "Shutdown: this server is not shut down by its peers"},
	})
}

func TestWire(t *testing.T) {
	got := protocol.Transcribe(t, one(str("X-A")+str("bcd")), tokentest.Whole).Requests[0].Variables
	last := got[len(got)-1]
	if last.Wire != (parser.Span{Start: 46, End: 49}) || !last.Field || got[0].Field {
		t.Errorf("%+v", last)
	}
}

// TestWantsNoMore: what is on its way still comes, and no more is asked for.
func TestWantsNoMore(t *testing.T) {
	for _, c := range []struct{ name, input, before, want string }{
		{"the first packet is on its way", one(length5) + data("he") + get, "GotHead", "GotFrame GotFrame GotContent GotEnd"},
		{"more was asked for before it came", one(length5) + data("he") + data("l") + get, "GotReply", "GotContent GotFrame GotFrame GotContent GotEnd"},
		{"it has come, and more was asked for", one(length5) + data("he") + data("l") + get, "GotContent", "GotFrame GotFrame GotContent GotEnd"},
		{"it is the end", one(length5) + data("he") + data("") + get, "GotContent", "GotFrame GotFrame GotEnd"},
		{"chunked, and nothing was asked for", one(chunked) + get, "GotHead", "GotEnd"},
	} {
		d := New(token.Limits{})
		d.Feed([]byte(c.input))
		for event := (token.Event{}); event.Kind.String() != c.before; {
			event, _ = d.Next()
		}
		d.WantsNoMore()
		d.WantsNoMore()
		var kinds []string
		for event := (token.Event{}); event.Kind != token.GotEnd; {
			var err error
			if event, err = d.Next(); err != nil || event.Kind == token.NeedData {
				t.Fatalf("%s: %v after %v", c.name, err, kinds)
			}
			kinds = append(kinds, event.Kind.String())
		}
		if got := strings.Join(kinds, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		d.NextRequest()
		if event, err := d.Next(); event.Kind != token.GotFrame || event.Span.Start != 0 || err != nil {
			t.Errorf("%s: then %v %v", c.name, event.Kind, err)
		}
	}
}
