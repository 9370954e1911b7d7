package page

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"glasswsgi/inspect/hub"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

type hubField = hub.Field

func mustURL(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// writer yields two blocks after one by write().
func writer(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	write, err := start("201 Made It", []wsgi.Header{{Name: "Content-Type", Value: "text/plain"}}, nil)
	if err != nil {
		return nil, err
	}
	if err := write([]byte("one")); err != nil {
		return nil, err
	}
	return native.Blocks{[]byte("two"), []byte("three")}, nil
}

// describe writes tokens one a line, with the bytes between bars.
func describe(message []byte, tokens []Token) string {
	var out strings.Builder
	for _, t := range tokens {
		fmt.Fprintf(&out, "%s |%s|", t.Kind, strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(string(message[t.Start:t.End])))
		for _, key := range t.Keys {
			out.WriteString(" " + key)
		}
		if t.By != "" {
			fmt.Fprintf(&out, " by %s %d", t.By, t.Block)
		}
		out.WriteString("\n")
	}
	return out.String()
}

func TestTokens(t *testing.T) {
	w := newWorld(t, writer)
	w.enter()
	w.send("POST /caf%C3%A9?a=1 HTTP/1.1\r\nHost:  h \r\nX-A: 1\r\nX-A: 2\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
	x, ok := w.hub.Exchange(1)
	if !ok {
		t.Fatal("no exchange")
	}
	view := ViewOf(x)
	request := describe(x.Request.Bytes(), view.Request)
	for _, line := range []string{
		"method |POST| REQUEST_METHOD\nSP | |\npath |/caf%C3%A9| PATH_INFO REQUEST_URI\nquestion-mark |?| REQUEST_URI\nquery |a=1| QUERY_STRING REQUEST_URI\n",
		"HTTP-version |HTTP/1.1| SERVER_PROTOCOL\nCRLF |\\r\\n|\nfield-name |Host| HTTP_HOST\ncolon |:|\nOWS |  |\nfield-value |h| HTTP_HOST\nOWS | |\nCRLF |\\r\\n|\n",
		"field-value |1| HTTP_X_A\n", "field-value |2| HTTP_X_A\n", "chunk-size |3", "message-body |abc| wsgi.input\n",
	} {
		if !strings.Contains(request, line) {
			t.Errorf("the request has no tokens\n%s\nbut\n%s", line, request)
		}
	}
	response := describe(x.Response.Bytes(), view.Response)
	for _, line := range []string{
		"HTTP-version |HTTP/1.1| by server 0\n", "status-code |201| by start_response 0\nSP | | by start_response 0\nreason-phrase |Made It| by start_response 0\n",
		"field-value |text/plain| by start_response 0\n", "field-name |Server| by server 0\n", "message-body |one| by write() 1\n",
		"message-body |two| by block 2\n", "message-body |three| by block 3\n", "framing |",
	} {
		if !strings.Contains(response, line) {
			t.Errorf("the response has no token %s\nbut\n%s", line, response)
		}
	}
	gapless(t, "request", len(x.Request.Bytes()), view.Request)
	gapless(t, "response", len(x.Response.Bytes()), view.Response)
}

// gapless: every byte is of one token.
func gapless(t *testing.T, name string, length int, tokens []Token) {
	t.Helper()
	at := 0
	for _, token := range tokens {
		if token.Start != at || token.End <= at {
			t.Errorf("%s: a token %d-%d after byte %d", name, token.Start, token.End, at)
		}
		at = token.End
	}
	if at != length {
		t.Errorf("%s: the tokens end at byte %d of %d", name, at, length)
	}
}

// TestRefused: a request that is no HTTP has tokens as far as it goes, and the answer is the server's own.
func TestRefused(t *testing.T) {
	w := newWorld(t, native.Hello)
	w.enter()
	w.send("GET / HTTP/1.1\r\nBad Name: x\r\n\r\n")
	x, _ := w.hub.Exchange(1)
	view := ViewOf(x)
	gapless(t, "request", len(x.Request.Bytes()), view.Request)
	if !slices.ContainsFunc(view.Request, func(k Token) bool { return k.Kind == "unparsed" }) {
		t.Error("everything was parsed")
	}
	for _, token := range view.Response {
		if token.By != hub.ByServer {
			t.Errorf("%s by %q", token.Kind, token.By)
		}
	}
	if !strings.HasPrefix(view.Status, "400") {
		t.Errorf("status %q", view.Status)
	}
}

func TestStageTimes(t *testing.T) {
	x := &hub.Exchange{Held: 100, Steps: []hub.Step{
		{At: 0, Stage: "accept"}, {At: 10, Stage: "receive"}, {At: 12, Stage: "parse"}, {At: 15, Stage: "environ", Held: 100},
		{At: 116, Stage: "call"}, {At: 136, Stage: "call"}, {At: 140, Stage: "respond"},
		{At: 141, Stage: "send"}, {At: 150, Stage: "call", Name: "close()", Sending: 7}, {At: 150, Stage: "close"},
	}}
	want := map[string]int64{"accept": 0, "receive": 12, "parse": 3, "environ": 1, "call": 26, "respond": 1, "send": 7, "close": 0}
	for _, s := range stageTimes(x) {
		if int64(s.Took) != want[s.Stage] {
			t.Errorf("%s took %d, not %d", s.Stage, s.Took, want[s.Stage])
		}
	}
	if runTime(x) != 50 {
		t.Errorf("all of it took %d", runTime(x))
	}
}

// TestHAR holds the archive to the names that HAR 1.2 requires.
func TestHAR(t *testing.T) {
	w := newWorld(t, native.Echo)
	w.enter()
	w.send("POST /a?x=1&y=%20z HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")
	var archive map[string]any
	if err := json.Unmarshal([]byte(w.get("api/exchanges/1/har")), &archive); err != nil {
		t.Fatal(err)
	}
	log := archive["log"].(map[string]any)
	entry := log["entries"].([]any)[0].(map[string]any)
	for where, names := range map[string]string{
		"log": "version creator entries", "entry": "startedDateTime time request response cache timings",
		"request":  "method url httpVersion cookies headers queryString postData headersSize bodySize",
		"response": "status statusText httpVersion cookies headers content redirectURL headersSize bodySize", "timings": "send wait receive",
	} {
		object := map[string]any{"log": log, "entry": entry}[where]
		if object == nil {
			object = entry[where]
		}
		for name := range strings.FieldsSeq(names) {
			if _, ok := object.(map[string]any)[name]; !ok {
				t.Errorf("%s has no %s", where, name)
			}
		}
	}
	request, response := entry["request"].(map[string]any), entry["response"].(map[string]any)
	if request["url"] != "http://localhost/a?x=1&y=%20z" || response["status"] != 200.0 || response["content"].(map[string]any)["text"] != "abc" {
		t.Errorf("%v\n%v", request, response)
	}
	if q := fmt.Sprint(request["queryString"]); q != "[map[name:x value:1] map[name:y value: z]]" {
		t.Errorf("queryString: %s", q)
	}
	if !strings.Contains(log["comment"].(string), "Cookie") {
		t.Error("the archive does not say that it holds secrets")
	}
}

func TestCurl(t *testing.T) {
	large := strings.Repeat("x", longestArgument)
	for _, row := range []struct{ request, want, body, lost string }{
		{request: "GET /a?b=c[1] HTTP/1.1\r\nHost: h:1\r\nUser-Agent: u\r\nAccept: */*\r\n\r\n",
			want: `curl -i --path-as-is --globoff -H 'User-Agent: u' -H 'Accept: */*' 'http://h:1/a?b=c[1]'`},
		{request: "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", want: `curl -i --path-as-is --globoff --head -H 'User-Agent:' -H 'Accept:' 'http://h/'`},
		{request: "HEAD / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na", lost: lostHeadBody,
			want: `curl -i --path-as-is --globoff --head -H 'User-Agent:' -H 'Accept:' 'http://h/'`},
		{request: "POST /it's HTTP/1.1\r\nHost: h\r\nX: it's $HOME\r\nContent-Length: 4\r\n\r\na\x01'b",
			want: `curl -i --path-as-is --globoff -H 'X: it'\''s $HOME' -X 'POST' -H 'User-Agent:' -H 'Accept:' -H 'Content-Type:' -H 'Expect:' --data-binary $'a\x01\'b' 'http://h/it'\''s'`},
		{request: "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na\x00b", body: "glass-7.body", // a word of a shell ends at NUL
			want: `curl -i --path-as-is --globoff -X 'GET' -H 'User-Agent:' -H 'Accept:' -H 'Content-Type:' -H 'Expect:' --data-binary @glass-7.body 'http://h/'`},
		{request: "PUT / HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\nContent-Length: 16384\r\n\r\n" + large, body: "glass-7.body",
			want: `curl -i --path-as-is --globoff -H 'Content-Type: a/b' -X 'PUT' -H 'User-Agent:' -H 'Accept:' -H 'Expect:' --data-binary @glass-7.body 'http://h/'`},
		{request: "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n@a", body: "glass-7.body", // curl would read the file "a"
			want: `curl -i --path-as-is --globoff -X 'PUT' -H 'User-Agent:' -H 'Accept:' -H 'Content-Type:' -H 'Expect:' --data-binary @glass-7.body 'http://h/'`},
		{request: "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
			want: `curl -i --path-as-is --globoff -X 'OPTIONS' -H 'User-Agent:' -H 'Accept:' --request-target '*' 'http://h/'`},
	} {
		line, _, _ := strings.Cut(row.request, "\r\n")
		words := strings.Fields(line)
		x := &hub.Exchange{ID: 7, Method: words[0], Target: words[1], Version: words[2],
			Request: hub.Stream{Pieces: []hub.Piece{{Size: len(row.request), Data: []byte(row.request)}}}}
		got, err := curl(x)
		if err != nil {
			t.Fatal(err)
		}
		if got.Curl != row.want || got.Body != row.body || strings.Join(got.Lost, ", ") != row.lost {
			t.Errorf("%+v\nnot\n%+v", got, row)
		}
		if row.body != "" && !strings.HasSuffix(row.request, "\r\n\r\n"+string(bodyOf(x))) {
			t.Errorf("the file has %q", bodyOf(x))
		}
	}
	for _, x := range []*hub.Exchange{{}, {Method: "GET", Request: hub.Stream{Cut: true}}} {
		if line, err := curl(x); err == nil {
			t.Errorf("a command that sends another request: %+v", line)
		}
	}
}

// TestCatalogs: both languages say the same things, and the page asks for nothing that they do not have.
func TestCatalogs(t *testing.T) {
	all, err := catalogs()
	if err != nil {
		t.Fatal(err)
	}
	hole := regexp.MustCompile(`\{\w+\}`)
	for key, text := range all["en"] {
		other, ok := all["zh"][key]
		if !ok {
			t.Errorf("zh has no %q", key)
			continue
		}
		a, b := hole.FindAllString(text, -1), hole.FindAllString(other, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: %v in one language, %v in the other", key, a, b)
		}
	}
	for key := range all["zh"] {
		if _, ok := all["en"][key]; !ok {
			t.Errorf("en has no %q", key)
		}
	}
	used := regexp.MustCompile(`\bt\("([^"]+)"(\s*[,)])|data-t(?:-\w+)?="([^"]+)"`)
	for _, name := range append([]string{"page.html"}, modules...) {
		text, err := files.ReadFile("static/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range used.FindAllStringSubmatch(string(text), -1) {
			if key := match[1] + match[3]; all["en"][key] == "" && key != "stage.undefined" {
				t.Errorf("%s asks for %q", name, key)
			}
		}
	}
	for _, stage := range hub.Stages {
		if all["en"]["stage."+stage] == "" {
			t.Errorf("no name for the stage %s", stage)
		}
	}
}

// TestBundle: the modules become one script, in which no name is declared twice and nothing is imported.
func TestBundle(t *testing.T) {
	script, err := bundle()
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`(?m)^(import|export) `).MatchString(script) || strings.Contains(script, "</script") || strings.Contains(script, "<!--") {
		t.Error("the script imports, or ends the element that it stands in")
	}
	seen := map[string]bool{}
	names := regexp.MustCompile(`(?m)^(?:async )?(?:const|let|function) (\w+)`).FindAllStringSubmatch(script, -1)
	for _, list := range regexp.MustCompile(`(?m)^(?:const|let) \w+ = [^>({\[]+;`).FindAllString(script, -1) { // const a = 1, b = 2;
		names = append(names, regexp.MustCompile(`, (\w+) = `).FindAllStringSubmatch(list, -1)...)
	}
	for _, match := range names {
		if seen[match[1]] {
			t.Errorf("%s is declared twice", match[1])
		}
		seen[match[1]] = true
	}
	if len(seen) < 50 {
		t.Errorf("only %d names", len(seen))
	}
	for _, name := range modules {
		text, _ := files.ReadFile("static/" + name)
		if strings.Contains(string(text), "innerHTML") || strings.Contains(string(text), "eval(") {
			t.Errorf("%s makes HTML or code of text", name)
		}
	}
}

func TestSource(t *testing.T) {
	s, err := sourceOf(hub.New(hub.Options{}), "page.go")
	if err == nil {
		t.Errorf("a source of nowhere: %v", s.File)
	}
	lines := highlighted("python", "# <b>\ndef f(x):\n    return \"<i>\" + 1\n")
	if len(lines) < 3 || lines[0][0] != [2]string{"c", "# <b>"} || lines[1][0] != [2]string{"k", "def"} {
		t.Errorf("%q", lines)
	}
	var all strings.Builder
	for _, line := range lines {
		for _, word := range line {
			all.WriteString(word[1])
		}
		all.WriteByte('\n')
	}
	if !strings.HasPrefix(all.String(), "# <b>\ndef f(x):\n    return \"<i>\" + 1\n") {
		t.Errorf("the words are not the text: %q", all.String())
	}
}
