package scgi

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"glasswsgi/parser"
	"glasswsgi/server/gateway/token"
	"glasswsgi/server/gateway/tokentest"
)

var limits = token.Limits{Variables: 6, Head: 100, Content: 27}

// What follows a request is not read: the connection has one.
var protocol = tokentest.Protocol{New: func() token.Decoder { return New(limits) }, Describe: Describe, Next: "7:A\x00b\x00,"}

// netstring is headers, given with | for NUL, as the specification sends them.
func netstring(headers string) string {
	headers = strings.ReplaceAll(headers, "|", "\x00")
	return strconv.Itoa(len(headers)) + ":" + headers + ","
}

const (
	head     = "CONTENT_LENGTH|0|SCGI|1|"
	headTold = "CONTENT_LENGTH=0 | SCGI=1"
	content5 = "CONTENT_LENGTH|5|SCGI|1|"
)

// whole is how a whole netstring is told.
func whole(variables string) string {
	return "netstring length | " + variables + " | netstring end | head"
}

func x(n int) string { return strings.Repeat("x", n) }

var requestRows = []tokentest.Row{
	{"no content", netstring(head), whole(headTold) + " | end"},
	{"a header", netstring(head + "A|b|"), whole(headTold+" | A=b") + " | end"},
	{"an empty value", netstring(head + "A||"), whole(headTold+" | A=") + " | end"},
	{"content", netstring(content5) + "hello", whole("CONTENT_LENGTH=5 | SCGI=1") + " | content hello | end"},
	{"the specification's example", "70:CONTENT_LENGTH\x0027\x00SCGI\x001\x00REQUEST_METHOD\x00POST\x00REQUEST_URI\x00/deepthought\x00,What is the answer to life?",
		whole("CONTENT_LENGTH=27 | SCGI=1 | REQUEST_METHOD=POST | REQUEST_URI=/deepthought") + " | content What is the answer to life? | end"},
	{"a name twice", netstring(head + "A|b|A|c|"), whole(headTold+" | A=b | A=c") + " | end"},
	{"SCGI twice", netstring("CONTENT_LENGTH|0|SCGI|2|SCGI|1|"), whole("CONTENT_LENGTH=0 | SCGI=2 | SCGI=1") + " | end"},
	{"bytes beyond ASCII", netstring(head + "A|\xff\r\n|"), whole(headTold+" | A=\xff\r\n") + " | end"},
	{"as many headers as may be", netstring(head + "A|b|A|b|A|b|A|b|"), whole(headTold+" | A=b | A=b | A=b | A=b") + " | end"},
	{"as long as may be", netstring(head + "A|" + x(73) + "|"), whole(headTold+" | A="+x(73)) + " | end"},
	{"as much content as may be", netstring("CONTENT_LENGTH|27|SCGI|1|") + x(27), whole("CONTENT_LENGTH=27 | SCGI=1") + " | content " + x(27) + " | end"},
	{"half a length", "2", "need"},
	{"half a header", "24:CONTENT", "netstring length | need"},
	{"half a value", "24:CONTENT_LENGTH\x00", "netstring length | need"},
	{"no comma yet", netstring(head)[:27], "netstring length | " + headTold + " | need"},
	{"half a content", netstring(content5) + "hel", whole("CONTENT_LENGTH=5 | SCGI=1") + " | content hel | need"},
}

var refusedRows = []tokentest.Row{
	{"HTTP", "GET / HTTP/1.1\r\n\r\n", "refused netstring: its length is not 1*DIGIT"},
	{"no length", ":", "refused netstring: its length is not 1*DIGIT"},
	{"a length in hexadecimal", "1a:", "refused netstring: its length is not 1*DIGIT"},
	{"a sign", "-1:", "refused netstring: its length is not 1*DIGIT"},
	{"a leading zero", "024:", "refused netstring: its length begins with 0"},
	{"two zeros", "00:", "refused netstring: its length begins with 0"},
	{"one byte too long", "101:", "refused netstring: too long"},
	{"a length without an end", strings.Repeat("1", 1000), "refused netstring: too long"},
	{"nothing in it", "0:,", "refused CONTENT_LENGTH: not the first header"},
	{"CONTENT_LENGTH is missing", netstring("SCGI|1|"), "refused CONTENT_LENGTH: not the first header"},
	{"CONTENT_LENGTH is the second", netstring("SCGI|1|CONTENT_LENGTH|0|"), "refused CONTENT_LENGTH: not the first header"},
	{"CONTENT_LENGTH is empty", netstring("CONTENT_LENGTH||SCGI|1|"), "refused CONTENT_LENGTH: empty"},
	{"CONTENT_LENGTH is no number", netstring("CONTENT_LENGTH|five|SCGI|1|"), "refused CONTENT_LENGTH: not 1*DIGIT"},
	{"CONTENT_LENGTH twice", netstring(head + "CONTENT_LENGTH|5|"), "refused CONTENT_LENGTH: more than one"},
	{"CONTENT_LENGTH beyond the limit", netstring("CONTENT_LENGTH|28|SCGI|1|"), "refused content: too large"},
	{"no SCGI", netstring("CONTENT_LENGTH|0|A|b|"), "refused SCGI: there is no such header with the value 1"},
	{"SCGI 2", netstring("CONTENT_LENGTH|0|SCGI|2|"), "refused SCGI: there is no such header with the value 1"},
	{"no comma", "24:" + strings.ReplaceAll(head, "|", "\x00") + ";", "refused netstring: no comma at its end"},
	{"a name without a byte", netstring(head + "|b|"), "refused header: without a name"},
	{"a name without an end", netstring(head + "A"), "refused header: not ended by the end of the netstring"},
	{"a value without an end", netstring(head + "A|b"), "refused header: not ended by the end of the netstring"},
	{"too many headers", netstring(head + "A|b|A|b|A|b|A|b|A|b|"), "refused variables: too many"},
}

func TestRequests(t *testing.T) { protocol.Run(t, requestRows) }
func TestRefusals(t *testing.T) { protocol.Run(t, refusedRows) }
func TestEveryRuleIsBroken(t *testing.T) {
	tokentest.EveryRuleIsBroken(t, refusedRows, contentCut.Name)
}

func FuzzDecoder(f *testing.F) { protocol.Fuzz(f, append(requestRows, refusedRows...)) }

var unlimited = tokentest.Protocol{New: func() token.Decoder { return New(token.Limits{Head: 1 << 24, Variables: 1000}) }, Describe: Describe}

// FuzzIdentity decodes what AppendRequest encodes.
func FuzzIdentity(f *testing.F) {
	f.Add([]byte("A\x00b\x00CONTENT_TYPE\x00text/plain"), []byte("hello"))
	f.Fuzz(func(t *testing.T, names, content []byte) {
		variables := tokentest.Variables(names)
		unlimited.Identity(t, AppendRequest(nil, variables, content), variables, content)
	})
}

func TestEndOfInput(t *testing.T) {
	protocol.Ends(t, [][2]string{
		{"", ""},
		{"2", "netstring: incomplete"},
		{"24:", "netstring: incomplete"},
		{netstring(head)[:27], "netstring: incomplete"},
		{netstring(head), ""},
		{netstring(content5), "content: shorter than CONTENT_LENGTH"},
		{netstring(content5) + "hell", "content: shorter than CONTENT_LENGTH"},
		{netstring(content5) + "hello", ""},
		{"x", "netstring: its length is not 1*DIGIT"},
	})
}

func TestWire(t *testing.T) {
	got := protocol.Transcribe(t, netstring(head+"A|bcd|"), tokentest.Whole).Requests[0].Variables[2]
	if got.Wire != (parser.Span{Start: 29, End: 32}) || got.Field {
		t.Errorf("%+v", got)
	}
}

// TestEachByteIsSearchedOnce puts a NUL, which would end the value, over each byte that was searched: looked at again, it
// would be found.
func TestEachByteIsSearchedOnce(t *testing.T) {
	d := New(token.Limits{})
	d.Feed([]byte("20000:CONTENT_LENGTH\x000\x00A\x00"))
	for event := (token.Event{Kind: token.GotEnd}); event.Kind != token.NeedData; {
		event, _ = d.Next()
	}
	for range 1000 {
		d.Feed([]byte("x"))
		if event, err := d.Next(); event.Kind != token.NeedData || err != nil {
			t.Fatalf("%v %v", event, err)
		}
		unread := d.Unread()
		unread[len(unread)-1] = 0
	}
}

// TestOneRequest: bytes behind the content are nobody's.
func TestOneRequest(t *testing.T) {
	d := New(token.Limits{})
	d.Feed([]byte(netstring(head) + netstring(head)))
	var kinds []string
	for event := (token.Event{Kind: token.GotEnd}); event.Kind != token.NeedData; {
		event, _ = d.Next()
		kinds = append(kinds, event.Kind.String())
		d.NextRequest()
	}
	if fmt.Sprint(kinds) != "[GotFrame GotVariable GotVariable GotFrame GotHead GotEnd NeedData]" || d.Keeps() || d.Buffered() != len(netstring(head)) {
		t.Errorf("%v, and %d bytes are left", kinds, d.Buffered())
	}
}
