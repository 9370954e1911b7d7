package check

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// TestAlternatives holds answers to alternatives. The server sends the answer when a request has come, and closes, unless
// the answer ends with "…".
func TestAlternatives(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A: 1\r\nX-A: 2\r\n\r\n"
	for _, row := range []struct{ answer, alternative, wrong string }{
		{ok + "abc", "200", ""},
		{ok + "abc", "2xx|404 close", ""},
		{ok + "abc", "4xx", "the status should be 4xx"},
		{ok + "abc", "closed", "a response came"},
		{"", "closed", ""},
		{"", "200", "no response came: the server closed the connection"},
		{"…", "closed", "no response came: nothing more came within"},
		{ok + "abc", `200 body "abc" length 3 field X-A "1, 2" lines X-A 2 no field X-B`, ""},
		{ok + "abc", `200 body "abd"`, "the body is not what it should be"},
		{ok + "abc", `200 body ~/^a.c$/ status-line "HTTP/1.1 200 OK"`, ""},
		{ok + "abc", `200 body ~/^b/`, "the body does not match /^b/"},
		{ok + "abc", `200 lines X-A 1`, "there are 2 field lines X-A"},
		{ok + "abc", `200 no field X-A`, "there should be no X-A field"},
		{ok + "abc", `200 field X-B`, "there is no X-B field"},
		{ok + "abc", `200 date`, "there is no Date field"},
		{ok + "abc", `200 open`, "the connection should have stayed open"},
		{ok + "abc…", `200 close`, "did not close"},
		{ok + "abcd", `200 close`, "the connection should have ended here"},
		{ok + "abcd…", `200 open`, "there are bytes after the response"},
		{ok + "ab", "200", "the body is cut off"},
		{ok + "ab", `200 truncated body "ab"`, ""},
		{ok + "abc", "200 truncated", "the body looks complete"},
		{ok + "ab…", "200", "stops after 2 of 3 bytes"},
		{"HTTP/1.1 100 Continue\r\n\r\n" + ok + "abc", "200", ""},
		{"HTTP/1.1 100 Continue\r\n\r\n" + ok + "abc", "100", ""},
		{"HTTP/1.1 100 Continue\r\n\r\n" + ok + "abc", "200 no interim", "an interim response"},
		{"HTTP/1.1 204 No Content\r\n\r\n", "204 close", ""},
		{"HTTP/1.0 200 OK\r\n\r\nto the end", `200 body "to the end"`, ""},
		{"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200", ""},
		{"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200 grammar", "a space belongs after the status code"},
		{"HTTP/1.1 200 OK\nContent-Length: 0\n\n", "200", ""},
		{"HTTP/1.1 200 OK\nContent-Length: 0\n\n", "200 grammar", "a line ends with CR LF"},
		{"HTTP/1.1 200 OK\r\nA : 1\r\n\r\n", "200 grammar", "no character of a field name"},
		{"HTTP/1.1 200 OK\r\nA: 1\r\n 2\r\n\r\n", `200 field A "1 2"`, ""},
		{"HTTP/1.1 200 OK\r\nA: 1\r\n 2\r\n\r\n", "200 grammar", "a folded line"},
		{"HTTP/1.1 200 OK\r\nA: \x01\r\n\r\n", "200 grammar", "a control character"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n", "200 grammar", "together with"},
		{"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "200", "no colon"},
		{"HTTP/1.1 20 OK\r\n\r\n", "xxx", "no status-line"},
		{"HTTP/1.1 200 OK\r\nA: 1", "xxx", "in the middle of the head"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", "200", "cannot be read: 1, 1"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\nT: 1\r\n\r\n", `200 body "abc" close`, ""},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", "200", "the chunk should end here"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "200", "this is no chunk-size"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", `200 truncated body "ab"`, ""},
		{"HTTP/1.1 200 OK\r\n\r\n{\"a\": {\"b.c\": [1, \"x\"]}}", `200 json a."b.c" == [1, "x"] json a."b.c".1 matches /^x/ json a.d absent`, ""},
		{"HTTP/1.1 200 OK\r\n\r\n[1, \"x\"]", `200 json . contains "x" json . type array json 0 != 2 json 1 exists`, ""},
		{"HTTP/1.1 200 OK\r\n\r\n[1, \"x\"]", `200 json 0 == 2`, "[0] is 1, and should be 2"},
		{"HTTP/1.1 200 OK\r\n\r\n[1, \"x\"]", `200 json 2 exists`, "[2] is not there"},
		{"HTTP/1.1 200 OK\r\n\r\n{\"error\": {\"type\": \"KeyError\", \"message\": \"'x'\"}}", `200 json error == null`, "there should be no error, and there is one: KeyError: 'x'"},
		{"HTTP/1.1 200 OK\r\n\r\nno", `200 json . type array`, "the body is no JSON"},
	} {
		t.Run(row.alternative, func(t *testing.T) {
			t.Parallel()
			a, err := parseAlternative(row.alternative)
			if err != nil {
				t.Fatal(err)
			}
			step := &Step{alternatives: []*alternative{a}}
			v := newConversation(answering(t, row.answer), 300*time.Millisecond)
			defer v.hangUp()
			c, err := v.connect("")
			if err != nil {
				t.Fatal(err)
			}
			v.connections[""] = c
			c.send([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
			err = step.runExpect(v, c)
			if (err == nil) != (row.wrong == "") || err != nil && !strings.Contains(err.Error(), row.wrong) {
				t.Errorf("%q: %v\nshould say: %q", row.answer, err, row.wrong)
			}
		})
	}
}

// answering is the address of a server that gives one answer to each connection.
func answering(t *testing.T, answer string) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	answer, stays := strings.CutSuffix(answer, "…")
	go func() {
		for {
			socket, err := listener.Accept()
			if err != nil {
				return
			}
			socket.Read(make([]byte, 1000))
			io.WriteString(socket, answer)
			if stays {
				t.Cleanup(func() { socket.Close() })
				continue
			}
			socket.Close()
		}
	}()
	return listener.Addr().String()
}

// TestMethods: the reader knows what each response answers to.
func TestMethods(t *testing.T) {
	c := &connection{sent: []byte("\r\nHEAD / HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nGETPUT / HTTP/1.1\r\n" +
		"Transfer-Encoding: chunked\r\n\r\n3\r\n0\r\n\r\n0\r\n\r\nHEAD /2 HTTP/1.1\n\nDELETE incomplete")}
	for _, want := range []string{"HEAD", "POST", "PUT", "HEAD", "DELETE", ""} {
		if got := c.nextMethod(); got != want {
			t.Errorf("%s, want %s; left %q", got, want, c.sent[c.answered:])
		}
	}
}

func TestExpand(t *testing.T) {
	n := names{"host": "h:1", "random": "r"}
	for text, want := range map[string]string{
		"":                    "",
		"{host} {random}":     "h:1 r",
		"{{host}":             "{host}",
		"{ab*3}{x\r\n*2}":     "abababx\r\nx\r\n",
		"{***2}":              "****",
		"\u00e9\u0000\u00ff}": "\xe9\x00\xff}",
	} {
		got, err := n.expand(text)
		if string(got) != want || err != nil {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestRaw(t *testing.T) {
	r, err := newRaw("HTTP/1.1 100 {any}\r\n\r\n", anyNames)
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]struct {
		right   int
		missing string
		wrong   bool
	}{
		"":                                {0, "HTTP/1.1 100 ", false},
		"HTTP/1.1 2":                      {9, "100 ", true},
		"HTTP/1.1 100 Go":                 {15, "\r\n\r\n", false},
		"HTTP/1.1 100 Go on\r\nX":         {20, "\r\n", true},
		"HTTP/1.1 100 Go on\r\n\r\nafter": {22, "", false},
	} {
		right, missing, wrong := r.match([]byte(got))
		if right != want.right || string(missing) != want.missing || wrong != want.wrong {
			t.Errorf("%q: %d, %q, %v", got, right, missing, wrong)
		}
	}
}
