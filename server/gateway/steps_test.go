package gateway_test

import (
	"bytes"
	"flag"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"glasswsgi/inspect"
	"glasswsgi/parser"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway"
)

var update = flag.Bool("update", false, "rewrite the golden traces; the diff is the review")

// TestSteps compares what observers see of a request by each protocol with what is in testdata, and holds the tokens of
// both directions to the bytes: they lie side by side, and leave none out.
func TestSteps(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		var trace bytes.Buffer
		steps, curl := inspect.StepsTrace(&trace), &bytes.Buffer{}
		lines := inspect.CurlTrace(curl)
		tokens := map[front.Stage][]byte{}
		observe := func(s front.Step) {
			steps(s)
			lines(s)
			if s.Stage == front.Parse || s.Stage == front.Respond {
				if s.Wire.Len() > 0 && s.Name != "message-end" && s.Name != "head" {
					if want := (parser.Span{Start: len(tokens[s.Stage]), End: len(tokens[s.Stage]) + len(s.Bytes)}); s.Wire != want {
						t.Errorf("%s %s is at %v, and not at %v", s.Stage, s.Name, s.Wire, want)
					}
					tokens[s.Stage] = append(tokens[s.Stage], s.Bytes...)
				}
			}
		}
		r := request{method: "POST", uri: "/caf%C3%A9?q=1", content: "quantity=100"}
		configured(t, c, front.Config{Application: app("200 OK", plain, "hello"), Observer: observe}, func(t *testing.T, _ *gateway.Server, connect func() net.Conn, _ *log) {
			conn, got := connect(), &log{}
			go io.Copy(got, conn)
			io.WriteString(conn, c.request(r))
			synctest.Wait()
			if string(tokens[front.Parse]) != c.request(r) || string(tokens[front.Respond]) != got.String() {
				t.Errorf("tokens of the request %q\nand of the response %q", tokens[front.Parse], tokens[front.Respond])
			}
			conn.Close()
		})
		for name, text := range map[string]string{"steps": trace.String(), "curl": curl.String()} {
			file := "testdata/" + c.name + "." + name + ".txt"
			if *update {
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil || string(want) != text {
				t.Errorf("%v: %s has\n%s\nand it is\n%s", err, file, want, text)
			}
		}
	})
}

// TestWhereTheNextRequestBegins: bytes that came with the request before are counted to the next one.
func TestWhereTheNextRequestBegins(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		if !c.kept {
			return
		}
		var received []parser.Span
		observer := func(s front.Step) {
			if s.Stage == front.Receive {
				received = append(received, s.Wire)
			}
		}
		configured(t, c, front.Config{Application: app("200 OK", plain, "hello"), Observer: observer}, func(t *testing.T, _ *gateway.Server, connect func() net.Conn, _ *log) {
			conn := connect()
			defer conn.Close()
			go io.Copy(io.Discard, conn)
			raw := c.request(request{method: "GET", uri: "/"})
			io.WriteString(conn, raw+raw[:20])
			synctest.Wait()
			io.WriteString(conn, raw[20:])
			synctest.Wait()
			if want := []parser.Span{{End: len(raw) + 20}, {Start: 20, End: len(raw)}}; !slices.Equal(received, want) {
				t.Errorf("got %v, want %v", received, want)
			}
		})
	})
}

// TestALateObserver: one that is attached while nothing was shown sees no head where there is a body.
func TestALateObserver(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		next := make(chan string)
		configured(t, c, front.Config{Application: streamOf(&next)}, func(t *testing.T, s *gateway.Server, connect func() net.Conn, _ *log) {
			next = make(chan string)
			conn := connect()
			defer conn.Close()
			go io.Copy(io.Discard, conn)
			io.WriteString(conn, c.request(request{method: "GET", uri: "/"}))
			next <- "one"
			synctest.Wait()
			var seen []string
			s.SetObserver(func(s front.Step) { seen = append(seen, s.Name) })
			next <- "two"
			synctest.Wait()
			close(next)
			synctest.Wait()
			if names := strings.Join(seen, " "); strings.Contains(names, "Status") || strings.Contains(names, "field-line") {
				t.Errorf("it sees %s", names)
			}
		})
	})
}
