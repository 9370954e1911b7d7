package page

import (
	"bytes"
	"slices"
	"sort"

	"glasswsgi/inspect/hub"
	"glasswsgi/parser"
)

// Token is a run of bytes of a message that means one thing. The tokens of a message follow each other without gaps.
type Token struct {
	Start int      `json:"start"`
	End   int      `json:"end"`
	Kind  string   `json:"kind"` // a name of the grammar; the catalogues have "token."+Kind
	Spec  string   `json:"spec,omitempty"`
	Keys  []string `json:"keys,omitempty"` // of the environ, that became of these bytes
	Step  int      `json:"step"`           // index of the step that found or wrote it; -1: none

	By     hub.Author `json:"by,omitempty"` // who wrote it, in a response
	Block  int        `json:"block,omitempty"`
	Python *hub.Place `json:"python,omitempty"`

	Trails []int `json:"trails,omitempty"` // indexes in View.Trails: the bytes are a part of these
}

// cutter cuts a message into tokens, from its first byte on.
type cutter struct {
	message []byte
	at      int
	tokens  []Token
}

// to adds the token that ends at an offset, if there is anything left of it.
func (c *cutter) to(end int, kind, spec string, step int) {
	if end = min(end, len(c.message)); end <= c.at {
		return
	}
	c.tokens = append(c.tokens, Token{Start: c.at, End: end, Kind: kind, Spec: spec, Step: step})
	c.at = end
}

// gap adds what no step is about: the ends of lines, and what was not looked at.
func (c *cutter) gap(end int) {
	if end = min(end, len(c.message)); end <= c.at {
		return
	}
	kind, spec := "unparsed", ""
	if len(bytes.Trim(c.message[c.at:end], "\r\n")) == 0 {
		kind, spec = "CRLF", "RFC 9112 §2.1"
	}
	c.to(end, kind, spec, -1)
}

// requestTokens follow the steps of the parser.
func requestTokens(x *hub.Exchange) []Token {
	c := &cutter{message: x.Request.Bytes()}
	for _, step := range x.Steps {
		if step.Side != "request" || step.Stage != "parse" || step.Wire.Len() <= 0 {
			continue
		}
		c.gap(step.Wire.Start)
		switch step.Name {
		case "request-line":
			c.requestLine(step)
		case "field-line", "trailer-field":
			c.fieldLine(step)
		case "message-body", "chunk-size":
			c.to(step.Wire.End, step.Name, step.Spec, step.Index)
		case "message-body-length":
			c.gap(step.Wire.End)
		default:
			if withoutHTTP(x) && step.Name != "message-end" {
				c.to(step.Wire.End, step.Name, step.Spec, step.Index)
			}
		}
	}
	c.gap(len(c.message))
	c.nameVariables(x.Environ)
	return c.tokens
}

// withoutHTTP says that a web server has sent the request by another protocol, whose steps are its tokens.
func withoutHTTP(x *hub.Exchange) bool {
	return len(x.Environ) > 0 && !slices.ContainsFunc(x.Steps, func(step hub.Step) bool { return step.Name == "request-line" })
}

// requestLine: method SP request-target SP HTTP-version.
func (c *cutter) requestLine(step hub.Step) {
	end := min(step.Wire.End, len(c.message))
	line := bytes.TrimRight(c.message[c.at:end], "\r\n")
	start := c.at
	first, last := bytes.IndexByte(line, ' '), bytes.LastIndexByte(line, ' ')
	if first < 0 || first == last {
		c.to(end, "request-line", step.Spec, step.Index)
		return
	}
	c.to(start+first, "method", "RFC 9112 §3.1", step.Index)
	c.to(start+first+1, "SP", step.Spec, step.Index)
	if query := bytes.IndexByte(line[first:last], '?'); query >= 0 {
		c.to(start+first+query, "path", "RFC 9112 §3.2", step.Index)
		c.to(start+first+query+1, "question-mark", "RFC 9112 §3.2", step.Index)
		c.to(start+last, "query", "RFC 9112 §3.2", step.Index)
	} else {
		c.to(start+last, "path", "RFC 9112 §3.2", step.Index)
	}
	c.to(start+last+1, "SP", step.Spec, step.Index)
	c.to(start+len(line), "HTTP-version", "RFC 9112 §2.3", step.Index)
	c.gap(end)
}

// fieldLine: field-name ":" OWS field-value OWS.
func (c *cutter) fieldLine(step hub.Step) {
	end := min(step.Wire.End, len(c.message))
	start, line := c.at, bytes.TrimRight(c.message[c.at:end], "\r\n")
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		c.to(end, step.Name, step.Spec, step.Index)
		return
	}
	value := line[colon+1:]
	left := len(value) - len(bytes.TrimLeft(value, " \t"))
	right := len(bytes.TrimRight(value, " \t"))
	c.to(start+colon, "field-name", "RFC 9110 §5.1", step.Index)
	c.to(start+colon+1, "colon", step.Spec, step.Index)
	c.to(start+colon+1+left, "OWS", "RFC 9110 §5.6.3", step.Index)
	c.to(start+colon+1+right, "field-value", "RFC 9110 §5.5", step.Index)
	c.to(start+len(line), "OWS", "RFC 9110 §5.6.3", step.Index)
	c.gap(end)
}

// nameVariables says which variables became of each token. A field's name names the variable that its value is in.
func (c *cutter) nameVariables(environ []hub.Variable) {
	for i := range c.tokens {
		t := &c.tokens[i]
		for _, v := range environ {
			if overlaps(t, v.Wire) || slices.ContainsFunc(v.More, func(s parser.Span) bool { return overlaps(t, s) }) {
				t.Keys = append(t.Keys, v.Name)
			}
		}
		if hub.ContentSteps[t.Kind] {
			t.Keys = append(t.Keys, "wsgi.input")
		}
		if t.Kind != "field-value" {
			continue
		}
		for back := i - 1; back >= 0 && c.tokens[back].Step == t.Step; back-- {
			if c.tokens[back].Kind == "field-name" {
				c.tokens[back].Keys = t.Keys
			}
		}
	}
}

func overlaps(t *Token, s parser.Span) bool { return t.Start < s.End && s.Start < t.End }

// responseTokens cut the bytes where their author changes, and where the grammar does.
func responseTokens(x *hub.Exchange) []Token {
	c := &cutter{message: x.Response.Bytes()}
	for _, step := range x.Steps {
		if step.Stage != "respond" || step.Wire.Len() <= 0 {
			continue
		}
		c.gap(step.Wire.Start)
		switch step.Name {
		case "status-line":
			c.statusLine(step)
		case "field-line":
			c.fieldLine(step)
		default:
			if withoutHTTP(x) && step.Name != "end-of-header-section" {
				c.to(step.Wire.End, step.Name, step.Spec, step.Index)
			}
			c.gap(step.Wire.End)
		}
	}
	head := len(c.tokens)
	c.body(x)
	for i := range c.tokens[:head] {
		t := &c.tokens[i]
		if o, ok := x.Response.Origin(t.Start); ok {
			t.By, t.Block, t.Python = o.By, o.Block, o.Python
		}
		if author, known := frameAuthors[t.Kind]; known {
			t.By, t.Block, t.Python = author, 0, nil
			if author == hub.ByStartResponse && x.Failure != nil { // an error page of the server's own
				t.By = hub.ByServer
			}
		}
	}
	return c.tokens
}

// frameAuthors say who makes the frames of the gateways' protocols. The hub knows whose block made bytes leave, and these
// are round it.
var frameAuthors = map[string]hub.Author{
	"FCGI_Header": hub.ByServer, "paddingData": hub.ByServer, "FCGI_EndRequestBody": hub.ByServer,
	"packet header": hub.ByServer, "prefix_code": hub.ByServer, "num_headers": hub.ByServer, "chunk_length": hub.ByServer, "NUL": hub.ByServer, "reuse": hub.ByServer,
	"Status": hub.ByStartResponse, "http_status_code": hub.ByStartResponse, "http_status_msg": hub.ByStartResponse, "res_header": hub.ByStartResponse,
}

// statusLine: HTTP-version SP status-code SP [ reason-phrase ].
func (c *cutter) statusLine(step hub.Step) {
	end := min(step.Wire.End, len(c.message))
	start, line := c.at, bytes.TrimRight(c.message[c.at:end], "\r\n")
	first := bytes.IndexByte(line, ' ')
	if first < 0 || len(line) < first+4 {
		c.to(end, "status-line", step.Spec, step.Index)
		return
	}
	c.to(start+first, "HTTP-version", "RFC 9112 §2.3", step.Index)
	c.to(start+first+1, "SP", step.Spec, step.Index)
	c.to(start+first+4, "status-code", "RFC 9110 §15", step.Index)
	c.to(min(start+first+5, start+len(line)), "SP", step.Spec, step.Index)
	c.to(start+len(line), "reason-phrase", "RFC 9112 §4", step.Index)
	c.gap(end)
}

// body cuts where the author changes: between blocks, and round the framing of chunks.
func (c *cutter) body(x *hub.Exchange) {
	sent := sendingOf(x)
	for _, o := range x.Response.Origins {
		if o.Wire.End <= c.at {
			continue
		}
		c.gap(o.Wire.Start)
		kind, spec := "message-body", "RFC 9112 §6"
		if o.By == hub.ByServer && x.Outside == nil {
			kind, spec = "framing", "RFC 9112 §7.1"
			if !bytes.HasSuffix(c.message[:min(o.Wire.End, len(c.message))], []byte("\r\n")) {
				kind, spec = "message-body", "RFC 9112 §6"
			}
		}
		before := len(c.tokens)
		c.to(o.Wire.End, kind, spec, sent.of(o.Wire.Start))
		for i := range c.tokens[before:] {
			t := &c.tokens[before+i]
			t.By, t.Block, t.Python = o.By, o.Block, o.Python
		}
	}
	c.gap(len(c.message))
}

// sending are the steps that sent bytes, in the order of the bytes.
type sending []hub.Step

func sendingOf(x *hub.Exchange) (all sending) {
	for _, step := range x.Steps {
		if step.Stage == "send" && step.Wire.Len() > 0 {
			all = append(all, step)
		}
	}
	return all
}

// of is the step that sent a byte; -1: none did.
func (s sending) of(offset int) int {
	i := sort.Search(len(s), func(i int) bool { return offset < s[i].Wire.End })
	if i < len(s) && s[i].Wire.Start <= offset {
		return s[i].Index
	}
	return -1
}
