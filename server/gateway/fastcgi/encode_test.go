package fastcgi

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"glasswsgi/parser"
	"glasswsgi/server/gateway/token"
	"glasswsgi/server/gateway/tokentest"
)

var unlimited = tokentest.Protocol{New: func() token.Decoder { return New(token.Limits{Head: 1 << 24, Variables: 1000}, Values{}) }, Describe: Describe}

// FuzzIdentity decodes what AppendRequest encodes, also behind another request.
func FuzzIdentity(f *testing.F) {
	f.Add([]byte("A\x00b\x00CONTENT_TYPE\x00text/plain"), []byte("hello"), true)
	f.Add([]byte(x(200)+"\x00"+x(70000)+"\x00B\x00"), bytes.Repeat([]byte("x"), 70000), false)
	f.Fuzz(func(t *testing.T, names, content []byte, keep bool) {
		variables := tokentest.Variables(names)
		encoded := AppendRequest(nil, 7, keep, variables, content)
		unlimited.Identity(t, encoded, variables, content)
		d := unlimited.New().(*Decoder)
		d.Feed(encoded)
		for event := (token.Event{Kind: token.GotHead}); event.Kind != token.GotEnd; {
			event, _ = d.Next()
		}
		if d.RequestID() != 7 || d.Keeps() != keep {
			t.Errorf("request %d, keeps %v", d.RequestID(), d.Keeps())
		}
		d.NextRequest()
		if d.RequestID() != 0 || d.Keeps() {
			t.Errorf("after it: request %d, keeps %v", d.RequestID(), d.Keeps())
		}
	})
}

// FuzzResponse finds in what AppendStream and AppendEndRequest encode the data that went in.
func FuzzResponse(f *testing.F) {
	f.Add([]byte("Status: 200 OK\r\n\r\n"), []byte("oops"), uint32(0))
	f.Add(bytes.Repeat([]byte("x"), 200000), []byte(""), uint32(1<<31))
	f.Fuzz(func(t *testing.T, out, errors []byte, appStatus uint32) {
		b := AppendStream([]byte("before"), Stdout, 258, out)
		b = AppendStream(b, Stderr, 258, errors)
		b = AppendEndRequest(b, 258, appStatus, Overloaded)
		tokens, err := ExplainResponse(b[len("before"):], 100)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		at := 100
		for _, e := range tokens {
			if e.Span.Start != at || string(b[len("before")+at-100:][:e.Span.Len()]) != string(e.Data) {
				t.Fatalf("%+v at %d", e, at)
			}
			at = e.Span.End
			got[e.Name] += string(e.Data)
			if e.Name == "FCGI_Header" && (parseHeader(e.Data).RequestID != 258 || e.Span.Start%8 != 100%8) {
				t.Errorf("%v at %d", parseHeader(e.Data), e.Span.Start)
			}
		}
		end := fmt.Sprintf("appStatus %d, FCGI_OVERLOADED", appStatus)
		if got["FCGI_STDOUT"] != string(out) || got["FCGI_STDERR"] != string(errors) || Describe(tokens[len(tokens)-1]) != end {
			t.Errorf("got %.200q", got)
		}
	})
}

func TestReplies(t *testing.T) {
	for _, c := range []struct{ name, input, want string }{
		{"CANT_MPX_CONN", begun + begin(0x0203, Responder, true), "01 03 02 03 00 08 00 00 00 00 00 00 01 00 00 00"},
		{"UNKNOWN_ROLE", begin(2, Filter, true), "01 03 00 02 00 08 00 00 00 00 00 00 03 00 00 00"},
		{"UNKNOWN_TYPE", record(77, 0, ""), "01 0b 00 00 00 08 00 00 4d 00 00 00 00 00 00 00"},
		{"GET_VALUES_RESULT", record(GetValues, 0, pairs("FCGI_MAX_REQS", "", "FCGI_MAX_CONNS", "", "FCGI_MPXS_CONNS", "")),
			fmt.Sprintf("% x", string(AppendRecord(nil, GetValuesResult, 0, []byte(pairs("FCGI_MAX_REQS", "8", "FCGI_MAX_CONNS", "7", "FCGI_MPXS_CONNS", "0")))))},
		{"twice GET_VALUES", record(GetValues, 0, pairs("FCGI_MAX_REQS", "")) + record(GetValues, 0, pairs("FCGI_MAX_CONNS", "")),
			fmt.Sprintf("% x", string(AppendRecord(nil, GetValuesResult, 0, []byte(pairs("FCGI_MAX_REQS", "8"))))+
				string(AppendRecord(nil, GetValuesResult, 0, []byte(pairs("FCGI_MAX_CONNS", "7")))))},
	} {
		got := protocol.Transcribe(t, c.input, tokentest.Odd(1)).Requests[0].Replies
		if fmt.Sprintf("% x", got) != c.want {
			t.Errorf("%s: got % x, want %s", c.name, got, c.want)
		}
		if _, err := ExplainResponse([]byte(got), 0); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if values := (Values{}); values.of("FCGI_MAX_CONNS") != "" || values.of("FCGI_MAX_REQS") != "" {
		t.Error("an unknown number is told")
	}
}

func TestEndOfInput(t *testing.T) {
	protocol.Ends(t, [][2]string{
		{"", ""},
		{"\x01", "record: incomplete"},
		{record(GetValues, 0, ""), ""},
		{begun, "request: incomplete"},
		{begun[:12], "record: incomplete"},
		{begun + record(Params, 1, ""), "request: incomplete"},
		{begun + record(Params, 1, "") + record(Stdin, 1, "hello"), "request: incomplete"},
		{begun + record(Params, 1, "") + record(Stdin, 1, ""), ""},
		{begun + record(AbortRequest, 1, ""), ""},
		{"\x02\x00\x00\x00\x00\x00\x00\x00", "FCGI_Header: version is not 1"},
	})
}

// TestWire: each value knows where its bytes stand, also where a record ends in the middle of it.
func TestWire(t *testing.T) {
	params := pairs("A", "bcdef")
	input := begun + record(Params, 1, params[:4]) + record(Params, 1, params[4:6]) + record(Params, 1, params[6:]) + record(Params, 1, pairs("G", "h"))
	got := protocol.Transcribe(t, input, tokentest.Whole).Requests[0].Variables
	if len(got) != 2 || fmt.Sprint(got[0].Wire, got[0].More) != "27-28 [36-38 46-48]" || got[1].Wire != (parser.Span{Start: 59, End: 60}) || got[1].More != nil {
		t.Errorf("%+v", got)
	}
}

// TestAfterTheEndNothingIsRead until NextRequest, which does nothing before.
func TestAfterTheEndNothingIsRead(t *testing.T) {
	d := New(token.Limits{}, Values{})
	whole := AppendRequest(nil, 1, true, nil, nil)
	d.Feed(append(whole, whole...))
	d.NextRequest()
	count := 0
	for {
		event, err := d.Next()
		if err != nil {
			t.Fatal(err)
		}
		if event.Kind == token.NeedData {
			break
		}
		if count++; event.Kind == token.GotHead {
			d.NextRequest()
		}
	}
	if count != 6 || d.Buffered() != len(whole) {
		t.Errorf("%d events, and %d bytes are left", count, d.Buffered())
	}
}

// TestALongContentNeedsLittleMemory: records pass through, and name-value pairs do not add up.
func TestALongContentNeedsLittleMemory(t *testing.T) {
	d := New(token.Limits{}, Values{})
	d.Feed([]byte(begun + record(Params, 1, "")))
	piece := []byte(record(Stdin, 1, strings.Repeat("x", 65535)))
	total := 0
	for range 200 {
		for part := range 8 {
			d.Feed(piece[part*len(piece)/8 : (part+1)*len(piece)/8])
			for event := (token.Event{Kind: token.GotEnd}); event.Kind != token.NeedData; {
				event, _ = d.Next()
				if event.Kind == token.GotContent {
					total += len(event.Data)
				}
			}
		}
	}
	if total != 200*65535 || d.Capacity() > 64<<10 {
		t.Errorf("%d bytes of content; the buffer has %d", total, d.Capacity())
	}
}

func TestNames(t *testing.T) {
	for text, want := range map[string]string{
		BeginRequest.String(): "FCGI_BEGIN_REQUEST", UnknownType.String(): "FCGI_UNKNOWN_TYPE", Type(0).String(): "type 0", Type(12).String(): "type 12",
		Responder.String(): "FCGI_RESPONDER", Role(0).String(): "role 0", UnknownRole.String(): "FCGI_UNKNOWN_ROLE", ProtocolStatus(9).String(): "protocolStatus 9",
	} {
		if text != want {
			t.Errorf("%s is called %s", want, text)
		}
	}
}

// TestFlags: bits beside FCGI_KEEP_CONN mean nothing.
func TestFlags(t *testing.T) {
	for flags, keeps := range map[byte]bool{0: false, 1: true, 2: false, 0xfe: false, 0xff: true} {
		d := New(token.Limits{}, Values{})
		b := AppendBeginRequest(nil, 1, Responder, false)
		b[headerSize+2] = flags
		d.Feed(b)
		d.Next()
		d.Next()
		if d.Keeps() != keeps {
			t.Errorf("flags %x: keeps %v", flags, d.Keeps())
		}
	}
}

func TestHTTPIsRecognised(t *testing.T) {
	d := New(token.Limits{}, Values{})
	d.Feed([]byte("GET / HTTP/1.1\r\n"))
	_, err := d.Next()
	want := "FCGI_Header: version is not 1: it looks like HTTP; check which protocol the web server speaks to this port, and --protocol (FastCGI §3.3), at byte 0"
	if err == nil || err.Error() != want || err.(*parser.SyntaxError).Caret() != "G\n^" {
		t.Errorf("got %v", err)
	}
}
