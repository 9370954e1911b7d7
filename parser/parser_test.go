package parser

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// browserGet is what a browser sends: twelve fields, most of them long.
const browserGet = "GET /articles/2015/wsgi?page=2&sort=new HTTP/1.1\r\n" +
	"Host: www.example.com:8888\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n" +
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n" +
	"Accept-Language: en-US,en;q=0.5\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\n" +
	"Connection: keep-alive\r\n" +
	"Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n" +
	"Upgrade-Insecure-Requests: 1\r\n" +
	"Sec-Fetch-Dest: document\r\n" +
	"Sec-Fetch-Mode: navigate\r\n" +
	"Sec-Fetch-Site: none\r\n" +
	"Priority: u=0, i\r\n\r\n"

// readMessage takes all events of one message.
func readMessage(t testing.TB, p *Parser) {
	for {
		event, err := p.Next()
		switch {
		case err != nil:
			t.Fatal(err)
		case event.Kind == NeedData:
			t.Fatal("the message is not complete")
		case event.Kind == GotEnd:
			return
		}
	}
}

func TestARequestCostsNoAllocation(t *testing.T) {
	p, input := New(DefaultLimits), []byte(browserGet)
	n := testing.AllocsPerRun(100, func() {
		p.Feed(input)
		readMessage(t, p)
		p.NextRequest()
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkBrowserGet(b *testing.B) {
	p, input := New(DefaultLimits), []byte(browserGet)
	b.ReportAllocs()
	b.SetBytes(int64(len(input)))
	for b.Loop() {
		p.Feed(input)
		readMessage(b, p)
		p.NextRequest()
	}
}

func BenchmarkPipelined16(b *testing.B) {
	p, input := New(DefaultLimits), bytes.Repeat([]byte("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"), 16)
	b.ReportAllocs()
	for b.Loop() {
		p.Feed(input)
		for range 16 {
			readMessage(b, p)
			p.NextRequest()
		}
	}
}

func BenchmarkChunked64KiB(b *testing.B) {
	p, input := New(DefaultLimits), []byte(chunkedPost+"10000\r\n"+x(65536)+"\r\n0\r\n\r\n")
	b.ReportAllocs()
	b.SetBytes(int64(len(input)))
	for b.Loop() {
		p.Feed(input)
		readMessage(b, p)
		p.NextRequest()
	}
}

// TestABodyOfAnyLengthNeedsLittleMemory sends 64 MiB, by length and in chunks, behind another request so that the head
// does not lie at the start of the buffer.
func TestABodyOfAnyLengthNeedsLittleMemory(t *testing.T) {
	piece := bytes.Repeat([]byte("x"), 16<<10)
	for name, framing := range map[string]string{"length": "Content-Length: 67108864", "chunks": "Transfer-Encoding: chunked"} {
		t.Run(name, func(t *testing.T) {
			p := New(DefaultLimits)
			head := post + framing + "\r\n\r\n"
			p.Feed([]byte(nextMessage + head))
			readMessage(t, p)
			p.NextRequest()
			var kept []byte
			total := 0
			for total < 64<<20 {
				if name == "chunks" && kept != nil {
					p.Feed(fmt.Appendf(nil, "%x\r\n%s\r\n", len(piece), piece))
				} else if kept != nil {
					p.Feed(piece)
				}
				total += drainBody(t, p, &kept)
			}
			if string(kept) != head || string(p.Request().Head) != head {
				t.Errorf("the head was overwritten: %q", kept)
			}
			if c := cap(p.buffer); c > 64<<10 {
				t.Errorf("the buffer has %d bytes", c)
			}
		})
	}
}

// drainBody counts the content until data is needed. It keeps the head as a caller would.
func drainBody(t *testing.T, p *Parser, head *[]byte) (n int) {
	for {
		event, err := p.Next()
		switch {
		case err != nil:
			t.Fatal(err)
		case event.Kind == GotHead:
			*head = p.Request().Head
		case event.Kind == GotBody:
			n += len(event.Data)
		case event.Kind == NeedData, event.Kind == GotEnd:
			return n
		}
	}
}

func TestALargeBufferIsNotKept(t *testing.T) {
	p := New(DefaultLimits)
	p.Feed([]byte(post + "Content-Length: 1000000\r\n\r\n" + x(1000000)))
	readMessage(t, p)
	p.NextRequest()
	if cap(p.buffer) > largestKeptBuffer {
		t.Errorf("%d bytes are kept", cap(p.buffer))
	}
	p.Feed([]byte(nextMessage))
	readMessage(t, p)
}

func TestTheLargestBufferThatMayBeKeptIs(t *testing.T) {
	p := New(DefaultLimits)
	p.buffer = make([]byte, 0, largestKeptBuffer)
	p.Feed([]byte(nextMessage))
	readMessage(t, p)
	p.NextRequest()
	if cap(p.buffer) != largestKeptBuffer {
		t.Errorf("%d bytes are kept", cap(p.buffer))
	}
}

func TestBegins(t *testing.T) {
	p := New(DefaultLimits)
	p.Feed([]byte(nextMessage + "HEAD"))
	readMessage(t, p)
	p.NextRequest()
	for text, want := range map[string]bool{"": true, "HEA": true, "HEAD": true, "HEAD ": false, "GET": false} {
		if p.Begins(text) != want {
			t.Errorf("HEAD begins with %q: %v", text, !want)
		}
	}
}

func TestEndOfInput(t *testing.T) {
	for _, r := range []struct{ name, input, rule string }{
		{"nothing", "", ""},
		{"only empty lines", "\r\n\r\n", ""},
		{"half an empty line", "\r", "request-line: incomplete"},
		{"in the method", "GE", "request-line: incomplete"},
		{"in the request-line", "GET / HTTP/1.1\r", "request-line: incomplete"},
		{"after the request-line", "GET / HTTP/1.1\r\n", "header section: incomplete"},
		{"in a field line", "GET / HTTP/1.1\r\nHo", "header section: incomplete"},
		{"before the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\r", "header section: incomplete"},
		{"between messages", nextMessage, ""},
		{"after an empty line between messages", nextMessage + "\r\n", ""},
		{"in the second message", nextMessage + "G", "request-line: incomplete"},
		{"before the body", post + "Content-Length: 5\r\n\r\n", "message body: incomplete"},
		{"one byte before the end", post + "Content-Length: 5\r\n\r\nhell", "message body: incomplete"},
		{"before the first chunk", chunkedPost, "message body: incomplete"},
		{"in a chunk-size", chunkedPost + "5", "message body: incomplete"},
		{"in a chunk", chunkedPost + "5\r\nhell", "message body: incomplete"},
		{"after a chunk", chunkedPost + "5\r\nhello", "message body: incomplete"},
		{"before the last chunk", chunkedPost + "5\r\nhello\r\n", "message body: incomplete"},
		{"after the last chunk", chunkedPost + "0\r\n", "trailer section: incomplete"},
		{"in the trailer", chunkedPost + "0\r\nA: b\r\n", "trailer section: incomplete"},
		{"after an error", "\x00", "method: not a token"},
	} {
		t.Run(r.name, func(t *testing.T) {
			end := transcribe(t, Limits{}, r.input, wholeCut).end
			var failure *SyntaxError
			switch {
			case r.rule == "" && end != nil:
				t.Errorf("got %v", end)
			case r.rule != "" && (!errors.As(end, &failure) || failure.Rule != r.rule || failure.Status != 400):
				t.Errorf("got %v, want %s", end, r.rule)
			}
		})
	}
}

func TestEndOfInputBeforeGotEnd(t *testing.T) {
	p := New(DefaultLimits)
	p.Feed([]byte(post + "Content-Length: 2\r\n\r\nhi"))
	for event := (Event{}); event.Kind != GotBody; {
		event, _ = p.Next()
	}
	if err := p.EndOfInput(); err != nil {
		t.Errorf("all bytes are there, but %v", err)
	}
}

func TestStartedAndBuffered(t *testing.T) {
	p := New(DefaultLimits)
	expect := func(when string, started bool, buffered int) {
		t.Helper()
		if p.Started() != started || p.Buffered() != buffered {
			t.Errorf("%s: %v %d", when, p.Started(), p.Buffered())
		}
	}
	expect("at first", false, 0)
	p.Feed([]byte("\r\n"))
	p.Next()
	expect("after an empty line", false, 0)
	p.Feed([]byte("G"))
	expect("after one byte", true, 1)
	p.Feed([]byte("ET / HTTP/1.0\r\n\r\nGET"))
	p.NextRequest() // too early: nothing happens
	readMessage(t, p)
	expect("after the message", true, 3)
	if event, err := p.Next(); event.Kind != NeedData || err != nil {
		t.Errorf("before NextRequest: %v %v", event, err)
	}
	p.NextRequest()
	expect("in the next message", true, 3)
}

func TestSpansOfTheSecondMessageStartAtZero(t *testing.T) {
	p := New(DefaultLimits)
	p.Feed([]byte(chunkedPost + "1\r\nx\r\n0\r\n\r\n\r\n" + nextMessage))
	readMessage(t, p)
	p.NextRequest()
	event, err := p.Next()
	if err != nil || event.Span != (Span{0, 18}) || p.Request().Text(p.Request().Path) != "/next" {
		t.Errorf("%v %v %q", event, err, p.Request().Head)
	}
}

// TestContentSpansCountFromTheMessage: the bytes that were dropped from the buffer count, too.
func TestContentSpansCountFromTheMessage(t *testing.T) {
	p := New(DefaultLimits)
	head := post + "Content-Length: 6\r\n\r\n"
	p.Feed([]byte(head + "ab"))
	want := []Span{{len(head), len(head) + 2}, {len(head) + 2, len(head) + 5}, {len(head) + 5, len(head) + 6}}
	var got []Span
	for _, more := range []string{"cde", "f", ""} {
		for {
			event, _ := p.Next()
			if event.Kind == NeedData || event.Kind == GotEnd {
				break
			}
			if event.Kind == GotBody {
				got = append(got, event.Span)
			}
		}
		p.Feed([]byte(more))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNothingIsKeptAfterAnError(t *testing.T) {
	p := New(DefaultLimits)
	p.Feed([]byte("\x00"))
	p.Next()
	p.Feed([]byte(x(1000)))
	if p.Buffered() > 1 {
		t.Errorf("%d bytes", p.Buffered())
	}
}

// TestASyntaxErrorOutlivesTheBuffer: its line is a copy.
func TestASyntaxErrorOutlivesTheBuffer(t *testing.T) {
	p := New(DefaultLimits)
	p.Feed([]byte("GET@"))
	_, err := p.Next()
	clear(p.buffer)
	if got := err.(*SyntaxError).Caret(); got != "GET@\n   ^" {
		t.Errorf("%q", got)
	}
}

func TestSyntaxErrorText(t *testing.T) {
	for _, r := range []struct{ name, input, text, caret string }{
		{"rule, section, byte", "GET / HTTP/1.0\r\nA : b\r\n", "field-name: space before the colon (RFC 9112 §5.1), at byte 17",
			"A : b\n ^"},
		{"escapes move the caret", "GET / HTTP/1.0\r\nA: \xe9\t\\\x00b\r\n", "field-value: control character (RFC 9110 §5.5), at byte 22",
			"A: \\xE9\\t\\\\\\x00b\n" + strings.Repeat(" ", 11) + "^"},
		{"the caret may stand behind the line", "GET /\r\n", "request-line: no HTTP-version (RFC 9112 §3), at byte 5",
			"GET /\n     ^"},
		{"early errors show nothing further", "GET@ / HTTP/1.0\r\n", "method: not a token (RFC 9112 §3.1), at byte 3",
			"GET@\n   ^"},
		{"detail", "\x16\x03", "method: not a token: it looks like a TLS handshake: https:// was asked of an http:// port (RFC 9112 §3.1), at byte 0",
			"\\x16\n^"},
		{"no TLS handshake", "a\x16", "method: not a token (RFC 9112 §3.1), at byte 1", "a\\x16\n ^"},
		{"line ends are visible", "GET / HTTP/1.0\nA: b\n", "line: ends in a bare LF (RFC 9112 §2.2), at byte 14",
			"GET / HTTP/1.0\\n\n" + strings.Repeat(" ", 14) + "^"},
		{"long lines are cut round the column", "GET /" + x(3000) + "\x7f" + x(3000) + " HTTP/1.0\r\n", "request-target: control character (RFC 9112 §3.2), at byte 3005",
			x(120) + "\\x7F" + x(39) + "\n" + strings.Repeat(" ", 120) + "^"},
	} {
		t.Run(r.name, func(t *testing.T) {
			failure := transcribe(t, Limits{}, r.input, wholeCut).failure
			if failure.Error() != r.text || failure.Caret() != r.caret {
				t.Errorf("got\n%s\n%s\nwant\n%s\n%s", failure, failure.Caret(), r.text, r.caret)
			}
		})
	}
}

// TestTheHeadFollowsTheBuffer: when Feed drops the messages before, the head so far moves, and its tokens with it.
func TestTheHeadFollowsTheBuffer(t *testing.T) {
	p := New(DefaultLimits)
	p.Feed([]byte(nextMessage + "POST /second HTTP/1.1\r\nHo"))
	readMessage(t, p)
	p.NextRequest()
	p.Next()
	p.Feed([]byte("st: a\r\n\r\n"))
	if r := p.Request(); r.Text(r.Method) != "POST" || r.Text(r.Path) != "/second" {
		t.Errorf("the head became %q", r.Head)
	}
}
