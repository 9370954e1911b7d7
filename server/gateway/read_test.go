package gateway_test

import (
	"errors"
	"strings"
	"testing"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// TestRead: the environ and the content without a connection, and what is wrong where something is.
func TestRead(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		facts := &wsgi.Connection{ServerName: "here", ServerPort: "1", URLScheme: "http"}
		raw := c.request(request{method: "POST", uri: "/a%20b?q", content: strings.Repeat("x", 20000)})
		e, content, err := protocol(c.name).Read([]byte(raw), facts)
		if err != nil || e.Value("PATH_INFO") != "/a b" || e.Value("SERVER_NAME") != "here" || len(content) != 20000 {
			t.Errorf("got %v, %d bytes, %v", e, len(content), err)
		}
		var syntax *parser.SyntaxError
		if e, content, err := protocol(c.name).Read([]byte(raw[:len(raw)-9000]), facts); !errors.As(err, &syntax) || e == nil || len(content) == 0 {
			t.Errorf("a content that breaks off: %v, %d bytes, %v", e, len(content), err)
		}
		if e, _, err := protocol(c.name).Read([]byte(raw[:30]), facts); !errors.As(err, &syntax) || e != nil {
			t.Errorf("a head that breaks off: %v, %v", e, err)
		}
		if e, _, err := protocol(c.name).Read([]byte(c.request(request{method: "GET", uri: "/a b"})), facts); !errors.As(err, &syntax) || e != nil {
			t.Errorf("a target that HTTP refuses: %v, %v", e, err)
		}
		if e, content, err := protocol(c.name).Read(nil, facts); e != nil || content != nil || err != nil {
			t.Errorf("nothing: %v, %q, %v", e, content, err)
		}
	})
}
