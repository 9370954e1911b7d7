package examples

import (
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// TestBroken requests every broken example: the peer gets what its docstring promises, and the log says what is wrong.
func TestBroken(t *testing.T) {
	for _, test := range []struct {
		app    string
		status int
		check  func(*testing.T, answer)
		says   []string // on standard error
	}{
		{"no_start_response.py", 500, noTraceback, []string{"start_response"}},
		{"str_body.py", 500, noTraceback, []string{"bytes", "str"}},
		{"cr_in_header.py", 500, noStolenCookie, []string{"X-Note"}},
		{"wrong_length_short.py", 200, cutOffAfter("far fewer than 100 bytes\n"), []string{"Content-Length"}},
		{"wrong_length_long.py", 200, bodyIs("hello"), []string{"Content-Length"}},
		{"none_body.py", 500, noTraceback, []string{"None"}},
		{"twice.py", 500, noTraceback, []string{"start_response", "exc_info"}},
		{"hop_by_hop.py", 500, noTraceback, []string{"Connection", "hop-by-hop"}},
		{"late_exc_info.py", 200, cutOffAfter("the first block\n"), []string{"ValueError: noticed too late"}},
		{"raises.py", 500, noTraceback, []string{"Traceback", "KeyError: 'pear'", "raises.py"}},
	} {
		t.Run(test.app, func(t *testing.T) {
			t.Parallel()
			s := start(t, "examples/broken/"+test.app)
			got := send(t, newRequest(t, "GET", s.URL, ""))
			if got.StatusCode != test.status {
				t.Errorf("status %s, want %d; body %q", got.Status, test.status, got.body)
			}
			test.check(t, got)
			for _, phrase := range test.says {
				s.log.waitFor(t, phrase)
			}
			again := send(t, newRequest(t, "GET", s.URL, ""))
			if again.StatusCode != test.status {
				t.Errorf("the second request: status %s, want %d", again.Status, test.status)
			}
		})
	}
}

// TestMissingParameter starts an application that cannot be called with two arguments: glass must not start.
func TestMissingParameter(t *testing.T) {
	t.Parallel()
	seats <- struct{}{}
	defer func() { <-seats }()
	var log strings.Builder
	cmd := glassCommand("-b", "127.0.0.1:0", "examples/broken/missing_parameter.py")
	cmd.Stderr = &log
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("glass ended with %v, want exit status 1", err)
	}
	for _, phrase := range []string{"environ", "start_response"} {
		if !strings.Contains(log.String(), phrase) {
			t.Errorf("standard error does not name %s", phrase)
		}
	}
	if t.Failed() {
		t.Logf("standard error:\n%s", log.String())
	}
}

// cutOffAfter: the peer gets what was sent, and can see that it is not all.
func cutOffAfter(want string) func(*testing.T, answer) {
	return func(t *testing.T, got answer) {
		t.Helper()
		if got.body != want {
			t.Errorf("body %q, want %q", got.body, want)
		}
		if !errors.Is(got.bodyErr, io.ErrUnexpectedEOF) {
			t.Errorf("the body ended with %v, want %v", got.bodyErr, io.ErrUnexpectedEOF)
		}
	}
}

func bodyIs(want string) func(*testing.T, answer) {
	return func(t *testing.T, got answer) {
		t.Helper()
		if got.body != want || got.bodyErr != nil {
			t.Errorf("body %q (%v), want %q", got.body, got.bodyErr, want)
		}
	}
}

func noStolenCookie(t *testing.T, got answer) {
	t.Helper()
	if cookies := got.Header.Values("Set-Cookie"); len(cookies) > 0 {
		t.Errorf("the application smuggled Set-Cookie: %q", cookies)
	}
}
