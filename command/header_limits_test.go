package command

import (
	"net/http"
	"os"
	"strings"
	"testing"
)

// TestHeaderLimits: a field line that a flag allows is taken, and one that it does not is refused.
func TestHeaderLimits(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		flags  string
		cookie int
		status int
	}{
		{"", 8000, 200},
		{"", 9000, 431},
		{"--limit-request-field_size=131072", 90_000, 200},
		{"--limit-request-field_size=131072", 140_000, 431},
		{"--limit-request-field_size=0", 500_000, 200},
		{"--limit-request-field_size=0", 530_000, 431},
	} {
		s := serve(t, append(strings.Fields(row.flags), "examples/hello.py")...)
		request, _ := http.NewRequest("GET", s.url, nil)
		request.Header.Set("Cookie", strings.Repeat("x", row.cookie))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != row.status {
			t.Errorf("%s, %d bytes: %s", row.flags, row.cookie, response.Status)
		}
		s.stop(t, os.Interrupt)
	}
}
