package page

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"glasswsgi/compare"
	"glasswsgi/inspect/hub"
)

// har is an HTTP Archive 1.2, as browsers' tools read it.
type har struct {
	Log harLog `json:"log"`
}

type harLog struct {
	Version string            `json:"version"`
	Creator map[string]string `json:"creator"`
	Entries []harEntry        `json:"entries"`
	Comment string            `json:"comment"`
}

type harEntry struct {
	Started    string         `json:"startedDateTime"`
	Time       float64        `json:"time"` // ms
	Request    map[string]any `json:"request"`
	Response   map[string]any `json:"response"`
	Cache      struct{}       `json:"cache"`
	Timings    harTimings     `json:"timings"`
	Connection string         `json:"connection"`
}

type harTimings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// harOf writes an exchange as HAR has it. Its times are the server's: send is receiving the request, wait is the
// application, receive is sending the response.
func harOf(x *hub.Exchange, version string) har {
	request := x.Request.Bytes()
	reply := compare.AnswerOf("", x.Response.Bytes(), request)
	code, reason := 0, ""
	fmt.Sscan(reply.Status, &code)
	_, reason, _ = strings.Cut(reply.Status, " ")
	took := map[string]float64{}
	for _, s := range stageTimes(x) {
		took[s.Stage] = float64(s.Took) / float64(time.Millisecond)
	}
	timings := harTimings{Send: took["receive"] + took["parse"], Wait: took["environ"] + took["call"], Receive: took["respond"] + took["send"]}
	head, _, _ := bytes.Cut(request, []byte("\r\n\r\n"))
	fields, host := headerPairs(head)
	target := x.Target
	if strings.HasPrefix(target, "/") {
		target = "http://" + host + target
	}
	replyHead, _, _ := bytes.Cut(reply.Raw, []byte("\r\n\r\n"))
	replyFields, _ := headerPairs(replyHead)
	sent := map[string]any{
		"method": x.Method, "url": target, "httpVersion": x.Version, "headers": fields, "queryString": queryPairs(target),
		"cookies": []harPair{}, "headersSize": sizeOfHead(head), "bodySize": max(0, len(request)-sizeOfHead(head)),
	}
	if body := content(x); len(body) > 0 {
		sent["postData"] = map[string]any{"mimeType": value(fields, "Content-Type"), "text": latin1(body), "params": []harPair{}}
	}
	body := map[string]any{"size": len(reply.Body), "mimeType": value(replyFields, "Content-Type"), "text": string(reply.Body)}
	if !utf8.Valid(reply.Body) {
		body["text"], body["encoding"] = base64.StdEncoding.EncodeToString(reply.Body), "base64"
	}
	return har{harLog{
		Version: "1.2", Creator: map[string]string{"name": "glass", "version": version},
		Comment: "This holds the request and the response as they were: Cookie, Authorization and bodies too.",
		Entries: []harEntry{{
			Started: x.Began.Format("2006-01-02T15:04:05.000Z07:00"), Time: timings.Send + timings.Wait + timings.Receive, Timings: timings,
			Request: sent, Connection: fmt.Sprint(x.Connection.ID),
			Response: map[string]any{
				"status": code, "statusText": reason, "httpVersion": reply.Version, "headers": replyFields, "cookies": []harPair{},
				"content": body, "redirectURL": value(replyFields, "Location"), "headersSize": sizeOfHead(replyHead),
				"bodySize": max(0, len(reply.Raw)-sizeOfHead(replyHead)),
			},
		}},
	}}
}

func sizeOfHead(head []byte) int { return len(head) + len("\r\n\r\n") }

func headerPairs(head []byte) (pairs []harPair, host string) {
	pairs = []harPair{}
	for i, line := range strings.Split(string(head), "\r\n") {
		name, value, ok := strings.Cut(line, ":")
		if i == 0 || !ok {
			continue
		}
		value = strings.Trim(value, " \t")
		pairs = append(pairs, harPair{name, latin1([]byte(value))})
		if strings.EqualFold(name, "Host") {
			host = value
		}
	}
	return pairs, host
}

func value(pairs []harPair, name string) string {
	for _, p := range pairs {
		if strings.EqualFold(p.Name, name) {
			return p.Value
		}
	}
	return ""
}

func queryPairs(target string) []harPair {
	pairs := []harPair{}
	_, query, _ := strings.Cut(target, "?")
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		n, err1 := url.QueryUnescape(name)
		v, err2 := url.QueryUnescape(value)
		if part != "" && err1 == nil && err2 == nil {
			pairs = append(pairs, harPair{n, v})
		}
	}
	return pairs
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
