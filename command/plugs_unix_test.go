//go:build unix

package command

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"glasswsgi/parser"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// init is the line that each of them takes, in a test binary that is glass.
func init() {
	if os.Getenv(beGlass) != "" {
		fronts = append(fronts, frontKind{name: "toy", start: func(c front.Config) front.Front { return &toyFront{c} }, blind: "a toy"})
		runtimes = append([]runtimeKind{{name: "toy", language: "toy", runs: begins("toy:"), start: startToy}}, runtimes...)
		defaults["models"], defaults["runtimes"] = models(), runtimeNames()
	}
}

// toyRuntime answers with its own name, in which it can be started again.
type toyRuntime struct {
	native.Callable
	name string
}

func startToy(_ context.Context, a *application, _ options) (runtime, error) {
	return &toyRuntime{name: a.App, Callable: func(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
		_, err := startResponse("200 OK", []wsgi.Header{{Name: "Content-Type", Value: "text/plain"}}, nil)
		return native.Body(a.App + " " + environ.Value("PATH_INFO") + "\n"), err
	}}, nil
}

func (r *toyRuntime) String() string                    { return "a toy" }
func (r *toyRuntime) Close(context.Context) error       { return r.say("closed") }
func (r *toyRuntime) Restart(ctx context.Context) error { return r.say("restarted") }
func (r *toyRuntime) say(what string) error {
	_, err := fmt.Fprintln(os.Stderr, r.name, what)
	return err
}

// toyFront takes a line with a path, and sends the body that answers it.
type toyFront struct{ config front.Config }

func (f *toyFront) Serve(_ context.Context, listener net.Listener) error {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return nil // closed
		}
		path, _ := bufio.NewReader(conn).ReadString('\n')
		p := parser.New(parser.DefaultLimits)
		p.Feed([]byte("GET " + strings.TrimSpace(path) + " HTTP/1.0\r\n\r\n"))
		p.Next()
		facts := f.config.Facts(conn)
		if err := call(f.config.Application, wsgi.NewEnviron(p.Request(), &facts), conn); err != nil {
			f.config.Log.Error(err.Error())
		}
		conn.Close()
	}
}

func (f *toyFront) Shutdown(context.Context) error { return nil }

// TestPlugs: a front and a runtime are a package, and a line.
func TestPlugs(t *testing.T) {
	t.Parallel()
	s := serve(t, "--model", "toy", "toy:duck")
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "/pond\n")
	answer, err := io.ReadAll(conn)
	if want := "200 OK\nContent-Type: text/plain\n\ntoy:duck /pond\n"; string(answer) != want || err != nil {
		t.Errorf("%q, %v", answer, err)
	}
	s.Process.Signal(syscall.SIGHUP)
	s.err.await(t, "toy:duck restarted")
	s.stop(t, os.Interrupt)
	contains(t, s.err.String(), `serving toy:duck`, `with="a toy"`, "toy:duck closed")
	if got := glass(t, "", "--model", "toy", "--step", "toy:duck"); !strings.Contains(got.err, "--model toy leaves to a toy") {
		t.Errorf("%+v", got)
	}
}
