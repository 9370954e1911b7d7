package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// callCommand is `glass call`: the application is called as a server would call it, and no socket is involved.
type callCommand struct {
	application `embed:""`

	Method string   `arg:"" optional:"" default:"GET" help:"The request method. (${default})"`
	Target string   `arg:"" optional:"" default:"/" help:"The request-target, such as /path?query. (${default})"`
	Header []string `short:"H" sep:"none" placeholder:"'NAME: VALUE'" help:"A field line; may be repeated."`
	Lint   bool     `help:"Report each rule of PEP 3333 that the Python application or its middleware breaks, with the line that breaks it."`
	Data   string   `short:"d" placeholder:"DATA" help:"The message body; @FILE reads a file, @- standard input."`
}

// Run prints the status, the header fields and the body that the application gives.
func (c *callCommand) Run() error {
	body, err := c.body()
	if err != nil {
		return err
	}
	request, err := parseWhole(c.rawRequest(len(body)))
	if err != nil {
		return err
	}
	log := messages()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	runtime, err := c.start(ctx, options{output: os.Stderr, log: log, lint: c.Lint})
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { kill(runtime) })()
	now, cancel := context.WithCancel(ctx)
	cancel()
	defer end(now, runtime) // with the application's atexit handlers

	environ := wsgi.NewEnviron(request, &callConnection)
	environ.RunOnce = true
	environ.Input = &wholeBody{whole: body, left: bytes.NewReader(body)}
	err = call(runtime, environ, os.Stdout)
	if c.Lint {
		return errors.Join(err, c.findings(ctx, runtime))
	}
	return err
}

// findings is an error when there are any. What the application does when the response is complete, or when the rest
// of it is not wanted, has to be waited for.
func (c *callCommand) findings(ctx context.Context, runtime runtime) error {
	ctx, cancel := context.WithTimeout(ctx, lintPatience)
	defer cancel()
	end(ctx, runtime)
	if broken := broken(runtime); len(broken) > 0 {
		return errors.New(summary(broken))
	}
	return nil
}

// lintPatience is how long `glass call --lint` waits for an application whose response is complete.
const lintPatience = 5 * time.Second

// callConnection is what a server on the usual address would say.
var callConnection = wsgi.Connection{
	ServerName: "127.0.0.1", ServerPort: "8888", ServerSoftware: software,
	RemoteAddr: "127.0.0.1", RemotePort: "50000", URLScheme: "http", Errors: os.Stderr,
}

// call holds the conversation, with a printer for a client.
func call(app wsgi.Application, environ *wsgi.Environ, w io.Writer) error {
	response := wsgi.NewResponse(&printer{w}, nil)
	response.Bodiless = environ.Value("REQUEST_METHOD") == "HEAD"
	failed, unclosed := wsgi.Run(app, environ, response)
	var raised *wsgi.ApplicationError
	if errors.As(failed, &raised) {
		fmt.Fprint(environ.Errors, raised.Traceback)
	}
	return errors.Join(failed, unclosed)
}

// printer is a wsgi.Assembler that shows what the application said, and adds nothing of a server's.
type printer struct{ w io.Writer }

func (p *printer) SendHead(head wsgi.Head) error {
	fmt.Fprintln(p.w, wsgi.Latin1(head.Status))
	for _, h := range head.Headers {
		fmt.Fprintf(p.w, "%s: %s\n", wsgi.Latin1(h.Name), wsgi.Latin1(h.Value))
	}
	_, err := fmt.Fprintln(p.w)
	return err
}

func (p *printer) SendBody(block []byte) error {
	_, err := p.w.Write(block)
	return err
}

func (p *printer) SendEnd() error { return nil }

// wholeBody is a wsgi.Input that is there from the beginning.
type wholeBody struct {
	whole []byte
	left  *bytes.Reader
}

func (b *wholeBody) Whole() ([]byte, bool)      { return b.whole, true }
func (b *wholeBody) Read(p []byte) (int, error) { return b.left.Read(p) }

func (c *callCommand) body() ([]byte, error) {
	file, isFile := strings.CutPrefix(c.Data, "@")
	switch {
	case !isFile:
		return []byte(c.Data), nil
	case file == "-":
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(file)
}

// rawRequest writes the head of the request that a client would send.
func (c *callCommand) rawRequest(length int) []byte {
	lines := []string{fmt.Sprintf("%s %s HTTP/1.1", c.Method, c.Target)}
	given := func(name string) bool {
		for _, line := range c.Header {
			if before, _, _ := strings.Cut(line, ":"); strings.EqualFold(before, name) {
				return true
			}
		}
		return false
	}
	if !given("Host") {
		lines = append(lines, "Host: "+callConnection.ServerName+":"+callConnection.ServerPort)
	}
	lines = append(lines, c.Header...)
	if length > 0 && !given("Content-Length") {
		lines = append(lines, fmt.Sprintf("Content-Length: %d", length))
	}
	return []byte(strings.Join(lines, "\r\n") + "\r\n\r\n")
}

// parseWhole parses the head of a request that is there as a whole. The error shows the line that is wrong.
func parseWhole(raw []byte) (*parser.Request, error) {
	request, _, err := parseHead(raw)
	return request, explained(err)
}

var errEmpty = errors.New(`the request is empty; this is one: printf 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' | glass environ`)

// parseHead parses it, and returns the parser for the body.
func parseHead(raw []byte) (*parser.Request, *parser.Parser, error) {
	p := parser.New(parser.DefaultLimits)
	p.Feed(raw)
	for {
		event, err := p.Next()
		if err == nil && event.Kind == parser.NeedData {
			if err = p.EndOfInput(); err == nil {
				err = errEmpty
			}
		}
		switch {
		case err != nil:
			return nil, nil, err
		case event.Kind == parser.GotHead:
			return p.Request(), p, nil
		}
	}
}

// explained adds to an error of the parser's what a server would answer, and the line that is wrong.
func explained(err error) error {
	var syntax *parser.SyntaxError
	switch {
	case !errors.As(err, &syntax):
		return err
	case syntax.Status == 0: // where the framing is lost
		return fmt.Errorf("a server would close the connection: %w\n%s", err, syntax.Caret())
	}
	return fmt.Errorf("a server would answer %d: %w\n%s", syntax.Status, err, syntax.Caret())
}
