package command

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"time"

	"glasswsgi/compare"
	"glasswsgi/parser"
	"glasswsgi/server"
)

// compareCommand is `glass compare`: the same raw requests to glass and to another server.
type compareCommand struct {
	application `embed:""`

	Method    string   `arg:"" optional:"" help:"The method of the one request to send. Without it, a set of requests is sent."`
	Target    string   `arg:"" optional:"" default:"/" help:"Its request-target. (${default})"`
	Header    []string `short:"H" sep:"none" placeholder:"'NAME: VALUE'" help:"A field line of it; may be repeated."`
	Data      string   `short:"d" placeholder:"DATA" help:"Its message body; @FILE reads a file, @- standard input."`
	Request   []string `sep:"none" placeholder:"FILE" help:"Send the raw bytes of a file; may be repeated."`
	With      string   `default:"wsgiref" placeholder:"URL" help:"What to compare with: wsgiref, or the URL of a server that runs. (${default})"`
	Permitted bool     `help:"Show the differences that a rule permits, too: each with the rule."`
	JSON      bool     `name:"json" help:"Print everything as JSON."`
}

// compareTimeout is for what the server that is compared waits for.
const compareTimeout = time.Minute

// Run compares, and ends with 1 where a rule forbids a difference.
func (c *compareCommand) Run() error {
	requests, err := c.requests()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	results, err := c.compare(ctx, requests)
	if err != nil {
		return err
	}
	if c.JSON {
		out := json.NewEncoder(os.Stdout)
		out.SetIndent("", "  ")
		err = out.Encode(results)
	} else {
		compare.Report(os.Stdout, "glass", c.other(), results, c.Permitted)
	}
	if err == nil && compare.Broken(results) > 0 {
		return silentExit(exitFailed)
	}
	return err
}

// other is how the other server is called.
func (c *compareCommand) other() string {
	if u, err := url.Parse(c.With); err == nil && u.Host != "" {
		return u.Host
	}
	return c.With
}

func (c *compareCommand) requests() (all []compare.Request, err error) {
	for _, file := range c.Request {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		all = append(all, compare.Request{Name: file, Raw: raw})
	}
	if c.Method != "" {
		one := callCommand{Method: c.Method, Target: c.Target, Header: slices.Concat(c.Header, []string{"Connection: close"}), Data: c.Data}
		body, err := one.body()
		if err != nil {
			return nil, err
		}
		all = append(all, compare.Request{Name: c.Method + " " + c.Target, Raw: append(one.rawRequest(len(body)), body...)})
	}
	if all == nil {
		all = compare.Requests
	}
	return all, nil
}

// compare starts both sides, and sends the requests.
func (c *compareCommand) compare(ctx context.Context, requests []compare.Request) ([]compare.Comparison, error) {
	left, stop, err := c.glassSide(ctx)
	if err != nil {
		return nil, err
	}
	defer stop()
	right, stop, err := c.otherSide(left)
	if err != nil {
		return nil, err
	}
	defer stop()
	return compare.Run(ctx, right.left, right.right, requests)
}

// sides are the two servers.
type sides struct{ left, right compare.Side }

// glassServer is the side of glass, and the Python that it runs on.
type glassServer struct {
	compare.Side
	python compare.Python
}

// glassSide serves the application with glass: behind the recorder, where the other side is wsgiref.
func (c *compareCommand) glassSide(ctx context.Context) (g glassServer, stop func(), err error) {
	log := messages()
	g.Name = "glass"
	application, cleanup := c.application, func() {}
	if c.With == "wsgiref" {
		if c.kind().language != "Python" {
			return g, nil, errNoPythonHere
		}
		if g.Records, err = compare.Listen(); err != nil {
			return g, nil, err
		}
		recorder, err := compare.NewRecorder(c.App, g.Records.Port())
		if err != nil {
			return g, nil, err
		}
		cleanup = func() { g.Records.Close(); recorder.Close() }
		application.App, application.Env = recorder.File, slices.Concat(c.Env, recorder.Environ)
		application.Pythonpath = slices.Concat([]string{workingFolder(c.Chdir)}, c.Pythonpath)
	}
	runtime, err := application.start(ctx, options{output: os.Stderr, log: log})
	if err != nil {
		cleanup()
		return g, nil, err
	}
	g.python, _ = c.python(runtime)
	address, shut, err := c.serve(ctx, runtime, log)
	g.Address = address
	return g, func() { shut(); kill(runtime); cleanup() }, err
}

func workingFolder(chdir string) string {
	if chdir != "" {
		return chdir
	}
	here, _ := os.Getwd()
	return here
}

// serve serves on a free port.
func (c *compareCommand) serve(ctx context.Context, runtime runtime, log *slog.Logger) (address string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", func() {}, err
	}
	s := server.New(server.Config{
		Application: runtime, Software: software, Limits: parser.DefaultLimits,
		ReadTimeout: compareTimeout, WriteTimeout: compareTimeout, KeepAlive: compareTimeout, Errors: os.Stderr, Log: log,
	})
	go s.Serve(ctx, listener)
	return listener.Addr().String(), func() {
		listener.Close()
		now, cancel := context.WithCancel(context.Background())
		cancel()
		s.Shutdown(now)
	}, nil
}

// otherSide is wsgiref with the same application behind the recorder, or a server that runs already.
func (c *compareCommand) otherSide(g glassServer) (both sides, stop func(), err error) {
	both.left = g.Side
	both.right = compare.Side{Name: c.other()}
	if c.With != "wsgiref" {
		both.right.Address, err = address(c.With)
		if err != nil {
			err = fmt.Errorf("--with %s: write wsgiref or a URL such as http://127.0.0.1:8000", c.With)
		}
		return both, func() {}, err
	}
	records, err := compare.Listen()
	if err != nil {
		return both, nil, err
	}
	recorder, err := compare.NewRecorder(c.App, records.Port())
	if err != nil {
		records.Close()
		return both, nil, err
	}
	wsgiref, err := compare.StartWsgiref(g.python, recorder)
	if err != nil {
		records.Close()
		recorder.Close()
		return both, nil, err
	}
	both.right.Records, both.right.Address = records, wsgiref.Address
	return both, func() { wsgiref.Stop(); records.Close(); recorder.Close() }, nil
}
