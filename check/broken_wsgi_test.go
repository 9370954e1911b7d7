package check

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// gateway pretends to be a WSGI server with the probe application, as far as the probes of brokenGateways need it. Its
// fields are what may be wrong.
type gateway struct {
	environ func(r *http.Request, environ map[string]string)
	answer  func(r *http.Request, right string) string
}

// brokenGateways each make one mistake, and fail the probes of it, and no other.
var brokenGateways = []struct {
	name    string
	probes  []string
	gateway gateway
}{
	{"right", nil, gateway{}},
	{"decodes the query", []string{"pep3333-environ-query-raw"}, inEnviron(func(r *http.Request, e map[string]string) {
		e["QUERY_STRING"], _ = url.QueryUnescape(e["QUERY_STRING"])
	})},
	{"decodes the path twice", []string{"pep3333-environ-path-decoded-once"}, inEnviron(func(r *http.Request, e map[string]string) {
		e["PATH_INFO"], _ = url.PathUnescape(e["PATH_INFO"])
	})},
	{"takes + for a space", []string{"pep3333-environ-path-plus"}, inEnviron(func(r *http.Request, e map[string]string) {
		e["PATH_INFO"] = strings.ReplaceAll(e["PATH_INFO"], "+", " ")
	})},
	{"invents a type", []string{"pep3333-environ-content-type-none"}, inEnviron(func(r *http.Request, e map[string]string) {
		e["CONTENT_TYPE"] = "text/plain"
	})},
	{"gives its own version", []string{"pep3333-environ-protocol-1.0"}, inEnviron(func(r *http.Request, e map[string]string) {
		e["SERVER_PROTOCOL"] = "HTTP/1.1"
	})},
	{"invents a Host", []string{"pep3333-environ-http-host-none"}, inEnviron(func(r *http.Request, e map[string]string) {
		e["HTTP_HOST"] = "localhost"
	})},
	{"joins cookies with commas", []string{"pep3333-environ-http-cookie"}, inEnviron(func(r *http.Request, e map[string]string) {
		e["HTTP_COOKIE"] = strings.Join(r.Header["Cookie"], ",")
	})},
	{"takes _ for -", []string{"pep3333-environ-http-underscore"}, inEnviron(func(r *http.Request, e map[string]string) {
		e["HTTP_X_ROLE"] = strings.Join(append(r.Header["X-Role"], r.Header["X_role"]...), ",")
	})},
	{"takes fields for CGI variables", []string{"pep3333-environ-http-not-cgi"}, inEnviron(func(r *http.Request, e map[string]string) {
		if user := r.Header.Get("Remote-User"); user != "" {
			e["REMOTE_USER"] = user
		}
	})},
	{"splits responses", []string{"pep3333-split-value-crlf"}, inAnswer("/headers?X-A=", func(string) string {
		return "HTTP/1.1 200 OK\r\nX-A: a\r\nX-Injected: 1\r\nContent-Length: 7\r\n\r\na body\n"
	})},
	{"joins Set-Cookie", []string{"pep3333-field-cookies"}, inAnswer("/headers?Set-Cookie=", func(right string) string {
		return strings.Replace(right, "\r\nSet-Cookie: b", ", b", 1)
	})},
	{"sends a second Date", []string{"rfc9110-6.6.1-date-of-application"}, inAnswer("/headers?dAtE=", func(right string) string {
		return strings.Replace(right, "\r\n", "\r\nDate: Sun, 06 Nov 1994 08:49:38 GMT\r\n", 1)
	})},
	{"has its own reasons", []string{"pep3333-status-kept"}, inAnswer("/status?299", func(right string) string {
		return strings.Replace(right, "Rather Fine, really!", "Unknown", 1)
	})},
	{"answers HEAD with a body", []string{"rfc9110-9.3.2-head-error"}, inAnswer("/nothing", func(right string) string {
		return right + "Not found\n"
	})},
	{"keeps the fields of a page that failed", []string{"pep3333-exc-clears"}, inAnswer("/replace", func(right string) string {
		return strings.Replace(right, "\r\n", "\r\nX-First: 1\r\n", 1)
	})},
	{"shows tracebacks", []string{"pep3333-exc-leak"}, inAnswer("/raise?at=call", func(string) string {
		return fakeResponse("500 Internal Server Error", "", "RuntimeError: raised in the call, on purpose: ~\n")
	})},
	{"ends what is not complete", []string{"pep3333-exc-later"}, inAnswer("/raise?at=later", func(right string) string {
		return right + "0\r\n\r\n"
	})},
	{"sends more than Content-Length", []string{"pep3333-length-cut-block"}, inAnswer("/length?", func(right string) string {
		return right + "def"
	})},
	{"ends the chunks with an empty block", []string{"pep3333-iterable-holes"}, inAnswer("/holes", func(right string) string {
		return strings.Replace(right, "4\r\none ", "0\r\n\r\n4\r\none ", 1)
	})},
	{"sends str", []string{"pep3333-unicode-block-str"}, inAnswer("/block?kind=str", func(string) string {
		return fakeResponse("200 OK", "", "a str")
	})},
	{"reads past the end of lines", []string{"pep3333-input-readlines-hint"}, inAnswer("/input?do=readlines:4", func(right string) string {
		return strings.Replace(right, `"one\n"`, `"one\ntwo\n"`, 1)
	})},
}

func inEnviron(change func(*http.Request, map[string]string)) gateway {
	return gateway{environ: change}
}

func inAnswer(target string, change func(right string) string) gateway {
	return gateway{answer: func(r *http.Request, right string) string {
		if strings.HasPrefix(r.RequestURI, target) {
			return change(right)
		}
		return right
	}}
}

// rightAnswers are what the probe application and a server without mistakes say, by the beginning of the target.
var rightAnswers = map[string]string{
	"/headers?X-A=":         fakeResponse("500 Internal Server Error", "", ""),
	"/headers?Set-Cookie=":  fakeResponse("200 OK", "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n", "a body\n"),
	"/headers?dAtE=":        fakeResponse("200 OK", "dAtE: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "a body\n"),
	"/status?299":           fakeResponse("299 Rather Fine, really!", "", "a body\n"),
	"/nothing":              "HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\n",
	"/replace":              fakeResponse("500 Oops", "X-Second: 2\r\n", "an error page\n"),
	"/raise?at=call":        fakeResponse("500 Internal Server Error", "", "Sorry.\n"),
	"/raise?at=later":       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nthe first block\n\r\n",
	"/length?":              fakeResponse("200 OK", "", "abc"),
	"/holes":                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n",
	"/block?kind=str":       fakeResponse("500 Internal Server Error", "", ""),
	"/input?do=read":        fakeResponse("200 OK", "", `["abc"]`),           // the premise of the next one
	"/hello":                "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n", // that of HEAD
	"/input?do=readlines:4": fakeResponse("200 OK", "", `[["one\n"], ["two\n", "three\n"]]`),
}

func fakeResponse(status, fields, body string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s", status, fields, len(body), body)
}

// rightEnviron is what /environ says of a request.
func rightEnviron(r *http.Request) map[string]string {
	path, query, _ := strings.Cut(r.RequestURI, "?")
	path, _ = url.PathUnescape(path)
	environ := map[string]string{"PATH_INFO": path, "QUERY_STRING": query, "SERVER_PROTOCOL": r.Proto, "wsgi.url_scheme": "http"}
	if r.Host != "" {
		environ["HTTP_HOST"] = r.Host
	}
	if cookies := r.Header["Cookie"]; cookies != nil {
		environ["HTTP_COOKIE"] = strings.Join(cookies, "; ")
	}
	if role := r.Header.Get("X-Role"); role != "" {
		environ["HTTP_X_ROLE"] = role
	}
	return environ
}

func (g gateway) respond(r *http.Request) string {
	var right, longest string
	for target, answer := range rightAnswers {
		if strings.HasPrefix(r.RequestURI, target) && len(target) > len(longest) {
			right, longest = answer, target
		}
	}
	if strings.HasPrefix(r.RequestURI, "/environ") {
		environ := rightEnviron(r)
		if g.environ != nil {
			g.environ(r, environ)
		}
		entries := map[string]map[string]string{}
		for name, value := range environ {
			entries[name] = map[string]string{"value": value}
		}
		body, _ := json.Marshal(map[string]any{"environ": entries})
		right = fakeResponse("200 OK", "", string(body))
	}
	if g.answer != nil {
		right = g.answer(r, right)
	}
	return right
}

// serve answers one request on each connection.
func (g gateway) serve(listener net.Listener) {
	for {
		socket, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer socket.Close()
			r, err := http.ReadRequest(bufio.NewReader(socket))
			if err != nil {
				return
			}
			io.Copy(io.Discard, r.Body)
			io.WriteString(socket, g.respond(r))
		}()
	}
}

// TestBrokenGateways: each mistake fails its probes, and no other.
func TestBrokenGateways(t *testing.T) {
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, broken := range brokenGateways {
		for _, id := range broken.probes {
			used[id] = true
		}
	}
	probes := slices.DeleteFunc(all, func(p *Probe) bool { return !used[p.ID] })
	if len(probes) != len(used) {
		t.Fatalf("%d probes are named, and %d of them are there: %v", len(used), len(probes), slices.Sorted(maps.Keys(used)))
	}
	for _, broken := range brokenGateways {
		t.Run(broken.name, func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			go broken.gateway.serve(listener)
			target := Target{Address: listener.Addr().String(), Application: true, Timeout: 5 * time.Second, Jobs: 8}
			for _, result := range target.Run(t.Context(), probes, func(Result) {}) {
				should := Passed
				if slices.Contains(broken.probes, result.Probe.ID) {
					should = Failed
				}
				if result = target.Again(t.Context(), result, should); result.Outcome != should {
					t.Errorf("%s %s, and should have %s\n%v", result.Probe.ID, result.Outcome, should, result.Err)
				}
			}
		})
	}
}
