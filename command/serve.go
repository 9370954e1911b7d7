package command

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"time"

	"glasswsgi/server/front"
)

// service is one run of `glass serve`: it loads the application, serves, and stops. Each of the three goes on beside a
// loop that obeys signals, so that no signal waits for anything.
type service struct {
	flags      *serveCommand
	log        *slog.Logger // that of logs
	logs       logs
	signals    chan os.Signal
	listeners  []net.Listener
	runtime    runtime
	explaining *explaining // nil without --reload
	front      front.Front
	reloads    *reloads
	failed     chan error // of an accept loop
}

// Run serves until a signal says stop.
func (c *serveCommand) Run() error {
	logs, err := c.openLogs()
	if err != nil {
		return err
	}
	log := logs.messages
	config, err := c.config(logs)
	if err != nil {
		return err
	}
	output, closeOutput, err := logs.errors.forWorkers()
	if err != nil {
		return err
	}
	defer closeOutput()
	s := &service{flags: c, log: log, logs: logs, signals: catchSignals(), reloads: newReloads()}
	defer signal.Stop(s.signals)
	if c.WhileStdin {
		stopWithInput(s.signals)
	}
	stopProfiles, err := c.serveProfiles(log)
	if err != nil {
		return err
	}
	defer stopProfiles()
	// The port is taken before the application is loaded, so that clients queue meanwhile; but an application that does
	// not exist is what its user has to hear of first.
	var taken error
	s.listeners, taken = c.listen()
	defer func() { closeAll(s.listeners) }()
	options := c.options(output, log)
	if c.debugs() { // what else can be debugged with is asked here, too
		c.hub = newHub(c.Inspect != "")
		defer c.stopDebugging()
		options.debugger = c.hub.Debugger()
	}
	if stopped, err := s.load(options); err != nil || stopped {
		return err
	}
	defer kill(s.runtime)
	if taken != nil {
		return taken
	}
	return errors.Join(s.open(config), c.writeTimes())
}

// load loads the application. It returns stopped when a signal says stop meanwhile.
func (s *service) load(o options) (stopped bool, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	type result struct {
		runtime runtime
		err     error
	}
	loaded := make(chan result, 1)
	go func() {
		r, err := s.flags.kind().start(ctx, &s.flags.application, o)
		loaded <- result{r, err}
	}()
	for {
		select {
		case got := <-loaded:
			if stopped {
				kill(got.runtime)
				return true, nil
			}
			s.runtime = got.runtime
			return false, s.loaded(got.err)
		case got := <-s.signals:
			switch {
			case s.obey(got):
			case stopped:
				return true, nil // the workers end when we do
			default:
				s.log.Info("stopping before the application is loaded", "signal", got.String())
				stopped = true
				cancel()
			}
		}
	}
}

// loaded makes the best of an application that could not be loaded: with --reload, it waits for a change.
func (s *service) loaded(err error) error {
	if !s.flags.Reload {
		return err
	}
	kind := s.flags.kind()
	switch {
	case kind.sources == "" && err == nil:
		s.log.Warn("--reload has nothing to watch: " + s.flags.App + " is a part of glass")
	case s.runtime != nil:
		s.explaining = &explaining{application: s.runtime, name: s.flags.App}
		s.explaining.note(err)
		if err != nil {
			s.log.Error("waiting for a change: " + err.Error())
		}
		return nil
	}
	return err
}

// open opens everything that is reached from outside, and serves.
func (s *service) open(config front.Config) error {
	config.Application = s.runtime
	if s.explaining != nil {
		config.Application = s.explaining
	}
	config.Multithread, config.Multiprocess = s.runtime.Concurrency()
	if s.flags.Pid != "" {
		if err := writePid(s.flags.Pid); err != nil {
			return err
		}
		defer os.Remove(s.flags.Pid)
	}
	makeRoomForGarbage()
	s.front = s.flags.front().start(config)
	if err := s.flags.debug(s.front, s.log); err != nil {
		return err
	}
	stopInspecting, err := s.flags.inspecting(s.runtime, s.listeners, s.log)
	if err != nil {
		return err
	}
	defer stopInspecting()
	if s.explaining != nil {
		stopWatching, err := watchChanges(s.flags.folders(), s.flags.kind().sources, s.log, func(path string) {
			s.log.Info("a file changed", "changed", path)
			s.reloads.ask()
		})
		if err != nil {
			return err
		}
		defer stopWatching()
	}
	s.reloads.start(s.reload)
	return s.serve(stopInspecting)
}

// serve runs the accept loops, and obeys signals until one says stop.
func (s *service) serve(stopInspecting func()) error {
	failed := make(chan error, len(s.listeners))
	for _, listener := range s.listeners {
		s.log.Info("serving "+s.flags.App, "address", s.flags.address(listener), "with", s.runtime.String())
		go func() { failed <- s.front.Serve(context.Background(), listener) }()
	}
	for {
		select {
		case err := <-failed:
			return err
		case got := <-s.signals:
			if !s.obey(got) {
				stopInspecting()
				s.stop(got)
				return nil
			}
		}
	}
}

// obey does what a signal asks for, unless that is to stop. It does not wait.
func (s *service) obey(got os.Signal) bool {
	switch orders[got] {
	case nudge:
		if n, ok := s.runtime.(nudger); ok {
			n.Nudge()
		}
	case reload: // while the application is loaded: once more after that; while glass stops: nothing
		s.logs.reopen()
		s.reloads.ask()
	case reopen:
		s.logs.reopen()
	default:
		return false
	}
	s.log.Debug("obeyed a signal", "signal", got.String())
	return true
}

// stop ends at once after SIGINT, and after SIGTERM when the requests in progress have ended, or their time has. A second
// such signal is an impatient one.
func (s *service) stop(got os.Signal) {
	s.log.Info("stopping", "signal", got.String())
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(s.flags.GracefulTimeout))
	defer cancel()
	if orders[got] == quit {
		cancel()
	}
	ended := make(chan struct{})
	go func() {
		s.end(ctx)
		close(ended)
	}()
	for {
		select {
		case <-ended:
			return
		case got := <-s.signals:
			if !s.obey(got) {
				s.log.Info("stopping at once", "signal", got.String())
				cancel()
				kill(s.runtime)
			}
		}
	}
}

// end closes the ports, lets the requests in progress end until ctx is done, and ends the runtime.
func (s *service) end(ctx context.Context) {
	closeAll(s.listeners)
	s.reloads.cancel()
	if s.flags.hub != nil {
		s.flags.hub.Close() // a request that is stopped has to go on, so that it can end
	}
	if err := s.front.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("some requests did not end in time", "graceful-timeout", time.Duration(s.flags.GracefulTimeout))
	}
	s.reloads.end()
	end(ctx, s.runtime)
	s.tellFindings()
}
