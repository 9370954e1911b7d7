package inspect_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"glasswsgi/inspect"
	"glasswsgi/parser"
	"glasswsgi/runtime/native"
	"glasswsgi/server"
)

var update = flag.Bool("update", false, "rewrite the golden traces; the diff is the review")

// TestGoldenTraces serves the request of each testdata/*.txtar with its application, and compares every trace. The
// comment of an archive names the application; "request" is what the peer sends, with \r\n at the end of each line.
func TestGoldenTraces(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden traces", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			request := ""
			for _, f := range archive.Files {
				if f.Name == "request" {
					request = wire(string(f.Data))
				}
			}
			for i, f := range archive.Files {
				if f.Name == "request" {
					continue
				}
				got := trace(t, f.Name, firstWord(string(archive.Comment)), request)
				if *update {
					archive.Files[i].Data = []byte(got)
				} else if got != string(f.Data) {
					t.Errorf("--trace=%s prints\n%s\nand not\n%s", f.Name, got, f.Data)
				}
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func firstWord(s string) string { word, _, _ := strings.Cut(s, "\n"); return word }

// wire turns the visible form of a request into its bytes.
func wire(visible string) string {
	return strings.NewReplacer("\n", "", `\r`, "\r", `\n`, "\n", `\x00`, "\x00").Replace(visible)
}

// trace serves one raw request and returns what the trace printed, without what differs from run to run.
func trace(t *testing.T, name, app, request string) string {
	t.Helper()
	var out bytes.Buffer
	observer, err := inspect.Trace(name, &out)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := server.New(server.Config{
		Application: native.Applications[app], Software: "glass", Limits: parser.DefaultLimits,
		ReadTimeout: time.Minute, WriteTimeout: time.Minute, KeepAlive: time.Minute,
		Errors: io.Discard, Log: slog.New(slog.DiscardHandler), Observer: observer,
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go s.Serve(ctx, listener)
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	io.WriteString(conn, request)
	conn.(*net.TCPConn).CloseWrite()
	if _, err := io.ReadAll(conn); err != nil {
		t.Fatal(err)
	}
	if err := s.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	masked := out.String()
	for _, hide := range masks {
		masked = hide.ReplaceAllString(masked, "$1*")
	}
	return masked
}

// masks are what differs: dates, ports and times.
var masks = []*regexp.Regexp{
	regexp.MustCompile(`(Date: )\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT`),
	regexp.MustCompile(`( \+)[\d.]+(?:µs|ms|s) *`),
	regexp.MustCompile(`(127\.0\.0\.1:)\d+`),
	regexp.MustCompile(`(SERVER_PORT +|REMOTE_PORT +)\d+`),
	regexp.MustCompile(`("name":"(?:SERVER|REMOTE)_PORT","value":")\d+`),
	regexp.MustCompile(`("time":")[^"]+`),
}

// TestJSONTrace: every line is an object with the keys that docs/TRACE.md promises.
func TestJSONTrace(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(trace(t, "json", "echo",
		"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")), "\n")
	schema, err := os.ReadFile("../docs/TRACE.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		var step map[string]any
		if err := json.Unmarshal([]byte(line), &step); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		for _, key := range []string{"time", "connection", "stage", "name"} {
			if step[key] == nil {
				t.Errorf("no %s in %s", key, line)
			}
		}
		if name := step["name"].(string); !bytes.Contains(schema, []byte("`"+name+"`")) {
			t.Errorf("docs/TRACE.md does not describe the step %s", name)
		}
	}
	if len(lines) < 15 {
		t.Errorf("only %d steps", len(lines))
	}
}

func TestUnknownTrace(t *testing.T) {
	if _, err := inspect.Trace("xml", io.Discard); err == nil || !strings.Contains(err.Error(), "curl, steps, contract, json") {
		t.Errorf("%v", err)
	}
}

// TestCurlTraceLimit: a long body is not printed to its end.
func TestCurlTraceLimit(t *testing.T) {
	body := strings.Repeat(strings.Repeat("x", 99)+"\n", 1000)
	got := trace(t, "curl", "echo", "POST / HTTP/1.0\r\nContent-Length: 100000\r\n\r\n"+body)
	if len(got) > 40<<10 || strings.Count(got, "bytes more after") != 2 {
		t.Errorf("%d bytes printed, %d notes", len(got), strings.Count(got, "bytes more after"))
	}
}
