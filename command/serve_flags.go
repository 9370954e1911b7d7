package command

import (
	"errors"
	"fmt"
	"net"

	"glasswsgi/inspect"
	"glasswsgi/inspect/hub"
	"glasswsgi/server/loop"
)

// serveCommand is `glass serve`. Where gunicorn has a flag for a thing, ours has its name and its meaning. The groups are
// those of the help text: see helpGroups.
type serveCommand struct {
	listenFlags      `embed:"" group:"listen"`
	application      `embed:""`
	concurrencyFlags `embed:"" group:"concurrency"`
	limitFlags       `embed:"" group:"limits"`
	timeoutFlags     `embed:"" group:"timeouts"`
	logFlags         `embed:"" group:"logs"`
	debuggingFlags   `embed:"" group:"debugging"`
	developmentFlags `embed:"" group:"development"`
	parentFlags      `embed:""`

	hub     *hub.Hub           // nil: nothing is debugged
	editors net.Listener       // of --dap
	watch   *inspect.Stopwatch // of --step-times
}

type listenFlags struct {
	Bind              []string `short:"b" sep:"none" placeholder:"ADDRESS" help:"Where to listen: HOST:PORT, unix:PATH or fd://N. You may repeat this flag. Port 0 takes a free port. By default the sockets that systemd hands over, else ${bind}."`
	Protocol          string   `default:"http" enum:"${protocols}" help:"What is spoken there: http, or to a web server in front fastcgi, scgi, uwsgi or ajp. (${default})"`
	Backlog           int      `default:"2048" help:"Connections that may wait to be accepted."`
	ReusePort         bool     `help:"Let several servers listen on the same port; the system spreads connections over them."`
	Umask             octal    `default:"0" placeholder:"MASK" help:"Bits, in octal, that the mode of a Unix socket goes without. 0 lets every user of this machine connect, as a proxy must be able to."`
	ForwardedAllowIPs []string `name:"forwarded-allow-ips" sep:"," placeholder:"IP" help:"Proxies whose Forwarded and X-Forwarded-* fields say where a request came from: addresses, networks or *."`
	ProxyProtocol     bool     `help:"Each connection begins with a header of the PROXY protocol, version 1 or 2, which says where it came from."`
	ProxyAllowFrom    []string `sep:"," default:"127.0.0.1,::1" placeholder:"IP" help:"Proxies that may send that header: addresses, networks or *. (${default})"`
	Mount             string   `placeholder:"PATH" help:"Serve the application below this path, such as /shop, which becomes SCRIPT_NAME."`
	Certfile          string   `placeholder:"FILE" help:"Speak TLS with this certificate and its chain, in PEM. SIGHUP reads it again."`
	Keyfile           string   `placeholder:"FILE" help:"The key of the certificate, where it is not in the same file."`
	Health            string   `placeholder:"ADDRESS" help:"Serve /livez, /readyz and /metrics at ADDRESS:PORT; a port alone is one of 127.0.0.1."`
	Pid               string   `placeholder:"FILE" help:"Write the process id to this file, which a second glass then refuses."`
	User              string   `placeholder:"USER" help:"Give up root's rights when the sockets are open, and become this user: a name or a number."`
	Group             string   `placeholder:"GROUP" help:"The group to become; by default that of --user."`
}

type concurrencyFlags struct {
	Model       string `default:"auto" enum:"${models}" help:"How connections are served: iterative is one at a time, threaded a goroutine for each, loop many in one thread, by epoll (Linux), fasthttp the HTTP engine of that name, for comparison. auto is loop where nothing else is asked for, else threaded."`
	InProcess   bool   `help:"Run Python in the server's own process, without workers: somewhat less CPU time a request, but a crash of the application ends the server, and one slow call holds up all others. Linux only."`
	workerFlags `embed:""`
}

type limitFlags struct {
	LimitConnections      int   `default:"${connections}" help:"Open connections. When there are more, an idle or slow one is closed for a new one. 0 sets no limit."`
	LimitRequestLine      int   `default:"${limitLine}" help:"Bytes in a request-line."`
	LimitRequestFields    int   `default:"${limitFields}" help:"Field lines in a request."`
	LimitRequestFieldSize int   `name:"limit-request-field_size" default:"${limitField}" help:"Bytes in a field line; 0 sets no limit but that of the header section."`
	LimitRequestSection   int   `name:"limit-request-header-section" default:"${limitSection}" help:"Bytes in all field lines of a request. It is raised to fit --limit-request-field_size. (${default})"`
	LimitRequestBody      int64 `placeholder:"BYTES" help:"Bytes in a request body; 0 sets no limit."`
	LimitRequestSpool     int64 `default:"${limitSpool}" placeholder:"BYTES" help:"Bytes of a chunked request body that are kept on disk until it is complete; 0 sets no limit. (${default})"`
	StreamChunked         bool  `help:"Call the application before a chunked request body is complete. It then has no CONTENT_LENGTH, and most frameworks read nothing of it."`
}

type timeoutFlags struct {
	callFlags `embed:""`

	Drain        seconds `default:"0" placeholder:"SECONDS" help:"Seconds after SIGTERM in which glass takes requests as before, while /readyz of --health says 503 and responses say Connection: close. (${default})"`
	KeepAlive    seconds `default:"5" help:"Seconds to wait for the next request on a connection; 0 closes it after each."`
	ReadTimeout  seconds `default:"30" help:"Seconds for the head of a request, and for each wait for its body, which must arrive at 500 bytes a second or more."`
	WriteTimeout seconds `default:"30" help:"Seconds for the client to take each block of a response; it must take 500 bytes a second or more."`
}

type logFlags struct {
	AccessLogfile   string `placeholder:"FILE" help:"Log each request to this file; - is standard output."`
	AccessLogformat string `default:"combined" placeholder:"FORMAT" help:"common, combined, json, or a format such as '%(h)s %(r)s %(s)s'. (${default})"`
	ErrorLogfile    string `default:"-" placeholder:"FILE" help:"Write messages to this file; - is standard error. (${default})"`

	messageFlags `embed:""`
}

type debuggingFlags struct {
	Lint            bool        `help:"Report each rule of PEP 3333 that the Python application or its middleware breaks, with the line that breaks it."`
	Trace           traceFlag   `placeholder:"NAME" help:"Print each request and response to standard output, as one of ${traces}; curl when you give no name."`
	Step            bool        `help:"Stop each request at every step, and walk through it in this terminal."`
	Inspect         inspectFlag `placeholder:"HOST:PORT" help:"Serve a page that shows each request and walks through it, on a loopback address; on a free port when you give none."`
	InspectAnywhere bool        `help:"Let --inspect listen on an address that other machines can reach. Anyone who has the token can run code."`
	DAP             dapFlag     `name:"dap" placeholder:"ADDRESS" help:"Let editors attach by the Debug Adapter Protocol, at a loopback HOST:PORT or unix:PATH; when you give none, at a socket where glass dap finds it."`
	Pprof           string      `placeholder:"ADDRESS" help:"Serve profiles of glass itself (net/http/pprof) at an address of this machine, such as 127.0.0.1:6060."`
	StepTimes       string      `hidden:"" placeholder:"FILE" help:"Time the Steps, and write where the time went to a file at the end; for glass bench."`
}

type developmentFlags struct {
	Reload          bool     `help:"Replace the workers when a Python file changes."`
	ReloadExtraFile []string `placeholder:"FILE" sep:"none" help:"Replace the workers when this file changes, too: a template or a configuration. You may repeat this flag."`
	Debug           bool     `help:"Show tracebacks to the client."`
}

// What `glass node` has as well.
type (
	workerFlags struct {
		Preload           bool `help:"Load the application once, and make the workers by fork: they share its memory. Not on Windows."`
		MaxRequests       int  `placeholder:"N" help:"Replace a worker after this many requests; 0 never does."`
		MaxRequestsJitter int  `placeholder:"N" help:"Add a random number up to N to --max-requests, so that workers are not all replaced at the same time."`
		MaxWorkerMemory   int  `placeholder:"MIB" help:"Replace a worker after the request after which it has more than this many MiB in RAM; 0 never does. Linux only."`
	}
	parentFlags struct {
		WhileStdin bool `hidden:"" help:"Stop when standard input ends, as it does when the program that started this one is gone."`
	}
	callFlags struct {
		Timeout         seconds `default:"30" help:"Seconds that the application may take between two signs of life in a call; 0 sets no limit."`
		StartTimeout    seconds `default:"60" help:"Seconds that the application gets to be imported; 0 sets no limit."`
		GracefulTimeout seconds `default:"30" help:"Seconds that requests in progress get to end after SIGTERM."`
	}
	messageFlags struct {
		LogFormat string `default:"text" enum:"text,json" help:"How messages are written: text for people, json for programs. (${default})"`
		LogLevel  string `default:"info" enum:"debug,info,warning,error,critical" help:"The least important messages to log: debug, info, warning, error or critical. (${default})"`
	}
)

// largestSection is how many bytes of field lines fit into the frame in which a worker gets the environ, whose strings take
// some more.
const largestSection = 512 << 10

// Validate is called by kong before Run.
func (c *serveCommand) Validate() error {
	switch blind := c.front().blind; {
	case c.ReadTimeout <= 0 || c.WriteTimeout <= 0:
		return errors.New("--read-timeout and --write-timeout must be more than 0 seconds")
	case c.LimitRequestLine <= 0 || c.LimitRequestFields <= 0 || c.LimitRequestFieldSize < 0 || c.LimitRequestSection <= 0 || c.LimitRequestBody < 0 || c.LimitRequestSpool < 0:
		return errors.New("a limit must be more than 0")
	case c.LimitRequestLine > 64<<10: // a worker takes no frame of more than 1 MiB
		return errors.New("--limit-request-line must not be more than 65536")
	case c.LimitRequestFieldSize > largestSection, c.LimitRequestSection > largestSection:
		return fmt.Errorf("--limit-request-field_size and --limit-request-header-section must not be more than %d", largestSection)
	case c.debugs() && blind != "":
		return fmt.Errorf("--step, --inspect and --dap walk through what glass does with HTTP, which --model %s leaves to %s: leave out one of the two", c.Model, blind)
	case c.Trace != "" && blind != "":
		return fmt.Errorf("--trace shows how glass reads and writes HTTP, which --model %s leaves to %s: leave out one of the two", c.Model, blind)
	case c.Protocol != protocolHTTP && c.Model != modelAuto && c.Model != modelThreaded:
		return fmt.Errorf("--model %s is a way to speak HTTP, and not %s: leave out one of the two", c.Model, c.Protocol)
	case c.Protocol != protocolHTTP && (c.ProxyProtocol || len(c.ForwardedAllowIPs) > 0):
		return fmt.Errorf("by %s the web server says where a request came from: leave out --proxy-protocol and --forwarded-allow-ips", c.Protocol)
	case c.ProxyProtocol && c.Model == "fasthttp":
		return errors.New("--model fasthttp does not speak the PROXY protocol: leave out --proxy-protocol, or --model")
	case c.Model == modelLoop && !loop.Available:
		return errors.New("--model loop is made of what only Linux has: leave out --model")
	case c.Model == modelLoop && c.needsGoroutines() != "":
		return fmt.Errorf("--model loop cannot do %s, which needs a goroutine for each connection: leave out one of the two", c.needsGoroutines())
	case len(c.ReloadExtraFile) > 0 && !c.Reload:
		return errors.New("--reload-extra-file says what --reload watches: add --reload")
	case c.Protocol != protocolHTTP && c.Certfile != "":
		return fmt.Errorf("by %s the web server does TLS: leave out --certfile", c.Protocol)
	case c.Certfile != "" && c.ProxyProtocol:
		return errors.New("--proxy-protocol reads its header before TLS begins, which glass cannot: have the proxy speak TLS, and leave out --certfile")
	case c.LimitConnections < 0:
		return errors.New("--limit-connections must not be less than 0")
	case c.Backlog <= 0 || c.MaxRequests < 0 || c.MaxRequestsJitter < 0 || c.MaxWorkerMemory < 0:
		return errors.New("--backlog must be more than 0, --max-requests, --max-requests-jitter and --max-worker-memory not less")
	}
	if err := c.checkInProcess(); err != nil {
		return err
	}
	return c.application.Validate()
}

// debugs says whether a flag asks for the debugger. Without one there is no hub, and workers get none of its code.
func (c *serveCommand) debugs() bool { return c.Step || c.Inspect != "" || c.DAP != "" }
