package compare

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

const patience = time.Minute

// serve answers every connection with the same bytes, and hands what it was sent to the channel.
func serve(t *testing.T, answer string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.SetDeadline(time.Now().Add(patience))
			conn.Read(make([]byte, 1<<16))
			io.WriteString(conn, answer)
			conn.Close()
		}
	}()
	return listener.Addr().String()
}

const plain = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

func TestSend(t *testing.T) {
	for _, row := range []struct{ name, answer, status, body, problem string }{
		{"by length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "200 OK", "hi", ""},
		{"by chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "200 OK", "hi", ""},
		{"by the end", "HTTP/1.0 200 OK\r\n\r\nhi", "200 OK", "hi", ""},
		{"after 100", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n", "201 Made", "", ""},
		{"broken off", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", "200 OK", "hi", "the answer breaks off"},
		{"nothing", "", "", "", "the connection was closed without an answer"},
	} {
		t.Run(row.name, func(t *testing.T) {
			a, err := Send(context.Background(), serve(t, row.answer), []byte(plain))
			if err != nil {
				t.Fatal(err)
			}
			if a.Status != row.status || string(a.Body) != row.body || a.Problem != row.problem {
				t.Errorf("%q %q %q", a.Status, a.Body, a.Problem)
			}
			if row.status == "200 OK" && string(a.Raw) != row.answer {
				t.Errorf("raw %q", a.Raw)
			}
		})
	}
	if _, err := Send(context.Background(), "127.0.0.1:1", nil); err == nil {
		t.Error("nobody is there, and no error")
	}
}

// TestDifferences is the table of what is permitted and what is not.
func TestDifferences(t *testing.T) {
	answer := func(head, body string) *Answer { return AnswerOf("", []byte(head+"\r\n\r\n"+body), []byte(plain)) }
	ok := answer("HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 2", "hi")
	noHost := "GET / HTTP/1.1\r\n\r\n"
	for _, row := range []struct {
		name, request string
		left, right   *Answer
		want          string
	}{
		{"the same", plain, ok, ok, ""},
		{"another version", plain, ok, answer("HTTP/1.0 200 OK\r\nDate: d\r\nContent-Length: 2", "hi"), "version permitted"},
		{"no Date", plain, ok, answer("HTTP/1.1 200 OK\r\nContent-Length: 2", "hi"), "header Date forbidden right"},
		{"another Date", plain, ok, answer("HTTP/1.1 200 OK\r\nDate: e\r\nContent-Length: 2", "hi"), "header Date permitted"},
		{"the case of a name", plain, ok, answer("HTTP/1.1 200 OK\r\ndate: d\r\ncontent-length: 2", "hi"), ""},
		{"another body", plain, ok, answer("HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 2", "ho"), "body open @1"},
		{"another reason", plain, ok, answer("HTTP/1.1 200 Fine\r\nDate: d\r\nContent-Length: 2", "hi"), "reason permitted"},
		{"a body with HEAD", strings.Replace(plain, "GET", "HEAD", 1), AnswerOf("", []byte("HTTP/1.0 200 OK\r\n\r\n"), []byte("HEAD /")), AnswerOf("", []byte("HTTP/1.0 200 OK\r\n\r\nhi"), []byte("HEAD /")), "surplus forbidden right"},
		{"an unknown field", plain, ok, answer("HTTP/1.1 200 OK\r\nDate: d\r\nX: 1\r\nContent-Length: 2", "hi"), "header X open"},
		{"no Host and served", noHost, answer("HTTP/1.1 400 No\r\nDate: d\r\nContent-Length: 0", ""), answer("HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 0", ""), "status forbidden right"},
		{"no Host and served, the other way", noHost, answer("HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 0", ""), answer("HTTP/1.1 400 No\r\nDate: d\r\nContent-Length: 0", ""), "status forbidden left"},
		{"HTTP/1.0 needs none", "GET / HTTP/1.0\r\n\r\n", answer("HTTP/1.1 400 No\r\nDate: d\r\nContent-Length: 0", ""), answer("HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 0", ""), "status open"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := tell(Answers(row.left, row.right, []byte(row.request))); got != row.want {
				t.Errorf("%q, not %q", got, row.want)
			}
		})
	}
}

// tell writes differences on one line.
func tell(all []Difference) string {
	var words []string
	for _, d := range all {
		word := d.Where + " " + d.Name + " " + string(d.Verdict) + " " + d.Broken
		if d.Offset >= 0 {
			word += fmt.Sprintf(" @%d", d.Offset)
		}
		words = append(words, strings.Join(strings.Fields(word), " "))
	}
	return strings.Join(words, "; ")
}

func TestRecords(t *testing.T) {
	absolute := []byte("GET http://a/p HTTP/1.1\r\nHost: b\r\n\r\n")
	raw := bytes.Clone(absolute)
	left := &Record{Environ: map[string]string{"HTTP_HOST": "a", "PATH_INFO": "/p", "SERVER_PORT": "1", "QUERY_STRING": ""}, Calls: []string{"close()"}}
	right := &Record{Environ: map[string]string{"HTTP_HOST": "b", "PATH_INFO": "http://a/p", "SERVER_PORT": "2", "X": "y"}, Calls: []string{"close()", "again"}}
	got := tell(Records(left, right, raw))
	want := "environ HTTP_HOST forbidden right; environ PATH_INFO forbidden right; environ QUERY_STRING permitted; environ SERVER_PORT permitted; environ X permitted; calls 2 open"
	if got != want {
		t.Errorf("%q", got)
	}
	if !bytes.Equal(raw, absolute) {
		t.Errorf("judging changed the request: %q", raw)
	}
	if got := tell(Records(left, nil, raw)); got != "called open" {
		t.Errorf("one was not called: %q", got)
	}
}

// TestJudge: bytes that differ although the application did the same.
func TestJudge(t *testing.T) {
	all := []Difference{{Where: "body", Offset: 1, Verdict: Open}}
	Judge(all, true)
	if !strings.Contains(all[0].Why, "unaltered") {
		t.Errorf("%+v", all[0])
	}
	all = []Difference{{Where: "calls", Offset: -1, Verdict: Open}, {Where: "body", Offset: 1, Verdict: Open}}
	Judge(all, true)
	if strings.Contains(all[1].Why, "unaltered") {
		t.Errorf("%+v", all[1])
	}
}

func TestReport(t *testing.T) {
	left := Side{Name: "one", Address: serve(t, "HTTP/1.1 400 Bad Request\r\nDate: d\r\nServer: a\r\nContent-Length: 0\r\n\r\n")}
	right := Side{Name: "other", Address: serve(t, "HTTP/1.1 200 OK\r\nDate: d\r\nServer: b\r\nContent-Length: 0\r\n\r\n")}
	noHost := Requests[slices.IndexFunc(Requests, func(r Request) bool { return r.Name == "no Host" })]
	all, err := Run(context.Background(), left, right, []Request{noHost, noHost})
	if err != nil {
		t.Fatal(err)
	}
	if Broken(all) != 2 {
		t.Errorf("%d rules are broken", Broken(all))
	}
	var out strings.Builder
	Report(&out, "one", "other", all, true)
	for _, part := range []string{"! the status: other breaks a rule\n      one    400 Bad Request\n      other  200 OK\n      RFC 9112 §3.2: a server MUST", "= and 1 that were shown above", "2 requests; differences: 2 permitted (=), 2 that a rule forbids (!), 0 "} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("the report lacks %q\n%s", part, out.String())
		}
	}
	out.Reset()
	Report(&out, "one", "other", all, false)
	if text := out.String(); !strings.Contains(text, "  = 1 permitted, in ") || !strings.Contains(text, "! the status") || strings.Contains(text, "were shown above") {
		t.Errorf("without what is permitted:\n%s", text)
	}
}

// TestRequests: every request of the set is one of its own, and says to close.
func TestRequests(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Requests {
		if seen[string(r.Raw)] || seen[r.Name] || !bytes.Contains(r.Raw, []byte("\r\n\r\n")) {
			t.Errorf("%s: again, or not whole", r.Name)
		}
		seen[string(r.Raw)], seen[r.Name] = true, true
	}
}
