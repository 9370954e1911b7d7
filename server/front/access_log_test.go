package front

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// hostile has a quote and a backslash in its target, and bytes that are no UTF-8 and a quote in its fields.
const hostile = "GET /a?\"b\\ HTTP/1.1\r\nHost: x\r\nUser-Agent: caf\xe9 \"q\"\r\nReferer: caf\xc3\xa9\r\n\r\n"

// entry is the access entry of a request.
func entry(t *testing.T, raw string) *AccessEntry {
	t.Helper()
	p := parser.New(parser.DefaultLimits)
	p.Feed([]byte(raw))
	for {
		event, err := p.Next()
		if err != nil || event.Kind == parser.NeedData {
			t.Fatal(event, err)
		}
		if event.Kind == parser.GotHead {
			break
		}
	}
	e := NewAccessEntry(p.Request(), &wsgi.Connection{RemoteAddr: "192.0.2.1", ServerName: "[::1]", ServerPort: "80"}, time.Unix(0, 0).UTC())
	e.Status, e.BodyBytes, e.Duration = 200, 12, 1500*time.Millisecond
	return e
}

func line(t *testing.T, format string, e *AccessEntry) string {
	t.Helper()
	var b bytes.Buffer
	log, err := AccessLog(&b, format)
	if err != nil {
		t.Fatal(err)
	}
	log(e)
	return strings.TrimSuffix(b.String(), "\n")
}

// TestAccessFormats: whatever a peer sends, a line has as many fields as its format.
func TestAccessFormats(t *testing.T) {
	e := entry(t, hostile)
	for format, want := range map[string]string{
		"common":   `192.0.2.1 - - [01/Jan/1970:00:00:00 +0000] "GET /a?\x22b\x5c HTTP/1.1" 200 12`,
		"combined": `192.0.2.1 - - [01/Jan/1970:00:00:00 +0000] "GET /a?\x22b\x5c HTTP/1.1" 200 12 "caf\xc3\xa9" "caf\xe9 \x22q\x22"`,
		"%(m)s %(U)s %(q)s %(H)s %(T)s %(M)s %(D)s %(L)s %(B)s": `GET /a \x22b\x5c HTTP/1.1 1 1500 1500000 1.500000 12`,
		"100%% %({host}i)s %({X-No}i)s %({Content-Type}o)s":     `100% x - -`,
		"%({SERVER_NAME}e)s %({QUERY_STRING}e)s %({NO}e)s":      `[::1] \x22b\x5c -`,
	} {
		if got := line(t, format, e); got != want {
			t.Errorf("%s\n got %s\nwant %s", format, got, want)
		}
	}
}

// TestAccessJSON: both ways to JSON give what a JSON reader takes, and the values that were sent.
func TestAccessJSON(t *testing.T) {
	e := entry(t, hostile)
	var own struct {
		Time, Msg, Method, Target, Protocol, Host, Referer string
		RemoteAddr                                         string `json:"remote_addr"`
		UserAgent                                          string `json:"user_agent"`
		Status, Bytes                                      int
		Seconds                                            float64
	}
	if err := json.Unmarshal([]byte(line(t, "json", e)), &own); err != nil {
		t.Fatal(err)
	}
	if own.Target != `/a?"b\` || own.UserAgent != `café "q"` || own.Referer != "café" || own.Host != "x" || own.Status != 200 ||
		own.Bytes != 12 || own.Seconds != 1.5 || own.RemoteAddr != "192.0.2.1" || own.Msg != "request" || own.Time != "1970-01-01T00:00:00Z" {
		t.Errorf("%+v", own)
	}
	var custom struct{ R, A string }
	text := line(t, `{"r": "%(r)s", "a": "%(a)s"}`, e)
	if err := json.Unmarshal([]byte(text), &custom); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if custom.R != `GET /a?"b\ HTTP/1.1` || custom.A != `café "q"` {
		t.Errorf("%+v", custom)
	}
}

// TestAccessFormatErrors: a format that cannot be meant is refused, with the way to write it.
func TestAccessFormatErrors(t *testing.T) {
	for format, want := range map[string]string{
		"%h %r":        "Apache's notation: write %(h)s",
		"%>s":          "write %(s)s",
		"%{Referer}i":  "write %% for a percent sign",
		"100%":         "write %% for a percent sign",
		"%(x)s":        "no atom %(x)s",
		"%(h)d %(r)s":  "ends with )s",
		"%(h":          "ends with )s",
		"%({NAME}x)s":  "no atom %({NAME}x)s",
		"%(r)s %(NO)s": "no atom %(NO)s",
	} {
		if _, err := AccessLog(nil, format); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", format, err, want)
		}
	}
}
