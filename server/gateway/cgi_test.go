package gateway_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway"
)

// serveCGI answers the request of an environment, and a standard input.
func serveCGI(t *testing.T, config front.Config, environment []string, content string) string {
	t.Helper()
	inRead, inWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		io.WriteString(inWrite, content)
		inWrite.Close()
	}()
	done := make(chan string)
	go func() {
		all, _ := io.ReadAll(outRead)
		done <- string(all)
	}()
	gateway.ServeCGI(config, environment, inRead, outWrite)
	inRead.Close()
	return <-done
}

// cgiEnvironment is the environment of a script: what RFC 3875 §4.1 wants, and the process's.
func cgiEnvironment(more ...string) []string {
	return append([]string{"PATH=/bin", "HOME=/", "GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=POST", "SCRIPT_NAME=/cgi-bin/app", "PATH_INFO=/a b",
		"QUERY_STRING=q=1", "SERVER_NAME=example", "SERVER_PORT=8080", "SERVER_PROTOCOL=HTTP/1.1", "REMOTE_ADDR=192.0.2.1", "HTTP_HOST=example:8080"}, more...)
}

// TestCGI: the environment becomes the environ, and the standard input wsgi.input.
func TestCGI(t *testing.T) {
	describe := native.Callable(func(environ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		content, err := io.ReadAll(environ.Input)
		if err != nil {
			return nil, err
		}
		_, process := environ.Lookup("PATH")
		text := fmt.Sprintf("%s %q %q %q %s:%s %v %v %s", environ.Value("REQUEST_METHOD"), environ.Value("SCRIPT_NAME"), environ.Value("PATH_INFO"),
			environ.Value("QUERY_STRING"), environ.Value("SERVER_NAME"), environ.Value("SERVER_PORT"), environ.RunOnce, process, content)
		_, err = start("200 OK", plain, nil)
		return native.Body(text), err
	})
	for _, row := range []struct {
		name, content string
		more          []string
		want          string
	}{
		{"content", "hello", []string{"CONTENT_LENGTH=5"}, `POST "/cgi-bin/app" "/a b" "q=1" example:8080 true false hello`},
		{"no more content than CONTENT_LENGTH", "hello, world", []string{"CONTENT_LENGTH=5"}, `POST "/cgi-bin/app" "/a b" "q=1" example:8080 true false hello`},
		{"no content", "", nil, `POST "/cgi-bin/app" "/a b" "q=1" example:8080 true false `},
		{"no length: chunked, as Apache has it", "hello", []string{"HTTP_TRANSFER_ENCODING=chunked"}, `POST "/cgi-bin/app" "/a b" "q=1" example:8080 true false hello`},
		{"long", strings.Repeat("x", 100000), []string{"CONTENT_LENGTH=100000"}, `POST "/cgi-bin/app" "/a b" "q=1" example:8080 true false ` + strings.Repeat("x", 100000)},
		{"REQUEST_URI", "", []string{"REQUEST_URI=/cgi-bin/app/a%20b?q=1"}, `POST "/cgi-bin/app" "/a b" "q=1" example:8080 true false `},
	} {
		said := &log{}
		got := serveCGI(t, front.Config{Application: describe, Errors: said, Log: quiet}, cgiEnvironment(row.more...), row.content)
		a := parseAnswer(got, "Status: ")
		if a.status != "200 OK" || a.body != row.want || !a.whole {
			t.Errorf("%s: got %.300v\nwant %.300s", row.name, a, row.want)
		}
	}
}

// TestCGIRefusals: what cannot be answered is refused, with a response.
func TestCGIRefusals(t *testing.T) {
	for name, row := range map[string]struct {
		environment []string
		content     string
		status      string
	}{
		"no method":             {[]string{"SCRIPT_NAME=/x"}, "", "400 Bad Request"},
		"no path":               {[]string{"REQUEST_METHOD=GET"}, "", "400 Bad Request"},
		"CONTENT_LENGTH is odd": {cgiEnvironment("CONTENT_LENGTH=x"), "", "400 Bad Request"},
		"content is missing":    {cgiEnvironment("CONTENT_LENGTH=5"), "hell", "400 Bad Request"},
		"it raises":             {cgiEnvironment(), "", "500 Internal Server Error"},
	} {
		closed := 0
		got := parseAnswer(serveCGI(t, front.Config{Application: raising(&closed, plain), Errors: io.Discard, Log: quiet}, row.environment, row.content), "Status: ")
		if got.status != row.status || !got.whole {
			t.Errorf("%s: %v", name, got)
		}
	}
}
