package page

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"glasswsgi/inspect/hub"
	"glasswsgi/runtime/native"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway/ajp"
	"glasswsgi/server/gateway/fastcgi"
	"glasswsgi/server/gateway/scgi"
	"glasswsgi/server/gateway/talktest"
	"glasswsgi/server/gateway/token"
	"glasswsgi/server/gateway/uwsgi"
)

// asked is the exchange of one request that a web server sends by a protocol.
func asked(t *testing.T, name string, message []byte) *hub.Exchange {
	t.Helper()
	h := hub.New(hub.Options{Source: os.DirFS("../.."), Record: true})
	s := talktest.New(t, name, front.Config{Application: native.Callable(writer), Errors: io.Discard})
	h.Watch(s)
	talktest.Talk(t, s, message)
	x, ok := h.Exchange(1)
	if !ok {
		t.Fatalf("%s: there is no exchange", name)
	}
	return x
}

// TestTokensWithoutHTTP: the tokens of the other protocols are their own steps, and no byte is left without one.
func TestTokensWithoutHTTP(t *testing.T) {
	variables := []token.Variable{{Name: "REQUEST_METHOD", Value: "POST"}, {Name: "REQUEST_URI", Value: "/a?q"}}
	messages := map[string][]byte{
		"fastcgi": fastcgi.AppendRequest(nil, 1, true, append(variables, token.Variable{Name: "CONTENT_LENGTH", Value: "5"}), []byte("hello")),
		"scgi":    scgi.AppendRequest(nil, variables, []byte("hello")),
		"uwsgi":   uwsgi.AppendRequest(nil, variables, []byte("hello")),
		"ajp": ajp.AppendData(ajp.AppendForwardRequest(nil, ajp.Request{Method: "POST", Protocol: "HTTP/1.1", URI: "/a", QueryString: "q",
			Headers: []token.Variable{{Name: "content-length", Value: "5"}}}), []byte("hello")),
	}
	want := map[string][]string{
		"fastcgi": {"FCGI_BeginRequestBody |\x00\x01\x01\x00\x00\x00\x00\x00|\n", "FCGI_NameValuePair |\x0b\x04REQUEST_URI/a?q| REQUEST_URI PATH_INFO QUERY_STRING\n",
			"FCGI_STDIN |hello| wsgi.input\n", `Status |Status: 201 Made It\r\n| by start_response 0`, "FCGI_Header |\x01\x06\x00\x01\x00\x03\x05\x00| by server 0\n", "FCGI_STDOUT |one| by write() 1\n", "FCGI_STDOUT |three| by block 3\n", "FCGI_EndRequestBody |\x00\x00\x00\x00\x00\x00\x00\x00| by server 0\n"},
		"scgi":  {"netstring length |61:|\n", "header |REQUEST_METHOD\x00POST\x00| REQUEST_METHOD\n", "content |hello| wsgi.input\n", `Status |Status: 201 Made It\r\n| by start_response 0`, "message-body |two| by block 2\n"},
		"uwsgi": {"uwsgi_packet_header |", "uwsgi_var |\x0e\x00REQUEST_METHOD\x04\x00POST| REQUEST_METHOD\n", "content |hello| wsgi.input\n", "status-code |201| by start_response 0", "message-body |two| by block 2\n"},
		"ajp":   {"method |\x04| REQUEST_METHOD\n", "req_uri |\x00\x02/a\x00| REQUEST_URI PATH_INFO\n", "Data |hello| wsgi.input\n", "http_status_code |\x00\xc9| by start_response 0\n", "NUL |\x00| by server 0\n", "chunk |two| by block 2\n"},
	}
	for name, message := range messages {
		x := asked(t, name, message)
		view := ViewOf(x)
		text := describe(x.Request.Bytes(), view.Request) + describe(x.Response.Bytes(), view.Response)
		for _, token := range want[name] {
			if !strings.Contains(text, token) {
				t.Errorf("%s: no %q in\n%q", name, token, text)
			}
		}
		if !view.WithoutHTTP || strings.Contains(text, "unparsed") || view.Status != "201 Made It" || len(view.Request) == 0 {
			t.Errorf("%s: %q\n%q", name, view.Status, text)
		}
	}
}

// TestWithoutHTTPThereIsNone: what says HTTP is refused, and what does not is given.
func TestWithoutHTTPThereIsNone(t *testing.T) {
	w := newWorld(t, writer)
	w.enter()
	s := talktest.New(t, "uwsgi", front.Config{Application: native.Callable(writer), Errors: io.Discard})
	w.hub.Watch(s)
	talktest.Talk(t, s, uwsgi.AppendRequest(nil, []token.Variable{{Name: "REQUEST_METHOD", Value: "GET"}, {Name: "REQUEST_URI", Value: "/"}}, nil))
	for as, want := range map[string]int{"curl": 409, "har": 409, "recording": 200, "file": 200, "relatives": 200} {
		response, err := w.client.Get(w.site.URL + Prefix + "api/exchanges/1/" + as)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %s", as, response.Status)
		}
	}
	if got := w.post("api/replay", map[string]any{"exchange": 1, "to": "server"}); !strings.Contains(fmt.Sprint(got["error"]), "by another protocol than HTTP") {
		t.Errorf("a replay: %v", got)
	}
}
