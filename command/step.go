package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"glasswsgi/inspect/hub"
	"glasswsgi/inspect/stepper"
	"glasswsgi/parser"
	"glasswsgi/server"
	"glasswsgi/server/front"
)

// stepCommand is `glass step`: one request, sent by glass itself, is walked through in the terminal.
type stepCommand struct {
	callCommand `embed:""`

	Request string `placeholder:"FILE" help:"Send these raw bytes instead of METHOD and TARGET; - is standard input, which then gives no commands."`
	Listen  string `placeholder:"ADDRESS" help:"Wait for requests here instead of sending one: HOST:PORT."`
}

// stepTimeout bounds what glass step waits for, when it is not the user that it waits for.
const stepTimeout = time.Minute

// Run walks through one request, or, with --listen, through one after the other.
func (c *stepCommand) Run() error {
	raw, err := c.rawBytes()
	if err != nil {
		return err
	}
	log := messages()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	h := newHub(false)
	runtime, err := c.start(ctx, options{output: os.Stderr, log: log, lint: c.Lint, debugger: h.Debugger()})
	if err != nil {
		return err
	}
	defer kill(runtime)
	address := c.Listen
	if address == "" {
		address = "127.0.0.1:0"
	}
	listeners, err := front.Listening{Backlog: 1}.Listen(address)
	if err != nil {
		return err
	}
	defer closeAll(listeners)
	s := server.New(c.server(runtime, log))
	h.Watch(s)
	walk, err := stepper.New(h, c.commands(), os.Stdout, stepOptions(c.Listen == ""))
	if err != nil {
		return err
	}
	for _, listener := range listeners {
		go s.Serve(ctx, listener)
	}
	var answer <-chan error
	if c.Listen == "" {
		answer = sendRaw(listeners[0].Addr(), raw)
	} else {
		for _, listener := range listeners {
			fmt.Fprintf(os.Stderr, "waiting for a request at %s\n", front.Address(listener))
		}
	}
	err = walk.Run(ctx)
	stop() // another Ctrl-C ends it at once
	if answer != nil {
		err = errors.Join(err, <-answer)
	}
	closeAll(listeners)
	shut, cancel := context.WithTimeout(context.Background(), stepTimeout)
	defer cancel()
	return errors.Join(err, s.Shutdown(shut))
}

// newHub makes the hub of this process, with the source that it can show. record says that it records while no session
// looks, too.
func newHub(record bool) *hub.Hub { return hub.New(hub.Options{Source: goSource, Record: record}) }

// commands is where commands come from.
func (c *stepCommand) commands() io.Reader {
	if c.Request == "-" || c.Data == "@-" {
		return eof{}
	}
	return os.Stdin
}

// eof is an input that has ended.
type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// rawBytes are those of the request.
func (c *stepCommand) rawBytes() ([]byte, error) {
	switch c.Request {
	case "":
		body, err := c.body()
		c.Header = append(c.Header, "Connection: close")
		if !slices.ContainsFunc(c.Header, func(line string) bool { return strings.HasPrefix(strings.ToLower(line), "host:") }) {
			c.Header = append([]string{"Host: localhost"}, c.Header...)
		}
		return append(c.rawRequest(len(body)), body...), err
	case "-":
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(c.Request)
}

func (c *stepCommand) server(runtime runtime, log *slog.Logger) server.Config {
	config := server.Config{
		Application: runtime, Software: software, Limits: parser.DefaultLimits,
		ReadTimeout: stepTimeout, WriteTimeout: stepTimeout, KeepAlive: stepTimeout,
		Errors: os.Stderr, Log: log,
	}
	config.Multithread, config.Multiprocess = runtime.Concurrency()
	return config
}

// stepOptions ask the standard streams whom they talk to.
func stepOptions(once bool) stepper.Options {
	terminal := isTerminal(os.Stdin) && isTerminal(os.Stdout)
	return stepper.Options{Terminal: terminal, Color: terminal && os.Getenv("NO_COLOR") == "", Once: once}
}

// sendRaw sends the request, and takes what comes back until the server is done.
func sendRaw(to net.Addr, raw []byte) <-chan error {
	done := make(chan error, 1)
	go func() {
		conn, err := net.Dial(to.Network(), to.String())
		if err != nil {
			done <- err
			return
		}
		defer conn.Close()
		if _, err = conn.Write(raw); err == nil {
			conn.(*net.TCPConn).CloseWrite()
			_, err = io.Copy(io.Discard, conn)
		}
		done <- err
	}()
	return done
}

// stepAlong walks through the requests of a server that serves, for as long as there are commands.
func stepAlong(ctx context.Context, h *hub.Hub, log *slog.Logger) error {
	walk, err := stepper.New(h, os.Stdin, os.Stdout, stepOptions(false))
	if err != nil {
		return err
	}
	go func() {
		walk.Run(ctx)
		log.Info("stepping is over: requests go on by themselves")
	}()
	return nil
}
