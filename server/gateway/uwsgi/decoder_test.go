package uwsgi

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"glasswsgi/parser"
	"glasswsgi/server/gateway/token"
	"glasswsgi/server/gateway/tokentest"
)

var limits = token.Limits{Variables: 5, Head: 300, Content: 20}

// What follows a request is not read: the connection has one.
var protocol = tokentest.Protocol{New: func() token.Decoder { return New(limits) }, Describe: Describe, Next: "\x00\x00\x00\x00"}

func packet(modifier1 byte, vars string) string {
	return string(append(binary.LittleEndian.AppendUint16([]byte{modifier1}, uint16(len(vars))), 0)) + vars
}

func vars(namesAndValues ...string) string {
	var b []byte
	for _, s := range namesAndValues {
		b = append(binary.LittleEndian.AppendUint16(b, uint16(len(s))), s...)
	}
	return string(b)
}

// whole is how a packet of modifier1 0 is told.
func whole(size int, variables ...string) string {
	told := []string{fmt.Sprintf("uwsgi_packet_header modifier1 0, datasize %d, modifier2 0", size)}
	told = append(told, variables...)
	return strings.Join(append(told, "head"), " | ")
}

func x(n int) string { return strings.Repeat("x", n) }

var content5 = packet(0, vars("CONTENT_LENGTH", "5"))

var requestRows = []tokentest.Row{
	{"nothing in it", packet(0, ""), whole(0) + " | end"},
	{"a variable", packet(0, vars("A", "b")), whole(6, "A=b") + " | end"},
	{"an empty value", packet(0, vars("A", "")), whole(5, "A=") + " | end"},
	{"two variables", packet(0, vars("A", "b", "C", "d")), whole(12, "A=b", "C=d") + " | end"},
	{"a name twice", packet(0, vars("A", "b", "A", "c")), whole(12, "A=b", "A=c") + " | end"},
	{"more than 255 bytes: the lower byte comes first", packet(0, vars("A", x(260))), whole(265, "A="+x(260)) + " | end"},
	{"as many variables as may be", packet(0, strings.Repeat(vars("A", "b"), 5)), whole(30, "A=b", "A=b", "A=b", "A=b", "A=b") + " | end"},
	{"as long as may be", packet(0, vars("A", x(299))), whole(304, "A="+x(299)) + " | end"},
	{"content", content5 + "hello", whole(19, "CONTENT_LENGTH=5") + " | content hello | end"},
	{"CONTENT_LENGTH 0", packet(0, vars("CONTENT_LENGTH", "0")), whole(19, "CONTENT_LENGTH=0") + " | end"},
	{"CONTENT_LENGTH is empty", packet(0, vars("CONTENT_LENGTH", "")), whole(18, "CONTENT_LENGTH=") + " | end"},
	{"modifier1 30", packet(30, ""), "uwsgi_packet_header modifier1 30, datasize 0, modifier2 0 | head | end"},
	{"a ping", packet(100, ""), "uwsgi_packet_header modifier1 100, datasize 0, modifier2 0 | reply PONG | abort"},
	{"half a header", "\x00\x01", "need"},
	{"half a size", packet(0, vars("A", "b"))[:5], "uwsgi_packet_header modifier1 0, datasize 6, modifier2 0 | need"},
	{"half a name", packet(0, vars("ABC", "b"))[:7], "uwsgi_packet_header modifier1 0, datasize 8, modifier2 0 | need"},
	{"half a value", packet(0, vars("A", "bc"))[:10], "uwsgi_packet_header modifier1 0, datasize 7, modifier2 0 | need"},
	{"half a content", content5 + "hel", whole(19, "CONTENT_LENGTH=5") + " | content hel | need"},
}

var refusedRows = []tokentest.Row{
	{"HTTP", "GET / HTTP/1.1\r\n\r\n", "refused modifier1: not a WSGI request"},
	{"PSGI", packet(5, ""), "refused modifier1: not a WSGI request"},
	{"evaluate code", packet(22, "print()"), "refused modifier1: not a WSGI request"},
	{"reload", packet(97, ""), "refused modifier1: not a WSGI request"},
	{"modifier2", "\x00\x00\x00\x01", "refused modifier2: not 0"},
	{"a pong", "\x64\x00\x00\x01", "refused modifier2: not 0"},
	{"a ping with a body", packet(100, "x"), "refused datasize: a ping with a body"},
	{"one byte in it", packet(0, "A"), "refused uwsgi_var: longer than the packet"},
	{"a name that is too long for the packet", packet(0, "\x05\x00AB"), "refused uwsgi_var: longer than the packet"},
	{"no value", packet(0, "\x01\x00A"), "refused uwsgi_var: longer than the packet"},
	{"half a size of a value", packet(0, "\x01\x00A\x01"), "refused uwsgi_var: longer than the packet"},
	{"a value that is too long for the packet", packet(0, "\x01\x00A\x02\x00b"), "refused uwsgi_var: longer than the packet"},
	{"the second is too long", packet(0, vars("A", "b")+"\x01\x00A\x02\x00b"), "refused uwsgi_var: longer than the packet"},
	{"a name without a byte", packet(0, vars("", "b")), "refused variable: without a name"},
	{"a NUL", packet(0, vars("A", "b\x00")), "refused variable: a NUL in it"},
	{"too many variables", packet(0, strings.Repeat(vars("A", "b"), 6)), "refused variables: too many"},
	{"too long", packet(0, vars("A", x(300))), "refused variables: too long"},
	{"CONTENT_LENGTH is no number", packet(0, vars("CONTENT_LENGTH", "+5")), "refused CONTENT_LENGTH: not 1*DIGIT"},
	{"CONTENT_LENGTH twice", packet(0, vars("CONTENT_LENGTH", "", "CONTENT_LENGTH", "5")), "refused CONTENT_LENGTH: more than one"},
	{"CONTENT_LENGTH beyond the limit", packet(0, vars("CONTENT_LENGTH", "21")), "refused content: too large"},
}

func TestRequests(t *testing.T) { protocol.Run(t, requestRows) }
func TestRefusals(t *testing.T) { protocol.Run(t, refusedRows) }
func TestEveryRuleIsBroken(t *testing.T) {
	tokentest.EveryRuleIsBroken(t, refusedRows, contentCut.Name)
}

func FuzzDecoder(f *testing.F) { protocol.Fuzz(f, append(requestRows, refusedRows...)) }

var unlimited = tokentest.Protocol{New: func() token.Decoder { return New(token.Limits{Variables: 1000}) }, Describe: Describe}

// FuzzIdentity decodes what AppendRequest encodes.
func FuzzIdentity(f *testing.F) {
	f.Add([]byte("A\x00b\x00CONTENT_TYPE\x00text/plain"), []byte("hello"))
	f.Fuzz(func(t *testing.T, names, content []byte) {
		variables := tokentest.Variables(names[:min(len(names), 60000)])
		unlimited.Identity(t, AppendRequest(nil, variables, content), variables, content)
	})
}

func TestEndOfInput(t *testing.T) {
	protocol.Ends(t, [][2]string{
		{"", ""},
		{"\x00", "packet: incomplete"},
		{packet(0, vars("A", "b"))[:7], "packet: incomplete"},
		{packet(0, ""), ""},
		{packet(100, ""), ""},
		{content5, "content: shorter than CONTENT_LENGTH"},
		{content5 + "hell", "content: shorter than CONTENT_LENGTH"},
		{content5 + "hello", ""},
		{packet(5, ""), "modifier1: not a WSGI request"},
	})
}

func TestWireAndPong(t *testing.T) {
	got := protocol.Transcribe(t, packet(0, vars("A", "bcd")), tokentest.Whole).Requests[0].Variables[0]
	if got.Wire != (parser.Span{Start: 9, End: 12}) || got.Field {
		t.Errorf("%+v", got)
	}
	if got := protocol.Transcribe(t, packet(100, ""), tokentest.Whole).Requests[0].Replies; got != "d\x00\x00\x01" {
		t.Errorf("% x", got)
	}
}
