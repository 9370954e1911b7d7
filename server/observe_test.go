package server_test

import (
	"strings"
	"testing"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
)

// TestObserverChanges: what an observer makes of the environ is what the application gets, and what it makes of the head
// is what the peer gets.
func TestObserverChanges(t *testing.T) {
	c := config(native.Callable(native.Environ), &record{})
	c.Observer = func(s server.Step) {
		switch s.Name {
		case "environ":
			s.Value.(*wsgi.Environ).Set("PATH_INFO", "/changed")
		case "head":
			head := s.Value.(*wsgi.Head)
			head.Status = "299 Changed"
			head.Headers = append(head.Headers, wsgi.Header{Name: "X-Changed", Value: "too"})
		}
	}
	_, address := serve(t, c)
	answer := talk(t, address, get11)
	for _, part := range []string{"HTTP/1.1 299 Changed\r\n", "X-Changed: too\r\n", `PATH_INFO = "/changed"`} {
		if !strings.Contains(answer, part) {
			t.Errorf("no %q in\n%s", part, answer)
		}
	}
}
