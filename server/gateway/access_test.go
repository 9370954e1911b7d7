package gateway_test

import (
	"bytes"
	"net"
	"testing"
	"testing/synctest"

	"glasswsgi/server/front"
	"glasswsgi/server/gateway"
)

// TestAccessLog: a line for each exchange, with what the client has sent to the web server.
func TestAccessLog(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		var lines bytes.Buffer
		access, err := front.AccessLog(&lines, `%(h)s "%(r)s" %(s)s %(b)s %({X-A}i)s %({Content-Type}o)s`)
		if err != nil {
			t.Fatal(err)
		}
		configured(t, c, front.Config{Application: app("200 OK", plain, "hello"), Access: access}, func(t *testing.T, _ *gateway.Server, connect func() net.Conn, _ *log) {
			r := request{method: "GET", uri: "/a?b"}
			r.variables = append(r.variables, variable("HTTP_X_A", "\"c"))
			ask(t, c, connect, r)
			ask(t, c, connect, request{method: "GET", uri: "/%"})
			synctest.Wait()
			want := "192.0.2.1 \"GET /a?b HTTP/1.1\" 200 5 \\x22c text/plain\n192.0.2.1 \"GET /% HTTP/1.1\" 400 "
			if !bytes.HasPrefix(lines.Bytes(), []byte(want)) {
				t.Errorf("got %s", lines.String())
			}
		})
	})
}
