package command

import (
	"context"
	"os"
	"strings"

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
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	runtime, err := c.start(ctx, options{output: os.Stderr, log: log})
	if err != nil {
		return err
	}
	defer end(ctx, runtime)
	config := front.Config{Application: runtime, Software: software, Debug: c.Debug, Errors: os.Stderr, Log: log}
	config.Multiprocess = true // the web server may start another one meanwhile
	gateway.ServeCGI(config, environment, os.Stdin, os.Stdout)
	cancel() // no call is in hand: the worker may end at once
	return nil
}
