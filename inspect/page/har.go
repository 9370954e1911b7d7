package page

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"glasswsgi/compare"
	"glasswsgi/inspect/hub"
)

// har is an HTTP Archive 1.2, as browsers' tools read it. The types are ours: those of cdproto/har bring a second JSON
// library into every build, write text as base64, and cannot leave out the text of a form, which HAR wants either as text
// or as params.
type har struct {
	Log harLog `json:"log"`
}

type harLog struct {
	Version string     `json:"version"`
	Creator harCreator `json:"creator"`
	Entries []harEntry `json:"entries"`
	Comment string     `json:"comment"`
}

type harCreator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type harEntry struct {
	Started    string      `json:"startedDateTime"`
	Time       float64     `json:"time"` // ms
	Request    harRequest  `json:"request"`
	Response   harResponse `json:"response"`
	Cache      struct{}    `json:"cache"`
	Timings    harTimings  `json:"timings"`
	Connection string      `json:"connection"`
}

type harTimings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

// harMessage is what both directions have.
type harMessage struct {
	Version     string      `json:"httpVersion"`
	Cookies     []harCookie `json:"cookies"`
	Headers     []harPair   `json:"headers"`
	HeadersSize int         `json:"headersSize"`
	BodySize    int         `json:"bodySize"` // as it went over the wire, also what of it was not kept
	Comment     string      `json:"comment,omitempty"`
}

type harRequest struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	harMessage
	Query    []harPair `json:"queryString"`
	PostData *harPost  `json:"postData,omitempty"`
}

type harResponse struct {
	Status int    `json:"status"`
	Reason string `json:"statusText"`
	harMessage
	Content  harContent `json:"content"`
	Redirect string     `json:"redirectURL"`
}

type harContent struct {
	Size     int    `json:"size"`
	Type     string `json:"mimeType"`
	Text     string `json:"text"`
	Encoding string `json:"encoding,omitempty"`
	Comment  string `json:"comment,omitempty"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type harCookie struct {
	harPair
	Path     string `json:"path,omitempty"`
	Domain   string `json:"domain,omitempty"`
	Expires  string `json:"expires,omitempty"`
	HTTPOnly bool   `json:"httpOnly"`
	Secure   bool   `json:"secure"`
}

const harTime = "2006-01-02T15:04:05.000Z07:00"

// harOf writes an exchange as HAR has it. Its times are the server's: send is receiving the request, wait is the
// application, receive is sending the response.
func harOf(x *hub.Exchange, version string) har {
	took := map[string]float64{}
	for _, s := range stageTimes(x) {
		took[s.Stage] = float64(s.Took) / float64(time.Millisecond)
	}
	timings := harTimings{Send: took["receive"] + took["parse"], Wait: took["environ"] + took["call"], Receive: took["respond"] + took["send"]}
	return har{harLog{
		Version: "1.2", Creator: harCreator{"glass", version},
		Comment: "This holds the request and the response as they were: Cookie, Authorization and bodies too.",
		Entries: []harEntry{{
			Started: x.Began.Format(harTime), Time: timings.Send + timings.Wait + timings.Receive, Timings: timings,
			Request: harRequestOf(x), Response: harResponseOf(x), Connection: fmt.Sprint(x.Connection.ID),
		}},
	}}
}

func harRequestOf(x *hub.Exchange) harRequest {
	r := harRequest{Method: x.Method, URL: x.Target, harMessage: messageOf(x.Request, x.Request.Bytes())}
	r.Version = x.Version
	for _, field := range r.Headers {
		if strings.EqualFold(field.Name, "Cookie") {
			r.Cookies = append(r.Cookies, cookiesOf(field.Value)...)
		}
	}
	if strings.HasPrefix(x.Target, "/") {
		r.URL = "http://" + value(r.Headers, "Host") + x.Target
	}
	_, query, _ := strings.Cut(r.URL, "?")
	r.Query = formPairs(query)
	if body := content(x); len(body) > 0 {
		r.PostData = postOf(value(r.Headers, "Content-Type"), body, x.Request)
	}
	return r
}

func harResponseOf(x *hub.Exchange) harResponse {
	reply := compare.AnswerOf("", x.Response.Bytes(), x.Request.Bytes())
	r := harResponse{harMessage: messageOf(x.Response, reply.Raw)}
	r.Version = reply.Version
	fmt.Sscan(reply.Status, &r.Status)
	_, r.Reason, _ = strings.Cut(reply.Status, " ")
	r.Redirect = value(r.Headers, "Location")
	for _, field := range r.Headers {
		if strings.EqualFold(field.Name, "Set-Cookie") {
			r.Cookies = append(r.Cookies, setCookieOf(field.Value))
		}
	}
	r.Content = harContent{Size: len(reply.Body), Type: value(r.Headers, "Content-Type"), Text: string(reply.Body), Comment: missing(x.Response)}
	if !utf8.Valid(reply.Body) {
		r.Content.Text, r.Content.Encoding = base64.StdEncoding.EncodeToString(reply.Body), "base64"
	}
	return r
}

// messageOf are the fields and the sizes of what was kept of a stream.
func messageOf(s hub.Stream, kept []byte) harMessage {
	head, _, _ := bytes.Cut(kept, []byte("\r\n\r\n"))
	size := len(head) + len("\r\n\r\n")
	m := harMessage{Headers: []harPair{}, Cookies: []harCookie{}, HeadersSize: size, BodySize: max(0, len(kept)-size), Comment: missing(s)}
	if s.Cut {
		m.BodySize = max(0, s.Length-size)
	}
	for i, line := range strings.Split(string(head), "\r\n") {
		if name, value, ok := strings.Cut(line, ":"); ok && i > 0 {
			m.Headers = append(m.Headers, harPair{name, latin1([]byte(strings.Trim(value, " \t")))})
		}
	}
	return m
}

// missing says that a recording is not whole.
func missing(s hub.Stream) string {
	if !s.Cut {
		return ""
	}
	return fmt.Sprintf("This is cut: glass kept %d of the %d bytes that went over the wire, the head included.", len(s.Bytes()), s.Length)
}

func value(pairs []harPair, name string) string {
	for _, p := range pairs {
		if strings.EqualFold(p.Name, name) {
			return p.Value
		}
	}
	return ""
}

// cookiesOf reads a Cookie field as loosely as servers do: RFC 6265 §5.4 is what a browser sends.
func cookiesOf(field string) (cookies []harCookie) {
	for part := range strings.SplitSeq(field, ";") {
		if name, value, ok := strings.Cut(strings.TrimSpace(part), "="); ok {
			cookies = append(cookies, harCookie{harPair: harPair{name, value}})
		}
	}
	return cookies
}

// setCookieOf reads a Set-Cookie field; one that net/http refuses keeps its name and its value.
func setCookieOf(field string) harCookie {
	c, err := http.ParseSetCookie(field)
	if err != nil {
		pair, _, _ := strings.Cut(field, ";")
		name, value, _ := strings.Cut(pair, "=")
		return harCookie{harPair: harPair{strings.TrimSpace(name), strings.TrimSpace(value)}}
	}
	cookie := harCookie{harPair: harPair{c.Name, c.Value}, Path: c.Path, Domain: c.Domain, HTTPOnly: c.HttpOnly, Secure: c.Secure}
	if !c.Expires.IsZero() {
		cookie.Expires = c.Expires.Format(harTime)
	}
	return cookie
}

// mediaType is that of a Content-Type, and its parameters.
func mediaType(field string) (string, map[string]string) {
	kind, parameters, err := mime.ParseMediaType(field)
	if err != nil {
		return "", nil
	}
	return kind, parameters
}

// latin1 makes text of bytes: code point n of byte n, where they are not UTF-8.
func latin1(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}
