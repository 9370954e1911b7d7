package page

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"glasswsgi/inspect/compare"
	"glasswsgi/inspect/hub"
)

// export gives an exchange away: as a line for the shell, as an HTTP Archive, or as a recording. All of it is as it was
// on the wire, Cookie and Authorization too; the page says so before.
func (p *Page) export(w http.ResponseWriter, r *http.Request) {
	x := p.wanted(w, r)
	if x == nil {
		return
	}
	name := fmt.Sprintf("glass-%d", x.ID)
	switch r.PathValue("as") {
	case "curl":
		answer(w, map[string]string{"curl": curl(x)})
	case "har":
		download(w, name+".har", "application/json")
		json.NewEncoder(w).Encode(harOf(x, p.options.Version))
	case "recording":
		download(w, name+".glass.json", "application/json")
		json.NewEncoder(w).Encode(p.recording(x))
	case "file":
		text, err := standalone(p.recording(x))
		if err != nil {
			fail(w, http.StatusInternalServerError, err)
			return
		}
		download(w, name+".glass.html", "text/html; charset=utf-8")
		w.Write(text)
	default:
		fail(w, http.StatusNotFound, fmt.Errorf("an exchange can be had as curl, har, recording or file"))
	}
}

func download(w http.ResponseWriter, name, kind string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
}

// Recording is a file that the page opens without a server.
type Recording struct {
	Format  string             `json:"format"` // recordingFormat
	Version int                `json:"version"`
	Glass   string             `json:"glass"`
	App     string             `json:"app"`
	Views   []*View            `json:"views"`
	Sources map[string]*Source `json:"sources"`
}

const (
	recordingFormat  = "glass recording"
	recordingVersion = 1
)

// recording takes the source along that the exchange names.
func (p *Page) recording(exchanges ...*hub.Exchange) *Recording {
	rec := &Recording{Format: recordingFormat, Version: recordingVersion, Glass: p.options.Version, App: p.options.App, Sources: map[string]*Source{}}
	for _, x := range exchanges {
		rec.Views = append(rec.Views, ViewOf(x))
		for _, place := range places(x) {
			if rec.Sources[place.File] != nil || place.File == "" {
				continue
			}
			if s, err := sourceOf(p.hub, place.File); err == nil {
				rec.Sources[place.File] = s
			}
		}
	}
	return rec
}

// places are the lines of source that an exchange names.
func places(x *hub.Exchange) (all []hub.Place) {
	for _, step := range x.Steps {
		all = append(all, step.Source)
		if step.Python != nil {
			all = append(all, *step.Python)
		}
	}
	if x.Stop != nil {
		for _, frame := range x.Stop.Frames {
			all = append(all, frame.Place)
		}
	}
	return all
}

// curl is the request as a command. Its path is sent as it is, and curl's own fields are taken away where the request
// did not have them.
func curl(x *hub.Exchange) string {
	request := x.Request.Bytes()
	head, body, _ := bytes.Cut(request, []byte("\r\n\r\n"))
	words := []string{"curl", "-i", "--path-as-is"}
	switch x.Method {
	case "GET":
	case "HEAD":
		words = append(words, "--head") // with -X HEAD, curl would wait for a body
	default:
		words = append(words, "-X", quote(x.Method))
	}
	if x.Version == "HTTP/1.0" {
		words = append(words, "--http1.0")
	}
	host, seen, chunked := "127.0.0.1", map[string]bool{}, false
	for _, line := range strings.Split(string(head), "\r\n")[1:] {
		name, value, _ := strings.Cut(line, ":")
		lower := strings.ToLower(name)
		seen[lower] = true
		switch value = strings.Trim(value, " \t"); {
		case lower == "host":
			host = value
		case lower == "content-length":
		case value == "":
			words = append(words, "-H", quote(name+";"))
		default:
			chunked = chunked || lower == "transfer-encoding"
			words = append(words, "-H", quote(name+": "+value))
		}
	}
	for _, own := range []string{"User-Agent", "Accept"} {
		if !seen[strings.ToLower(own)] {
			words = append(words, "-H", quote(own+":"))
		}
	}
	if chunked {
		body = content(x)
	}
	if len(body) > 0 {
		if !seen["content-type"] {
			words = append(words, "-H", quote("Content-Type:"))
		}
		words = append(words, "--data-binary", quote(string(body)))
	}
	target := x.Target
	if strings.HasPrefix(target, "/") {
		target = "http://" + host + target
	}
	return strings.Join(append(words, quote(target)), " ")
}

// content is the body of the request without its transfer coding.
func content(x *hub.Exchange) (all []byte) {
	request := x.Request.Bytes()
	for _, step := range x.Steps {
		if step.Name == "message-body" && step.Wire.End <= len(request) {
			all = append(all, request[step.Wire.Start:step.Wire.End]...)
		}
	}
	return all
}

// quote makes one word of a POSIX shell; bytes that are no text, or would end the line, are written for $'...'.
func quote(s string) string {
	plain := utf8.ValidString(s)
	for _, c := range s {
		plain = plain && (c >= ' ' && c != 0x7f)
	}
	if plain {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'' || c == '\\':
			b.WriteString(`\` + string(c))
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + "'"
}

// ---- HAR 1.2

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
