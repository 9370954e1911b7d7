package command

import (
	"errors"
	"os"
	"strings"
	"time"

	"glasswsgi/runtime/inprocess"
	"glasswsgi/runtime/remote"
)

// finishTime is how long Python gets to end when its calls have: for atexit handlers.
const finishTime = 5 * time.Second

// checkInProcess refuses what --in-process cannot do.
func (c *serveCommand) checkInProcess() error {
	if !c.InProcess {
		return nil
	}
	for _, r := range []struct {
		asked bool
		flag  string
		why   string
	}{
		{strings.HasPrefix(c.App, "go:"), "--in-process", "an application in Go is in the server's process anyway"},
		{remote.IsAddress(c.App), "--in-process", "the application of " + c.shown() + " runs on nodes"},
		{!inprocess.Available, "--in-process", "this glass cannot: that takes Linux on amd64 or arm64, and a build without the tag static"},
		{c.Workers > 1, "--workers (or WEB_CONCURRENCY)", "there is one interpreter in a process; --threads N lets N calls take turns"},
		{c.Preload, "--preload", "no worker is forked"},
		{c.Reload || len(c.ReloadExtraFile) > 0, "--reload", "code is loaded once"},
		{c.MaxRequests > 0, "--max-requests", "no worker can be replaced"},
		{c.MaxWorkerMemory > 0, "--max-worker-memory", "no worker can be replaced"},
		{c.Chdir != "", "--chdir", "the server's files would move, too: start glass in that folder"},
		{c.debugs(), "--step, --inspect or --dap", "the debugger steps through Python in a worker"},
	} {
		if r.asked {
			return errors.New("--in-process: " + r.why + ": leave out " + r.flag)
		}
	}
	return nil
}

// errInProcess is what becomes of SIGHUP.
var errInProcess = errors.New("with --in-process the application cannot be loaded anew: start glass again")

// moveIn has Python run in this process, and says what that costs.
func (p *workerRuntime) moveIn(o options) (err error) {
	p.host, err = inprocess.New(inprocess.Config{Interpreter: p.config.Interpreter, Stuck: func() {
		o.log.Error("glass ends: a call keeps the interpreter for itself, and nothing else can run (--in-process, --timeout)")
		os.Exit(exitFailed)
	}})
	if err != nil {
		return err
	}
	p.config.Host = p.host
	o.log.Warn("--in-process: there is no worker between the application and the server. If the application crashes or calls os._exit(), " +
		"the server ends; one slow call holds up all others; SIGHUP does not load the application anew")
	return nil
}

// moveOut ends Python.
func (p *workerRuntime) moveOut() {
	if err := p.host.Finish(finishTime); err != nil {
		p.config.Log.Warn(err.Error())
	}
}
