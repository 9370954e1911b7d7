package page

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"glasswsgi/inspect/hub"
)

// longestArgument bounds a body that stands in the command itself: an argument of a program may have 128 KiB on Linux, and
// 32 KiB is all that a command line may have on Windows.
const longestArgument = 16 << 10

// curlLine is a request as a command of the shell.
type curlLine struct {
	Curl string `json:"curl"`
	// Body names the file that the command reads the body from, where that cannot stand in the command: "".
	Body string `json:"body,omitempty"`
	// Lost are what the command does not send as it was.
	Lost []string `json:"lost,omitempty"`
}

// What no option of curl can say. The catalogues have "lost."+each.
const (
	lostChunks   = "chunks"   // their sizes and extensions are curl's own
	lostTrailer  = "trailer"  // the trailer section
	lostHeadBody = "headBody" // curl sends none with HEAD
	lostField    = "field"    // a field line that is none
)

// curl is the request as a command. Its path is sent as it is, and curl's own fields are taken away where the request
// did not have them.
func curl(x *hub.Exchange) (*curlLine, error) {
	request := x.Request.Bytes()
	switch {
	case x.Method == "":
		return nil, errors.New("this is no request of HTTP, and curl sends no other: save its bytes instead, and send those")
	case x.Request.Cut:
		return nil, fmt.Errorf("only %d bytes of the request were kept: a command would send another one", len(request))
	}
	head, body, _ := bytes.Cut(request, []byte("\r\n\r\n"))
	c := &curlCommand{curlLine: &curlLine{}, words: []string{"curl", "-i", "--path-as-is", "--globoff"}, seen: map[string]bool{}, host: "127.0.0.1"}
	if x.Version == "HTTP/1.0" {
		c.words = append(c.words, "--http1.0")
	}
	fields := strings.Split(string(head), "\r\n")[1:]
	for _, line := range fields {
		c.field(line)
	}
	if c.chunked {
		body = content(x)
		c.Lost = append(c.Lost, lostChunks)
		if hasStep(x, "trailer-field") {
			c.Lost = append(c.Lost, lostTrailer)
		}
	}
	c.method(x.Method, body)
	for _, own := range []string{"User-Agent", "Accept"} {
		if !c.seen[strings.ToLower(own)] {
			c.words = append(c.words, "-H", quote(own+":"))
		}
	}
	c.body(x, body)
	c.target(x.Target)
	c.Curl = strings.Join(c.words, " ")
	return c.curlLine, nil
}

// curlCommand is a command that is being written.
type curlCommand struct {
	*curlLine
	words   []string
	seen    map[string]bool // field names, in lower case
	host    string
	chunked bool
}

func (c *curlCommand) field(line string) {
	name, value, found := strings.Cut(line, ":")
	if !found {
		c.Lost = append(c.Lost, lostField)
		return
	}
	lower := strings.ToLower(name)
	c.seen[lower] = true
	switch value = strings.Trim(value, " \t"); {
	case lower == "host" && value != "":
		c.host = value
		return
	case lower == "content-length":
		return
	case value == "":
		c.words = append(c.words, "-H", quote(name+";"))
		return
	}
	c.chunked = c.chunked || lower == "transfer-encoding"
	c.words = append(c.words, "-H", quote(name+": "+value))
}

func (c *curlCommand) method(method string, body []byte) {
	switch {
	case method == "HEAD":
		c.words = append(c.words, "--head") // with -X HEAD, curl would wait for a body
		if len(body) > 0 {
			c.Lost = append(c.Lost, lostHeadBody)
		}
	case method != "GET" || len(body) > 0: // with a body, curl would make it a POST
		c.words = append(c.words, "-X", quote(method))
	}
}

// body puts a body into the command, or, where no argument could hold it, into a file beside it.
func (c *curlCommand) body(x *hub.Exchange, body []byte) {
	if len(body) == 0 || x.Method == "HEAD" {
		return
	}
	for _, own := range []string{"Content-Type", "Expect"} {
		if !c.seen[strings.ToLower(own)] {
			c.words = append(c.words, "-H", quote(own+":"))
		}
	}
	text := quote(string(body))
	if bytes.IndexByte(body, 0) >= 0 || len(text) > longestArgument || body[0] == '@' {
		c.Body = bodyName(x)
		text = "@" + c.Body
	}
	c.words = append(c.words, "--data-binary", text)
}

// bodyName is the file that the body of a request is saved in.
func bodyName(x *hub.Exchange) string { return fmt.Sprintf("glass-%d.body", x.ID) }

func (c *curlCommand) target(target string) {
	if strings.HasPrefix(target, "/") {
		c.words = append(c.words, quote("http://"+c.host+target))
		return
	}
	c.words = append(c.words, "--request-target", quote(target), quote("http://"+c.host+"/"))
}

func hasStep(x *hub.Exchange, name string) bool {
	for _, step := range x.Steps {
		if step.Name == name {
			return true
		}
	}
	return false
}

// bodyOf is the body of the request as the application gets it.
func bodyOf(x *hub.Exchange) []byte {
	if body := content(x); len(body) > 0 {
		return body
	}
	_, body, _ := bytes.Cut(x.Request.Bytes(), []byte("\r\n\r\n"))
	return body
}

// content is the body of the request without its transfer coding.
func content(x *hub.Exchange) (all []byte) {
	request := x.Request.Bytes()
	for _, span := range x.Content() {
		all = append(all, request[span.Start:span.End]...)
	}
	return all
}

// quote makes one word of a POSIX shell; bytes that are no text, or would end the line, are written for $'...'. No word can
// hold a NUL.
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
