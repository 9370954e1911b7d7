package command

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/alecthomas/kong"

	"glasswsgi/compare"
	"glasswsgi/inspect/hub"
	"glasswsgi/inspect/page"
	"glasswsgi/server/front"
)

// inspectFlag is --inspect, which stands for --inspect=127.0.0.1:0: a free port on loopback.
type inspectFlag string

const inspectHere = "127.0.0.1:0"

func (i *inspectFlag) IsBool() bool { return true }

func (i *inspectFlag) Decode(ctx *kong.DecodeContext) error {
	*i = inspectHere
	next := ctx.Scan.Peek()
	if text, ok := next.Value.(string); next.Type != kong.FlagValueToken && !(ok && isAddress(text)) {
		return nil
	}
	switch value := ctx.Scan.Pop().Value.(type) {
	case bool:
		if !value {
			*i = ""
		}
	case string:
		if _, _, err := net.SplitHostPort(value); err != nil {
			return fmt.Errorf("--inspect=%s: write HOST:PORT, such as 127.0.0.1:9000, or nothing for a free port", value)
		}
		*i = inspectFlag(value)
	}
	return nil
}

// isAddress tells HOST:PORT from MODULE:CALLABLE, which may follow --inspect as well: no callable is called 9000.
func isAddress(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

const inspectHeadTime = 10 * time.Second // for the head of a request to the page

// inspector is the page of --inspect, while it is served.
type inspector struct {
	page     *page.Page
	listener net.Listener
	server   *http.Server
	wsgiref  *besideServer
}

// inspect opens the page's port: on loopback, unless --inspect-anywhere says that anybody may try the token.
func (c *serveCommand) inspect(runtime runtime, listeners []net.Listener) (*inspector, error) {
	listener, err := net.Listen("tcp", string(c.Inspect))
	if err != nil {
		return nil, fmt.Errorf("--inspect: %w", err)
	}
	at := listener.Addr().(*net.TCPAddr)
	if !at.IP.IsLoopback() && !c.InspectAnywhere {
		listener.Close()
		return nil, fmt.Errorf("--inspect=%s: who reaches the page and has its token can run code in the application. It listens on loopback only: write --inspect=127.0.0.1:%d, or add --inspect-anywhere if you mean it", c.Inspect, at.Port)
	}
	i := &inspector{listener: listener, wsgiref: c.beside(runtime)}
	options := page.Options{App: c.shown(), Version: version, Anywhere: c.InspectAnywhere}
	if own := ownAddress(listeners); own != "" {
		options.Address = c.url(own)
		options.Server = func(*hub.Exchange) string { return own }
	}
	if i.wsgiref != nil {
		options.Wsgiref = i.wsgiref.address
	}
	i.page = page.New(c.hub, options)
	i.server = &http.Server{Handler: i.page, ReadHeaderTimeout: inspectHeadTime}
	return i, nil
}

// start serves the page, and prints its address, with the token, once: not to a log, which others may read.
func (i *inspector) start(log *slog.Logger) {
	if at := i.listener.Addr().(*net.TCPAddr); !at.IP.IsLoopback() {
		log.Warn("ANYBODY WHO REACHES THE INSPECTOR'S PORT AND HAS ITS TOKEN CAN RUN CODE IN THE APPLICATION, and what goes there is not encrypted", "address", at.String())
	}
	fmt.Fprintf(os.Stderr, "inspect: http://%s%s?token=%s\n", i.listener.Addr(), page.Prefix, i.page.Token())
	go i.server.Serve(i.listener)
}

func (i *inspector) close() {
	i.server.Close()
	i.page.Close()
	if i.wsgiref != nil {
		i.wsgiref.stop()
	}
}

// ownAddress is where this server can be reached from here: "" with none but inherited Unix sockets.
func ownAddress(listeners []net.Listener) string {
	for _, listener := range listeners {
		switch at := listener.Addr().(type) {
		case *net.TCPAddr:
			host := at.IP
			if host.IsUnspecified() {
				host = net.IPv4(127, 0, 0, 1)
			}
			return (&net.TCPAddr{IP: host, Port: at.Port}).String()
		case *net.UnixAddr:
			return front.Address(listener)
		}
	}
	return ""
}

// url is how a client would name an address of this server.
func (c *serveCommand) url(address string) string {
	switch {
	case c.Protocol != protocolHTTP:
		return "" // no browser speaks it
	case strings.HasPrefix(address, "unix:"):
		return address
	case c.Certfile != "":
		return "https://" + address + "/"
	}
	return "http://" + address + "/"
}

// besideServer is a wsgiref with the same application, started when it is first asked for.
type besideServer struct {
	python compare.Python
	app    string

	mu       sync.Mutex
	recorder *compare.Recorder
	running  *compare.Wsgiref
}

// beside is nil where the application is not written in Python.
func (c *serveCommand) beside(runtime runtime) *besideServer {
	python, err := c.python(runtime)
	if err != nil {
		return nil
	}
	return &besideServer{python: python, app: c.shown()}
}

var errNoPythonHere = errors.New("the application is not written in Python: wsgiref needs one in Python")

// python says how the application's Python runs a program.
func (a *application) python(r runtime) (compare.Python, error) {
	p := compare.Python{Dir: a.Chdir, Import: a.Pythonpath}
	python, ok := r.(*workerRuntime)
	if !ok || python.config.Language != nil {
		return p, errNoPythonHere
	}
	interpreter := python.config.Interpreter
	p.Path, p.Environ = interpreter.Path, append(interpreter.Environ(), a.Env...)
	return p, nil
}

func (b *besideServer) address() (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running != nil {
		return b.running.Address, nil
	}
	recorder, err := compare.NewRecorder(b.app, 0)
	if err != nil {
		return "", err
	}
	if b.running, err = compare.StartWsgiref(b.python, recorder); err != nil {
		recorder.Close()
		return "", err
	}
	b.recorder = recorder
	return b.running.Address, nil
}

func (b *besideServer) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running != nil {
		b.running.Stop()
		b.recorder.Close()
		b.running = nil
	}
}

// inspecting starts the page, if it was asked for; stop ends it.
func (c *serveCommand) inspecting(runtime runtime, listeners []net.Listener, log *slog.Logger) (stop func(), err error) {
	if c.Inspect == "" {
		return func() {}, nil
	}
	i, err := c.inspect(runtime, listeners)
	if err != nil {
		return nil, err
	}
	i.start(log)
	return i.close, nil
}
