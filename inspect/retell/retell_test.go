package retell

import (
	"strings"
	"testing"
	"time"

	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// TestRetell: of bytes alone, the exchanges of a connection are told apart, each with the steps that this server would
// have made, and with the other server's bytes in them.
func TestRetell(t *testing.T) {
	const get, ok = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
	const post = "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
	request := "accept receive request-line field-line message-body-length environ message-end "
	head := "status-line field-line end-of-header-section "
	for _, row := range []struct {
		what  string
		moved []string // > to the server, < to its peer
		want  string
	}{
		{"one", []string{">" + get, "<" + ok}, request + head + "send close"},
		{"in pieces", []string{">GET ", ">/a HTTP/1.1\r\nHost: x\r\n\r\n", "<" + ok[:20], "<" + ok[20:]},
			"accept receive need-data receive request-line field-line message-body-length environ message-end send " + head + "send close"},
		{"kept", []string{">" + get, "<" + ok, ">" + get, "<" + ok}, request + head + "send keep-alive " + request[len("accept "):] + head + "send close"},
		{"pipelined", []string{">" + get + get, "<" + ok + ok}, request + head + "send keep-alive " + request[len("accept "):] + head + "send close"},
		{"interim", []string{">" + post[:len(post)-2], "<HTTP/1.1 100 Continue\r\n\r\n", ">hi", "<" + ok},
			"accept receive request-line field-line field-line message-body-length environ need-data status-line end-of-header-section send receive message-body message-end send close"},
		{"refused here", []string{">GET  / HTTP/1.1\r\n\r\n", "<" + ok}, "accept receive refused " + head + "send close"},
		{"no head", []string{">" + get, "<<h1>"}, request + "send close"},
		{"bare LF", []string{">" + get, "<HTTP/1.0 200 OK\n\nx"}, request + "send close"},
		{"not answered", []string{">GET / HT"}, "accept receive need-data close"},
		{"nothing", nil, ""},
	} {
		at := time.Unix(0, 0)
		var moved []Moved
		for _, m := range row.moved {
			at = at.Add(time.Millisecond)
			moved = append(moved, Moved{at, m[0] == '<', []byte(m[1:])})
		}
		var names, bytes []string
		var last time.Time
		Retell(moved, &wsgi.Connection{ServerName: "127.0.0.1", ServerPort: "1", URLScheme: "http"}, func(at time.Time, s front.Step) {
			if at.Before(last) {
				t.Errorf("%s: %s goes back in time", row.what, s.Name)
			}
			if last = at; s.Stage == front.Close {
				last = time.Time{} // the next one may have been sent before this one was answered
			}
			names = append(names, s.Name)
			if s.Stage == front.Receive || s.Stage == front.Send {
				bytes = append(bytes, string(s.Bytes))
			}
		})
		if got := strings.Join(names, " "); got != row.want {
			t.Errorf("%s:\n%s\n%s, and should be", row.what, got, row.want)
		}
		var all string
		for _, m := range row.moved {
			all += m[1:]
		}
		if row.what != "pipelined" && strings.Join(bytes, "") != all {
			t.Errorf("%s: %q", row.what, bytes)
		}
	}
}
