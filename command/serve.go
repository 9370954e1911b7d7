package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"glasswsgi/inspect"
	"glasswsgi/inspect/hub"
	"glasswsgi/parser"
	"glasswsgi/server"
	"glasswsgi/server/fasthttpd"
	"glasswsgi/server/front"
)

// serveCommand is `glass serve`. Where gunicorn has a flag for a thing, ours has its name and its meaning.
type serveCommand struct {
	application `embed:""`

	Bind    []string `short:"b" default:"127.0.0.1:8888" sep:"none" placeholder:"ADDRESS" help:"Where to listen: HOST:PORT, unix:PATH or fd://N; may be repeated. Port 0 takes a free one. (${default})"`
	Model   string   `default:"threaded" enum:"iterative,threaded,fasthttp" help:"How connections are served: one at a time, a goroutine for each, or by the HTTP engine fasthttp, for comparison."`
	Backlog int      `default:"2048" help:"Connections that wait to be accepted."`

	Timeout         seconds `default:"30" help:"Seconds that the application may be silent in a call."`
	GracefulTimeout seconds `default:"30" help:"Seconds for requests in progress to end after SIGTERM."`
	KeepAlive       seconds `default:"5" help:"Seconds to wait for the next request on a connection; 0 closes after each."`
	ReadTimeout     seconds `default:"30" help:"Seconds for the head of a request, and for each wait for its body, which must come at 500 bytes a second or more."`
	WriteTimeout    seconds `default:"30" help:"Seconds for the client to take each block of a response; it must take 500 bytes a second or more."`

	MaxRequests       int `placeholder:"N" help:"Replace a worker after so many requests; 0 never does."`
	MaxRequestsJitter int `placeholder:"N" help:"Add a random number up to this to --max-requests."`

	LimitConnections int `default:"${connections}" help:"Connections open at a time; beyond, one that is idle or slow gives way to a new one. 0 sets no limit."`

	LimitRequestLine      int   `default:"${limitLine}" help:"Bytes of a request-line."`
	LimitRequestFields    int   `default:"${limitFields}" help:"Field lines of a request."`
	LimitRequestFieldSize int   `name:"limit-request-field_size" default:"${limitField}" help:"Bytes of a field line."`
	LimitRequestBody      int64 `placeholder:"BYTES" help:"Bytes of a request body; 0 sets no limit."`

	Reload            bool     `help:"Replace the workers when a Python file changes; for development."`
	Debug             bool     `help:"Show tracebacks to the client; for development."`
	ForwardedAllowIPs []string `name:"forwarded-allow-ips" sep:"," placeholder:"IP" help:"Proxies whose X-Forwarded-Proto sets wsgi.url_scheme: addresses, networks or *."`
	Pid               string   `placeholder:"FILE" help:"Write the process id to a file."`

	Step            bool        `help:"Stop each request at every step, and walk through it in this terminal."`
	Inspect         inspectFlag `placeholder:"HOST:PORT" help:"Serve a page that shows each request, and walks through it, on loopback; a free port when none is given."`
	InspectAnywhere bool        `help:"Let --inspect listen on an address that others can reach. Who has the token can run code."`
	DAP             dapFlag     `name:"dap" placeholder:"ADDRESS" help:"Let editors attach that speak the Debug Adapter Protocol: HOST:PORT of the loopback, or unix:PATH; without one, a socket of your own where glass dap finds it."`
	WhileStdin      bool        `hidden:"" help:"Stop when standard input ends, as it does when the program that started this one is gone."`

	Trace           traceFlag `placeholder:"NAME" help:"Print what happens to standard output: one of ${traces}; curl when no name is given."`
	AccessLogfile   string    `placeholder:"FILE" help:"Log each request to a file; - is standard output."`
	AccessLogformat string    `default:"combined" placeholder:"FORMAT" help:"common, combined, or a format such as '%(h)s %(r)s %(s)s'. (${default})"`
	ErrorLogfile    string    `default:"-" placeholder:"FILE" help:"Write messages to a file; - is standard error. (${default})"`
	Pprof           string    `placeholder:"ADDRESS" help:"Serve profiles of glass itself (net/http/pprof) at an address of this machine, such as 127.0.0.1:6060."`
	StepTimes       string    `hidden:"" placeholder:"FILE" help:"Time the Steps, and write where the time went to a file at the end; for glass bench."`
	LogLevel        string    `default:"info" enum:"debug,info,warning,error,critical" help:"The least important messages to log: debug, info, warning, error or critical."`

	hub     *hub.Hub           // nil: nothing is debugged
	editors net.Listener       // of --dap
	watch   *inspect.Stopwatch // of --step-times
}

// debugs says whether a flag asks for the debugger. Without one there is no hub, and workers get none of its code.
func (c *serveCommand) debugs() bool { return c.Step || c.Inspect != "" || c.DAP != "" }

// debug starts the faces of the debugger that were asked for.
func (c *serveCommand) debug(s front.Front, log *slog.Logger) error {
	watched, ok := s.(hub.Observed)
	if c.hub == nil || !ok {
		return nil
	}
	c.hub.Watch(watched)
	if c.DAP != "" {
		var err error
		if c.editors, err = listenDAP(string(c.DAP), c.hub, log); err != nil {
			return err
		}
	}
	if c.Step {
		return stepAlong(context.Background(), c.hub, log)
	}
	return nil
}

func (c *serveCommand) stopDebugging() {
	if c.editors != nil {
		c.editors.Close()
	}
	c.hub.Close()
}

// Validate is called by kong before Run.
func (c *serveCommand) Validate() error {
	switch {
	case c.Timeout <= 0 || c.ReadTimeout <= 0 || c.WriteTimeout <= 0:
		return errors.New("--timeout, --read-timeout and --write-timeout must be more than 0 seconds")
	case c.LimitRequestLine <= 0 || c.LimitRequestFields <= 0 || c.LimitRequestFieldSize <= 0 || c.LimitRequestBody < 0:
		return errors.New("a limit must be more than 0")
	case c.LimitRequestLine > 64<<10: // a worker takes no frame of more than 1 MiB
		return errors.New("--limit-request-line must not be more than 65536")
	case c.debugs() && c.Model == modelFasthttp:
		return errors.New("--step, --inspect and --dap walk through what glass does with HTTP, which --model fasthttp leaves to another engine: leave out one of the two")
	case c.Model == modelFasthttp && c.Trace != "":
		return errors.New("--trace shows how glass reads and writes HTTP, which --model fasthttp leaves to another engine: leave out one of the two")
	case c.LimitConnections < 0:
		return errors.New("--limit-connections must not be less than 0")
	case c.Backlog <= 0 || c.MaxRequests < 0 || c.MaxRequestsJitter < 0:
		return errors.New("--backlog must be more than 0, --max-requests and --max-requests-jitter not less")
	}
	return c.application.Validate()
}

// Run serves until a signal says stop.
func (c *serveCommand) Run() (err error) {
	output, err := openLog(c.ErrorLogfile, os.Stderr)
	if err != nil {
		return err
	}
	log := newLog(output, c.LogLevel)
	config, err := c.config(output, log)
	if err != nil {
		return err
	}
	listeners, err := c.listen()
	if err != nil {
		return err
	}
	defer closeAll(listeners)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, stopSignals...) // before the application is loaded, so that none is lost meanwhile
	defer signal.Stop(signals)
	if c.WhileStdin {
		stopWithInput(signals)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM)
	if stopProfiles, err := c.serveProfiles(log); err != nil {
		return err
	} else {
		defer stopProfiles()
	}
	defer stop()

	options := c.options(output, log)
	if c.debugs() { // what else can be debugged with is asked here, too
		c.hub = newHub(c.Inspect != "")
		defer c.stopDebugging()
		options.debugger = c.hub.Debugger()
	}
	runtime, err := c.start(ctx, options)
	if err != nil {
		return err
	}
	config.Application = runtime
	config.Multithread, config.Multiprocess = runtime.concurrency()
	if c.Pid != "" {
		if err := writePid(c.Pid); err != nil {
			runtime.Kill()
			return err
		}
		defer os.Remove(c.Pid)
	}
	err = c.serve(config, listeners, runtime, signals, log)
	return errors.Join(err, c.writeTimes())
}

func (c *serveCommand) config(output *os.File, log *slog.Logger) (config server.Config, err error) {
	limits := parser.DefaultLimits
	limits.RequestLine, limits.Fields = c.LimitRequestLine, c.LimitRequestFields
	limits.FieldSize, limits.Body = c.LimitRequestFieldSize, c.LimitRequestBody
	config = server.Config{
		Software:     software,
		Limits:       limits,
		ReadTimeout:  time.Duration(c.ReadTimeout),
		WriteTimeout: time.Duration(c.WriteTimeout),
		KeepAlive:    orNone(time.Duration(c.KeepAlive)),

		MaxConnections: orNone(c.LimitConnections),

		Debug:  c.Debug,
		Errors: output,
		Log:    log,
	}
	if config.TrustedProxies, err = parseProxies(c.ForwardedAllowIPs); err != nil {
		return config, err
	}
	if c.Trace != "" {
		if config.Observer, err = inspect.Trace(string(c.Trace), os.Stdout); err != nil {
			return config, err
		}
	}
	if c.StepTimes != "" {
		config.Observer = c.stopwatch()
	}
	if c.AccessLogfile != "" {
		file, err := openLog(c.AccessLogfile, os.Stdout)
		if err != nil {
			return config, err
		}
		if config.Access, err = front.AccessLog(file, c.AccessLogformat); err != nil {
			return config, err
		}
	}
	return config, nil
}

// orNone is how a flag's 0, which means none, is said in a front.Config, where 0 is the default.
func orNone[T int | time.Duration](n T) T {
	if n == 0 {
		return -1
	}
	return n
}

// The models beside the default.
const (
	modelIterative = "iterative"
	modelFasthttp  = "fasthttp"
)

func (c *serveCommand) engine(config server.Config) front.Front {
	if c.Model == modelFasthttp {
		return fasthttpd.New(config)
	}
	if c.Model == modelIterative {
		return server.NewIterative(config)
	}
	return server.New(config)
}

func (c *serveCommand) listen() (listeners []net.Listener, err error) {
	for _, bind := range c.Bind {
		listener, err := front.Listen(bind, c.Backlog)
		if err != nil {
			closeAll(listeners)
			return nil, err
		}
		listeners = append(listeners, listener)
	}
	return listeners, nil
}

func closeAll(listeners []net.Listener) {
	for _, listener := range listeners {
		listener.Close()
	}
}

// serve runs the accept loops until a signal or the failure of one of them.
func (c *serveCommand) serve(config server.Config, listeners []net.Listener, runtime runtime, signals <-chan os.Signal, log *slog.Logger) error {
	makeRoomForGarbage()
	s := c.engine(config)
	if err := c.debug(s, log); err != nil {
		runtime.Kill()
		return err
	}
	stopInspecting, err := c.inspecting(runtime, listeners, log)
	if err != nil {
		runtime.Kill()
		return err
	}
	defer stopInspecting()
	failed := make(chan error, len(listeners))
	for _, listener := range listeners {
		log.Info("serving "+c.App, "address", front.Address(listener), "with", runtime.String())
		go func() { failed <- s.Serve(context.Background(), listener) }()
	}
	for {
		select {
		case err := <-failed:
			runtime.Kill()
			return err
		case got := <-signals:
			switch got {
			case nudgeSignal:
				runtime.Nudge()
				continue
			case reloadSignal:
				c.restart(runtime, log)
				continue
			}
			closeAll(listeners)
			stopInspecting()
			if c.hub != nil {
				c.hub.Close() // a request that is stopped has to go on, so that it can end
			}
			c.stop(s, runtime, log, got, signals)
			c.tellFindings(runtime, log)
			return nil
		}
	}
}

func (c *serveCommand) restart(runtime runtime, log *slog.Logger) {
	log.Info("replacing the workers")
	if err := runtime.Restart(context.Background()); err != nil {
		log.Error("the workers were not replaced: " + err.Error())
	}
}

// stop ends at once after SIGINT, and after SIGTERM when the requests in progress have ended, or their time has.
func (c *serveCommand) stop(s front.Front, runtime runtime, log *slog.Logger, got os.Signal, signals <-chan os.Signal) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(c.GracefulTimeout))
	defer cancel()
	if got != syscall.SIGTERM {
		cancel()
	}
	go func() { // a second signal is an impatient one
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	log.Info("stopping", "signal", got.String())
	if err := s.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
		log.Warn("some requests did not end in time", "graceful-timeout", time.Duration(c.GracefulTimeout))
	}
	if ctx.Err() != nil {
		runtime.Kill()
		return
	}
	runtime.Close(ctx)
}

// tellFindings is the last line of --lint.
func (c *serveCommand) tellFindings(runtime runtime, log *slog.Logger) {
	switch findings := runtime.Findings(); {
	case len(findings) > 0:
		log.Warn(summary(findings))
	case c.Lint:
		log.Info(summary(findings))
	}
}

// parseProxies reads --forwarded-allow-ips.
func parseProxies(list []string) (prefixes []netip.Prefix, err error) {
	for _, item := range list {
		if item == "*" {
			prefixes = append(prefixes, netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0"))
			continue
		}
		if address, err := netip.ParseAddr(item); err == nil {
			prefixes = append(prefixes, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(strings.TrimSpace(item))
		if err != nil {
			return nil, fmt.Errorf("--forwarded-allow-ips: %q is neither an address, nor a network such as 10.0.0.0/8, nor *", item)
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}

func writePid(path string) error {
	if err := os.WriteFile(path, fmt.Appendln(nil, os.Getpid()), 0o644); err != nil {
		return fmt.Errorf("--pid: %w", err)
	}
	return nil
}
