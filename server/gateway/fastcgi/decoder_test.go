package fastcgi

import (
	"strconv"
	"strings"
	"testing"

	"glasswsgi/server/gateway/token"
	"glasswsgi/server/gateway/tokentest"
)

var limits = token.Limits{Variables: 5, Head: 300, Content: 20}

var protocol = tokentest.Protocol{
	New:      func() token.Decoder { return New(limits, Values{MaxConns: 7, MaxReqs: 8}) },
	Describe: Describe,
	Next:     begin(9, Responder, true) + record(Params, 9, "") + record(Stdin, 9, ""),
	NextWant: "FCGI_Header FCGI_BEGIN_REQUEST, request 9, 8 bytes | FCGI_BeginRequestBody FCGI_RESPONDER, FCGI_KEEP_CONN" +
		" | FCGI_Header FCGI_PARAMS, request 9, 0 bytes | head | FCGI_Header FCGI_STDIN, request 9, 0 bytes | end",
}

func begin(id uint16, role Role, keep bool) string {
	return string(AppendBeginRequest(nil, id, role, keep))
}

// record is a record without padding.
func record(t Type, id uint16, content string) string {
	return string(AppendHeader(nil, t, id, len(content), 0)) + content
}

func pairs(namesAndValues ...string) string {
	var b []byte
	for i := 0; i < len(namesAndValues); i += 2 {
		b = AppendPair(b, namesAndValues[i], namesAndValues[i+1])
	}
	return string(b)
}

// told is how the events of a request are told; those that come in all of them are abbreviated.
func told(events ...string) string {
	for i, e := range events {
		switch name, rest, _ := strings.Cut(e, " "); name {
		case "BEGIN":
			events[i] = "FCGI_Header FCGI_BEGIN_REQUEST, request 1, 8 bytes | FCGI_BeginRequestBody FCGI_RESPONDER"
		case "PARAMS", "STDIN":
			events[i] = "FCGI_Header FCGI_" + name + ", request 1, " + rest
		}
	}
	return strings.Join(events, " | ")
}

const (
	noParams = "PARAMS 0 bytes"
	noStdin  = "STDIN 0 bytes"
)

var begun = begin(1, Responder, false)

var requestRows = []tokentest.Row{
	{"nothing in it", begun + record(Params, 1, "") + record(Stdin, 1, ""), told("BEGIN", noParams, "head", noStdin, "end")},
	{"a variable and content", begun + record(Params, 1, pairs("A", "b")) + record(Params, 1, "") + record(Stdin, 1, "hello") + record(Stdin, 1, ""),
		told("BEGIN", "PARAMS 4 bytes", "A=b", noParams, "head", "STDIN 5 bytes", "content hello", noStdin, "end")},
	{"padding", begun + string(AppendRecord(nil, Params, 1, []byte(pairs("A", "b")))) + record(Params, 1, "") + record(Stdin, 1, ""),
		told("BEGIN", "FCGI_Header FCGI_PARAMS, request 1, 4 bytes and 4 of padding", "A=b", "paddingData 00000000", noParams, "head", noStdin, "end")},
	{"padding of an empty record", begun + string(AppendHeader(nil, Params, 1, 0, 2)) + "xy" + record(Stdin, 1, ""),
		told("BEGIN", "FCGI_Header FCGI_PARAMS, request 1, 0 bytes and 2 of padding", "head", "paddingData 7879", noStdin, "end")},
	{"padding at the end", begun + record(Params, 1, "") + string(AppendHeader(nil, Stdin, 1, 0, 1)) + "z",
		told("BEGIN", noParams, "head", "FCGI_Header FCGI_STDIN, request 1, 0 bytes and 1 of padding", "paddingData 7a", "end")},
	{"a long value", begun + record(Params, 1, pairs("A", x(200))) + record(Params, 1, "") + record(Stdin, 1, ""),
		told("BEGIN", "PARAMS 206 bytes", "A="+x(200), noParams, "head", noStdin, "end")},
	{"a long name", begun + record(Params, 1, pairs(x(200), "")) + record(Params, 1, "") + record(Stdin, 1, ""),
		told("BEGIN", "PARAMS 205 bytes", x(200)+"=", noParams, "head", noStdin, "end")},
	{"127 bytes have one byte of length, and 128 four", begun + record(Params, 1, pairs("A", x(127), "B", x(128))) + record(Params, 1, "") + record(Stdin, 1, ""),
		told("BEGIN", "PARAMS 264 bytes", "A="+x(127), "B="+x(128), noParams, "head", noStdin, "end")},
	{"a short length in four bytes", begun + record(Params, 1, "\x80\x00\x00\x01\x80\x00\x00\x01Ab") + record(Params, 1, "") + record(Stdin, 1, ""),
		told("BEGIN", "PARAMS 10 bytes", "A=b", noParams, "head", noStdin, "end")},
	{"as many variables as may be", begun + record(Params, 1, strings.Repeat(pairs("A", "b"), 5)) + record(Params, 1, "") + record(Stdin, 1, ""),
		told("BEGIN", "PARAMS 20 bytes", "A=b", "A=b", "A=b", "A=b", "A=b", noParams, "head", noStdin, "end")},
	{"CONTENT_LENGTH", begun + record(Params, 1, pairs("CONTENT_LENGTH", "5")) + record(Params, 1, "") + record(Stdin, 1, "he") + record(Stdin, 1, "llo") + record(Stdin, 1, ""),
		told("BEGIN", "PARAMS 17 bytes", "CONTENT_LENGTH=5", noParams, "head", "STDIN 2 bytes", "content he", "STDIN 3 bytes", "content llo", noStdin, "end")},
	{"CONTENT_LENGTH is empty", begun + record(Params, 1, pairs("CONTENT_LENGTH", "")) + record(Params, 1, "") + record(Stdin, 1, "hello") + record(Stdin, 1, ""),
		told("BEGIN", "PARAMS 16 bytes", "CONTENT_LENGTH=", noParams, "head", "STDIN 5 bytes", "content hello", noStdin, "end")},
	{"as much content as may be, without a length", begun + record(Params, 1, "") + record(Stdin, 1, x(20)) + record(Stdin, 1, ""),
		told("BEGIN", noParams, "head", "STDIN 20 bytes", "content "+x(20), noStdin, "end")},
	{"no end of the content", begun + record(Params, 1, "") + record(Stdin, 1, "hello"),
		told("BEGIN", noParams, "head", "STDIN 5 bytes", "content hello", "need")},
	{"half a header", "\x01\x01\x00", "need"},
	{"half a body", begun[:12], "FCGI_Header FCGI_BEGIN_REQUEST, request 1, 8 bytes | need"},
	{"half a pair", begun + record(Params, 1, pairs("A", "bcd"))[:11], told("BEGIN", "PARAMS 6 bytes", "need")},
	{"half a content", begun + record(Params, 1, "") + record(Stdin, 1, "hello")[:10], told("BEGIN", noParams, "head", "STDIN 5 bytes", "content he", "need")},
	{"half a padding", begun + string(AppendHeader(nil, Params, 1, 0, 2)) + "x", told("BEGIN", "FCGI_Header FCGI_PARAMS, request 1, 0 bytes and 2 of padding", "head", "paddingData 78", "need")},
}

func x(n int) string { return strings.Repeat("x", n) }

// cutRows cut the stream of name-value pairs into records anywhere.
var cutRows = func() (rows []tokentest.Row) {
	all := pairs("A", "bcd", x(130), "efg")
	part := "part of FCGI_NameValuePair"
	for at := 1; at < len(all); at += 3 {
		var events []string
		switch {
		case at < 6:
			events = []string{part, "PARAMS " + strconv.Itoa(len(all)-at) + " bytes", "A=bcd", x(130) + "=efg"}
		case at == 6:
			events = []string{"A=bcd", "PARAMS " + strconv.Itoa(len(all)-at) + " bytes", x(130) + "=efg"}
		default:
			events = []string{"A=bcd", part, "PARAMS " + strconv.Itoa(len(all)-at) + " bytes", x(130) + "=efg"}
		}
		events = append(append([]string{"BEGIN", "PARAMS " + strconv.Itoa(at) + " bytes"}, events...), noParams, "head", noStdin, "end")
		rows = append(rows, tokentest.Row{"at byte " + strconv.Itoa(at),
			begun + record(Params, 1, all[:at]) + record(Params, 1, all[at:]) + record(Params, 1, "") + record(Stdin, 1, ""), told(events...)})
	}
	input, events := begun, []string{"BEGIN"}
	for i := range 6 {
		input += record(Params, 1, pairs("A", "bcd")[i:i+1])
		events = append(events, "PARAMS 1 bytes", part)
	}
	events[len(events)-1] = "A=bcd"
	return append(rows, tokentest.Row{"a record for each byte", input + record(Params, 1, "") + record(Stdin, 1, ""),
		told(append(events, noParams, "head", noStdin, "end")...)})
}()

var refusedRows = []tokentest.Row{
	{"HTTP", "GET / HTTP/1.1\r\n\r\n", "refused FCGI_Header: version is not 1"},
	{"another version", "\x02" + begun[1:], "refused FCGI_Header: version is not 1"},
	{"BEGIN_REQUEST too short", record(BeginRequest, 1, "\x00\x01\x00"), "refused FCGI_Header: contentLength is not that of the type"},
	{"BEGIN_REQUEST too long", record(BeginRequest, 1, "\x00\x01\x00\x00\x00\x00\x00\x00\x00"), "refused FCGI_Header: contentLength is not that of the type"},
	{"ABORT_REQUEST with content", begun + record(AbortRequest, 1, "x"), "refused FCGI_Header: contentLength is not that of the type"},
	{"begun twice", begun + begun, "refused FCGI_BEGIN_REQUEST: the request has begun"},
	{"BEGIN_REQUEST without a request", begin(0, Responder, false), "refused FCGI_Header: a type that needs a request ID"},
	{"STDIN without a request", record(Stdin, 0, ""), "refused FCGI_Header: a type that needs a request ID"},
	{"GET_VALUES with a request", record(GetValues, 1, ""), "refused FCGI_Header: a management record with a request ID"},
	{"UNKNOWN_TYPE with a request", record(UnknownType, 1, ""), "refused FCGI_Header: a management record with a request ID"},
	{"END_REQUEST", record(EndRequest, 1, "12345678"), "refused FCGI_Header: only an application sends this type"},
	{"STDOUT", begun + record(Stdout, 1, ""), "refused FCGI_Header: only an application sends this type"},
	{"STDERR", record(Stderr, 1, ""), "refused FCGI_Header: only an application sends this type"},
	{"GET_VALUES_RESULT", record(GetValuesResult, 0, ""), "refused FCGI_Header: only an application sends this type"},
	{"UNKNOWN_TYPE", record(UnknownType, 0, ""), "refused FCGI_Header: only an application sends this type"},
	{"an unknown type of the request", begun + record(12, 1, ""), "refused FCGI_Header: unknown type"},
	{"type 0 of the request", begun + record(0, 1, ""), "refused FCGI_Header: unknown type"},
	{"DATA", begun + record(Params, 1, "") + record(Data, 1, "x"), "refused FCGI_DATA: only for a Filter"},
	{"STDIN before the end of PARAMS", begun + record(Params, 1, pairs("A", "b")) + record(Stdin, 1, "x"), "refused FCGI_STDIN: before the end of FCGI_PARAMS"},
	{"PARAMS after their end", begun + record(Params, 1, "") + record(Params, 1, pairs("A", "b")), "refused FCGI_PARAMS: after its end"},
	{"PARAMS end twice", begun + record(Params, 1, "") + record(Params, 1, ""), "refused FCGI_PARAMS: after its end"},
	{"PARAMS end in a pair", begun + record(Params, 1, "\x01") + record(Params, 1, ""), "refused name-value pair: incomplete at the end"},
	{"a name without a byte", begun + record(Params, 1, pairs("", "b")), "refused variable: without a name"},
	{"a NUL in a name", begun + record(Params, 1, pairs("A\x00", "b")), "refused variable: a NUL in it"},
	{"a NUL in a value", begun + record(Params, 1, pairs("A", "\x00")), "refused variable: a NUL in it"},
	{"too many variables", begun + record(Params, 1, strings.Repeat(pairs("A", "b"), 6)), "refused variables: too many"},
	{"a name that is too long, before it comes", begun + record(Params, 1, "\x80\x00\x01\x2d\x00"), "refused variables: too long"},
	{"a value that is too long, before it comes", begun + record(Params, 1, "\x01\xff\xff\xff\xff"), "refused variables: too long"},
	{"a name and a value that are too long together", begun + record(Params, 1, "\x80\x00\x00\x97\x80\x00\x00\x96"), "refused variables: too long"},
	{"variables that are too long together", begun + record(Params, 1, pairs("A", x(150), "B", x(149))), "refused variables: too long"},
	{"lengths that are cut, and too long", begun + record(Params, 1, "\x01\xff\xff") + record(Params, 1, "\xff\xff"), "refused variables: too long"},
	{"CONTENT_LENGTH is no number", begun + record(Params, 1, pairs("CONTENT_LENGTH", "5x")), "refused CONTENT_LENGTH: not 1*DIGIT"},
	{"CONTENT_LENGTH is negative", begun + record(Params, 1, pairs("CONTENT_LENGTH", "-5")), "refused CONTENT_LENGTH: not 1*DIGIT"},
	{"CONTENT_LENGTH twice", begun + record(Params, 1, pairs("CONTENT_LENGTH", "5", "CONTENT_LENGTH", "5")), "refused CONTENT_LENGTH: more than one"},
	{"CONTENT_LENGTH beyond the limit", begun + record(Params, 1, pairs("CONTENT_LENGTH", "21")), "refused content: too large"},
	{"CONTENT_LENGTH beyond every number", begun + record(Params, 1, pairs("CONTENT_LENGTH", "99999999999999999999")), "refused content: too large"},
	{"content beyond the limit", begun + record(Params, 1, "") + record(Stdin, 1, x(21)), "refused content: too large"},
	{"content beyond the limit in two", begun + record(Params, 1, "") + record(Stdin, 1, x(20)) + record(Stdin, 1, "x"), "refused content: too large"},
	{"more content than CONTENT_LENGTH", begun + record(Params, 1, pairs("CONTENT_LENGTH", "5")) + record(Params, 1, "") + record(Stdin, 1, "hello!"), "refused content: longer than CONTENT_LENGTH"},
	{"less content than CONTENT_LENGTH", begun + record(Params, 1, pairs("CONTENT_LENGTH", "5")) + record(Params, 1, "") + record(Stdin, 1, "hell") + record(Stdin, 1, ""), "refused content: shorter than CONTENT_LENGTH"},
	{"GET_VALUES too long", record(GetValues, 0, x(1025)), "refused FCGI_GET_VALUES: too long"},
	{"GET_VALUES with half a pair", record(GetValues, 0, "\x05\x00A"), "refused name-value pair: incomplete at the end"},
	{"GET_VALUES with a huge pair", record(GetValues, 0, "\xff\xff\xff\xff\xff\xff\xff\xffA"), "refused name-value pair: incomplete at the end"},
}

var otherRows = []tokentest.Row{
	{"a second request meanwhile", begun + begin(2, Responder, true) + record(Params, 2, pairs("A", "b")) + record(Params, 1, "") + record(Stdin, 2, "") + record(Stdin, 1, ""),
		told("BEGIN", "FCGI_Header FCGI_BEGIN_REQUEST, request 2, 8 bytes", "FCGI_BeginRequestBody FCGI_RESPONDER, FCGI_KEEP_CONN",
			"reply FCGI_CANT_MPX_CONN", "FCGI_Header FCGI_PARAMS, request 2, 4 bytes", "ignored 01014162", noParams, "head",
			"FCGI_Header FCGI_STDIN, request 2, 0 bytes", noStdin, "end")},
	{"an Authorizer", begin(1, Authorizer, true) + record(Params, 1, pairs("A", "b")),
		told("FCGI_Header FCGI_BEGIN_REQUEST, request 1, 8 bytes", "FCGI_BeginRequestBody FCGI_AUTHORIZER, FCGI_KEEP_CONN",
			"reply FCGI_UNKNOWN_ROLE", "PARAMS 4 bytes", "ignored 01014162")},
	{"a Filter", begin(1, Filter, false), told("FCGI_Header FCGI_BEGIN_REQUEST, request 1, 8 bytes", "FCGI_BeginRequestBody FCGI_FILTER", "reply FCGI_UNKNOWN_ROLE")},
	{"another role", begin(1, 7, false), told("FCGI_Header FCGI_BEGIN_REQUEST, request 1, 8 bytes", "FCGI_BeginRequestBody role 7", "reply FCGI_UNKNOWN_ROLE")},
	{"a request that is over", record(Stdin, 5, "late") + record(12, 5, ""),
		"FCGI_Header FCGI_STDIN, request 5, 4 bytes | ignored 6c617465 | FCGI_Header type 12, request 5, 0 bytes"},
	{"aborted", begun + record(Params, 1, "") + record(AbortRequest, 1, ""),
		told("BEGIN", noParams, "head", "FCGI_Header FCGI_ABORT_REQUEST, request 1, 0 bytes", "abort")},
	{"aborted before its variables", begun + string(AppendHeader(nil, AbortRequest, 1, 0, 1)) + "x",
		told("BEGIN", "FCGI_Header FCGI_ABORT_REQUEST, request 1, 0 bytes and 1 of padding", "paddingData 78", "abort")},
	{"aborting a request that is over", record(AbortRequest, 3, ""), "FCGI_Header FCGI_ABORT_REQUEST, request 3, 0 bytes"},
	{"GET_VALUES", record(GetValues, 0, pairs("FCGI_MAX_CONNS", "", "OTHER", "", "FCGI_MPXS_CONNS", "")),
		"FCGI_Header FCGI_GET_VALUES, request 0, 40 bytes | FCGI_NameValuePair FCGI_MAX_CONNS= | FCGI_NameValuePair OTHER= | FCGI_NameValuePair FCGI_MPXS_CONNS= | reply FCGI_GET_VALUES_RESULT"},
	{"GET_VALUES of nothing", record(GetValues, 0, ""), "FCGI_Header FCGI_GET_VALUES, request 0, 0 bytes | reply FCGI_GET_VALUES_RESULT"},
	{"GET_VALUES in a request", begun + record(GetValues, 0, "") + record(Params, 1, "") + record(Stdin, 1, ""),
		told("BEGIN", "FCGI_Header FCGI_GET_VALUES, request 0, 0 bytes", "reply FCGI_GET_VALUES_RESULT", noParams, "head", noStdin, "end")},
	{"an unknown management record", record(77, 0, "what"), "FCGI_Header type 77, request 0, 4 bytes | ignored 77686174 | reply FCGI_UNKNOWN_TYPE"},
}

func TestRequests(t *testing.T)          { protocol.Run(t, requestRows) }
func TestCutPairs(t *testing.T)          { protocol.Run(t, cutRows) }
func TestRefusals(t *testing.T)          { protocol.Run(t, refusedRows) }
func TestOtherRecords(t *testing.T)      { protocol.Run(t, otherRows) }
func TestEveryRuleIsBroken(t *testing.T) { tokentest.EveryRuleIsBroken(t, refusedRows, notAnswer.Name) }

func FuzzDecoder(f *testing.F) {
	protocol.Fuzz(f, append(append(append(requestRows, cutRows...), refusedRows...), otherRows...))
}
