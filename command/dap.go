package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"glasswsgi/inspect/dap"
	"glasswsgi/inspect/hub"
)

// dapFlag is --dap, which stands for --dap=own.
type dapFlag string

// ownSocket is --dap without an address: a socket that only this user may open, and where glass dap finds it.
const ownSocket = "own"

func (f *dapFlag) IsBool() bool { return true }

func (f *dapFlag) Decode(ctx *kong.DecodeContext) error {
	next := ctx.Scan.Peek()
	if text, ok := next.Value.(string); next.Type != kong.FlagValueToken && ok && (isAddress(text) || strings.HasPrefix(text, "unix:")) {
		*f = dapFlag(text) // --dap unix:PATH: no application is called that
		ctx.Scan.Pop()
		return nil
	}
	*f = dapFlag(valueOf(ctx, ownSocket))
	return nil
}

// listenDAP lets editors in.
func listenDAP(address string, h *hub.Hub, log *slog.Logger) (net.Listener, error) {
	if address == ownSocket {
		var err error
		if address, err = dap.DefaultAddress(); err != nil {
			return nil, err
		}
	}
	listener, err := dap.Listen(address)
	if err != nil {
		return nil, err
	}
	options := dap.Options{Hub: h, Checkout: checkout(), Source: goSource, Log: log}
	go dap.Serve(context.Background(), listener, options)
	if listener.Addr().Network() == "unix" {
		log.Info("editors may attach", "socket", strings.TrimPrefix(address, "unix:"))
	} else {
		log.Warn("editors may attach: so may every user of this machine, and run any code; unix:PATH is for you alone", "address", listener.Addr().String())
	}
	return listener, nil
}

// checkout is the folder of glass's own source, if that is where we are; else "".
func checkout() string {
	text, err := os.ReadFile("go.mod")
	if err != nil || !strings.HasPrefix(string(text), "module glasswsgi\n") {
		return ""
	}
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	return dir
}

// dapCommand is `glass dap`: what an editor starts to debug an application.
type dapCommand struct {
	Stdio bool `help:"Speak the protocol on standard input and output; it is the only way, and may be left out."`
}

// launchArguments are those of launch and attach, as an editor's configuration has them.
type launchArguments struct {
	Socket string `json:"socket"` // attach: unix:PATH or HOST:PORT of a running glass --dap; "" finds the only one

	App  string            `json:"app"`  // launch: what glass serve takes
	Cwd  string            `json:"cwd"`  // where to start
	Env  map[string]string `json:"env"`  // of glass and of the application
	Args []string          `json:"args"` // flags of glass serve; some have names of their own:

	Bind    string `json:"bind"`
	Python  string `json:"python"`
	Workers int    `json:"workers"`
	Threads int    `json:"threads"`
}

// flags are the command line that the arguments stand for.
func (a launchArguments) flags() (flags []string) {
	add := func(name, value string) {
		if value != "" && value != "0" {
			flags = append(flags, name+"="+value)
		}
	}
	add("--bind", a.Bind)
	add("--python", a.Python)
	add("--workers", strconv.Itoa(a.Workers))
	add("--threads", strconv.Itoa(a.Threads))
	return append(append(flags, a.Args...), a.App)
}

// dapStartLimit is for a glass that was started to load its application: the first start unpacks Python.
const dapStartLimit = 2 * time.Minute

// Run passes on what the editor and the server say.
func (c *dapCommand) Run() error { return dap.Adapt(os.Stdin, os.Stdout, startForEditor) }

func startForEditor(request string, raw json.RawMessage, output dap.Output) (dap.Program, error) {
	var a launchArguments
	if err := json.Unmarshal(raw, &a); err != nil {
		return nil, fmt.Errorf("the arguments of %s: %w", request, err)
	}
	if request == "attach" {
		return attached(a.Socket), nil
	}
	if a.App == "" {
		return nil, errors.New(`launch needs "app": MODULE:CALLABLE or FILE.py[:CALLABLE]; attach connects to a glass that serves with --dap`)
	}
	return launch(a, output)
}

// attached is a glass that was started elsewhere.
type attached string

func (a attached) Dial() (net.Conn, error) { return dap.Dial(string(a)) }

func (attached) End() {}

// launched is a glass that was started for an editor.
type launched struct {
	command *exec.Cmd
	input   io.Closer
	dir     string
	ended   chan struct{}
	output  *launchedOutput // to be read when it has ended
}

func launch(a launchArguments, show dap.Output) (*launched, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "glass-dap-") // mode 0700
	if err != nil {
		return nil, err
	}
	l := &launched{dir: dir, ended: make(chan struct{}), output: &launchedOutput{show: show}}
	args := append([]string{"serve", "--while-stdin", "--dap=unix:" + l.socket()}, a.flags()...)
	l.command = exec.Command(self, args...)
	l.command.Dir, l.command.Env = a.Cwd, os.Environ()
	for name, value := range a.Env {
		l.command.Env = append(l.command.Env, name+"="+value)
	}
	if l.input, err = l.command.StdinPipe(); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	l.command.Stdout, l.command.Stderr = l.output, l.output
	if err := l.command.Start(); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	go func() {
		l.command.Wait()
		close(l.ended)
	}()
	return l, nil
}

func (l *launched) socket() string { return filepath.Join(l.dir, "dap") }

// Dial waits until it listens. What it listens on is used only once, and goes: an editor may kill this process at its end.
func (l *launched) Dial() (net.Conn, error) {
	limit := time.After(dapStartLimit)
	for {
		if conn, err := net.Dial("unix", l.socket()); err == nil {
			os.RemoveAll(l.dir)
			return conn, nil
		}
		select {
		case <-l.ended:
			return nil, l.whyEnded()
		case <-limit:
			return nil, fmt.Errorf("glass did not start within %v", dapStartLimit)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// whyEnded says why it did not come to listen.
func (l *launched) whyEnded() error {
	if l.output.failure == "" {
		return errors.New("glass has ended: the debug console has what it said")
	}
	return fmt.Errorf("%s (the debug console has all that glass said)", l.output.failure)
}

// dapEndLimit is for a glass that was started to end.
const dapEndLimit = 10 * time.Second

// End ends it: its input ends, as it does when this process is killed. It takes force if that takes long.
func (l *launched) End() {
	defer os.RemoveAll(l.dir)
	l.input.Close()
	select {
	case <-l.ended:
		return
	case <-time.After(dapEndLimit):
	}
	l.command.Process.Kill()
	<-l.ended
}

// stopWithInput is for a glass that an adapter has started: standard input ends when the adapter goes, even if that is
// killed.
func stopWithInput(signals chan<- os.Signal) {
	go func() {
		io.Copy(io.Discard, os.Stdin)
		signals <- os.Interrupt
	}()
}
