package command

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"glasswsgi/server/front"
	"glasswsgi/server/gateway"
	"glasswsgi/server/gateway/cgi"
)

// cgiCommand is `glass cgi`: a web server starts it for each request (RFC 3875).
type cgiCommand struct {
	application `embed:""`

	Debug bool `group:"development" help:"Show tracebacks to the client."`
}

// Run answers the request of the environment. The application is loaded for it, in a process whose environment has
// nothing of the request: HTTP_PROXY would be the proxy of what it fetches, and a client could say which.
func (c *cgiCommand) Run() error {
	environment := os.Environ()
	for _, variable := range environment {
		if name, _, _ := strings.Cut(variable, "="); cgi.IsMetaVariable(name) {
			os.Unsetenv(name)
		}
	}
	log := messages()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	signal.Ignore(syscall.SIGPIPE) // a web server that reads no more is an error of writing, and not the end of us
	runtime, err := c.start(ctx, options{output: os.Stderr, log: log})
	if err != nil {
		return err
	}
	defer end(ctx, runtime)
	config := front.Config{Application: runtime, Software: software, Debug: c.Debug, Errors: os.Stderr, Log: log}
	config.Multiprocess = true // the web server may start another one meanwhile
	// A web server whose client has left says so by SIGTERM, and Apache kills after three seconds: what is read or written
	// from then on fails, so that the application's close() is called.
	context.AfterFunc(ctx, func() { os.Stdin.Close(); os.Stdout.Close() })
	gateway.ServeCGI(config, environment, os.Stdin, os.Stdout)
	cancel() // no call is in hand: the worker may end at once
	return nil
}
