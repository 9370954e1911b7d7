package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

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
	case "relatives":
		answer(w, relativesOf(x))
	case "file":
		text, err := standalone(p.recording(x))
		if err != nil {
			fail(w, http.StatusInternalServerError, err)
			return
		}
		download(w, name+".glass.html", "text/html; charset=utf-8")
		w.Write(text)
	default:
		fail(w, http.StatusNotFound, fmt.Errorf("an exchange can be had as curl, har, recording, file or relatives"))
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
		view := ViewOf(x)
		view.Relatives = relativesOf(x)
		rec.Views = append(rec.Views, view)
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

// contentSteps are the names that HTTP, FastCGI, SCGI, uwsgi and AJP have for content.
var contentSteps = map[string]bool{"message-body": true, "FCGI_STDIN": true, "content": true, "Data": true}

// content is the body of the request without its transfer coding.
func content(x *hub.Exchange) (all []byte) {
	request := x.Request.Bytes()
	for _, step := range x.Steps {
		if step.Side == "request" && contentSteps[step.Name] && step.Wire.End <= len(request) {
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
