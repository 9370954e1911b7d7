package ajp

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"glasswsgi/server/gateway/token"
	"glasswsgi/server/gateway/tokentest"
)

var unlimited = tokentest.Protocol{New: func() token.Decoder { return New(token.Limits{Head: 1 << 20, Variables: 1000}) }, Describe: Describe}

// FuzzIdentity decodes what AppendForwardRequest and AppendData encode.
func FuzzIdentity(f *testing.F) {
	f.Add("GET", "/a", "a=b", []byte("X-A\x00b\x00accept\x00*/*"), []byte("JK\x00v"), []byte("hello"), true)
	f.Add("BREW", "/", "", []byte("A\x00"+x(300)), []byte(""), bytes.Repeat([]byte("x"), 30000), false)
	f.Fuzz(func(t *testing.T, method, uri, query string, headers, attributes, content []byte, isSSL bool) {
		if strings.ContainsRune(method+uri+query, 0) || len(method)+len(uri)+len(query)+len(headers)+len(attributes) > 20000 || method == "" {
			return
		}
		content = content[:min(len(content), 50000)]
		r := Request{Method: method, Protocol: "HTTP/1.1", URI: uri, RemoteAddr: "::1", RemoteHost: "client", ServerName: "glass", ServerPort: 65535,
			IsSSL: isSSL, QueryString: query, Attributes: tokentest.Variables(attributes)}
		for _, h := range tokentest.Variables(headers) {
			if name := strings.ToLower(h.Name); name != "content-length" && name != "transfer-encoding" {
				r.Headers = append(r.Headers, token.Variable{Name: h.Name, Value: h.Value, Field: true})
			}
		}
		want := wanted(r)
		r.Headers = append(r.Headers, token.Variable{Name: "content-length", Value: strconv.Itoa(len(content))})
		encoded := AppendForwardRequest(nil, r)
		for rest := content; len(rest) > 0; {
			n := min(len(rest), 1+len(rest)/2)
			encoded = AppendData(encoded, rest[:n])
			rest = rest[n:]
		}
		got := unlimited.Transcribe(t, string(encoded), tokentest.Odd(1)).Requests[0]
		if !got.Complete || got.Content != string(content) || told(got.Variables) != want {
			t.Errorf("complete %v, %d of %d bytes of content\n got %s\nwant %s", got.Complete, len(got.Content), len(content), told(got.Variables), want)
		}
	})
}

// told is all variables but content-length, in the order of their names.
func told(variables []token.Variable) string {
	var b strings.Builder
	for _, v := range variables {
		if v.Name != "content-length" {
			fmt.Fprintf(&b, "%q=%q %v\n", v.Name, v.Value, v.Field)
		}
	}
	return b.String()
}

// wanted is what a request is told as.
func wanted(r Request) string {
	variables := []token.Variable{}
	add := func(name, value string) {
		variables = append(variables, token.Variable{Name: name, Value: value})
	}
	coded := methodCode(r.Method) != storedMethod
	if coded {
		add("REQUEST_METHOD", r.Method)
	}
	for _, v := range [][2]string{{"SERVER_PROTOCOL", r.Protocol}, {"REQUEST_URI", r.URI}, {"REMOTE_ADDR", r.RemoteAddr},
		{"REMOTE_HOST", r.RemoteHost}, {"SERVER_NAME", r.ServerName}, {"SERVER_PORT", strconv.Itoa(r.ServerPort)}} {
		add(v[0], v[1])
	}
	if r.IsSSL {
		add("HTTPS", "on")
	}
	variables = append(variables, r.Headers...)
	if r.QueryString != "" {
		add("QUERY_STRING", r.QueryString)
	}
	if !coded {
		add("REQUEST_METHOD", r.Method)
	}
	return told(append(variables, r.Attributes...))
}

// FuzzResponse finds in what is encoded what went in, and that the tokens lie side by side.
func FuzzResponse(f *testing.F) {
	f.Add(200, "OK", []byte("Content-Type\x00text/plain\x00X-A\x00b"), []byte("hello"), true)
	f.Add(404, "", []byte("set-cookie\x00a=1"), bytes.Repeat([]byte("x"), 20000), false)
	f.Fuzz(func(t *testing.T, status int, reason string, headers, body []byte, reuse bool) {
		if len(reason)+len(headers) > 3000 {
			return
		}
		status &= 0xFFFF
		h := BeginHead([]byte("before"), status, reason)
		want := fmt.Sprintf("%d %q\n", status, reason)
		for _, v := range tokentest.Variables(headers) {
			h.Add(v.Name, v.Value)
			want += fmt.Sprintf("%q=%q\n", strings.ToLower(v.Name), v.Value)
		}
		b, err := h.End()
		if err != nil {
			t.Fatal(err)
		}
		b = AppendEndResponse(AppendCPong(AppendGetBodyChunk(AppendSendBodyChunk(b, body))), reuse)
		tokens, err := ExplainResponse(b[len("before"):], 100)
		if err != nil {
			t.Fatal(err)
		}
		got, gotBody, at := "", "", 100
		for _, e := range tokens {
			if e.Span.Start != at || string(b[len("before")+at-100:][:e.Span.Len()]) != string(e.Data) {
				t.Fatalf("%+v at %d", e, at)
			}
			at = e.Span.End
			switch e.Name {
			case "http_status_code":
				got += Describe(e)
			case "http_status_msg":
				got += fmt.Sprintf(" %q\n", Describe(e))
			case "res_header":
				name, value, _ := parseResponseHeader(e.Data)
				got += fmt.Sprintf("%q=%q\n", strings.ToLower(name), value)
			case "chunk":
				gotBody += string(e.Data)
			}
		}
		if got != want || gotBody != string(body) || at-100 != len(b)-len("before") || Describe(tokens[len(tokens)-1]) != fmt.Sprint(reuse) {
			t.Errorf("got %s %q, want %s %q", got, gotBody, want, body)
		}
	})
}

// TestPacketsFit: none of ours is larger than 8 KiB, and what cannot be divided is an error.
func TestPacketsFit(t *testing.T) {
	tokens, err := ExplainResponse(AppendSendBodyChunk(nil, bytes.Repeat([]byte("x"), 3*LargestPacket)), 0)
	if err != nil {
		t.Fatal(err)
	}
	packets := 0
	for _, e := range tokens {
		if e.Name == "packet header" {
			packets++
		}
		if e.Name == "chunk" && e.Span.Len() > LargestPacket-headerSize-4 {
			t.Errorf("a chunk of %d bytes", e.Span.Len())
		}
	}
	if packets != 4 {
		t.Errorf("%d packets", packets)
	}
	for n, want := range map[int]error{8173: nil, 8174: ErrHeadTooLong} {
		h := BeginHead(nil, 200, "OK")
		h.Add("Location", x(n))
		if b, err := h.End(); err != want || err == nil && len(b) != LargestPacket {
			t.Errorf("a head with a value of %d bytes: %d bytes, %v", n, len(b), err)
		}
	}
}

// TestBytes compares with packets that Apache Tomcat sends.
func TestBytes(t *testing.T) {
	h := BeginHead(nil, 200, "OK")
	h.Add("content-TYPE", "text/plain")
	h.Add("X-A", "b")
	head, _ := h.End()
	for _, c := range []struct{ name, got, want string }{
		{"CPong", string(AppendCPong(nil)), "41 42 00 01 09"},
		{"Get Body Chunk", string(AppendGetBodyChunk(nil)), "41 42 00 03 06 1f fa"},
		{"End Response", string(AppendEndResponse(nil, true)), "41 42 00 02 05 01"},
		{"End Response, no reuse", string(AppendEndResponse(nil, false)), "41 42 00 02 05 00"},
		{"Send Body Chunk", string(AppendSendBodyChunk(nil, []byte("hi"))), "41 42 00 06 03 00 02 68 69 00"},
		{"Send Headers", string(head), "41 42 00 23 04 00 c8 00 02 4f 4b 00 00 02 a0 01 00 0a 74 65 78 74 2f 70 6c 61 69 6e 00 00 03 58 2d 41 00 00 01 62 00"},
	} {
		if got := fmt.Sprintf("% x", c.got); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
