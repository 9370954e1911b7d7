package command

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"

	"github.com/coreos/go-systemd/v22/daemon"

	"glasswsgi/inspect/health"
	"glasswsgi/server/front"
)

// service is one run of `glass serve`: it loads the application, serves, and stops. Each of the three goes on beside a
// loop that obeys signals, so that no signal waits for anything.
type service struct {
	flags         *serveCommand
	log           *slog.Logger // that of logs
	logs          logs
	signals       chan os.Signal
	certificate   *certificate // nil: no TLS
	mount         string       // "": the application is everywhere
	listeners     []net.Listener
	current       current       // the runtime
	running       *serveCommand // the flags that it was started with: those of the configuration file may have changed
	options       options       // and what else it got
	retiring      retiring      // those that it replaced
	explaining    *explaining   // nil without --reload
	front         front.Front
	opened        atomic.Pointer[front.Front] // the same, for a worker that is started meanwhile
	stopAccepting func()
	health        *health.Node // nil without --health
	reloads       *reloads
}

// Run serves until a signal says stop.
func (c *serveCommand) Run() error {
	if isInit() {
		return beInit()
	}
	takeOverFromInit()
	logs, err := c.openLogs()
	if err != nil {
		return err
	}
	config, err := c.config(logs)
	if err != nil {
		return err
	}
	who, err := c.identity()
	if err != nil {
		return err
	}
	certificate, err := c.loadCertificate()
	if err != nil {
		return err
	}
	mount, err := mountPrefix(c.Mount)
	if err != nil {
		return err
	}
	s := &service{certificate: certificate, mount: mount, flags: c, log: logs.messages, logs: logs, signals: catchSignals(), reloads: newReloads()}
	defer signal.Stop(s.signals)
	if c.WhileStdin {
		stopWithInput(s.signals)
	}
	if c.Pid != "" {
		pid, err := claimPid(c.Pid)
		if err != nil {
			return err
		}
		defer pid.free()
	}
	// The ports are taken before the application is loaded, so that clients queue meanwhile; but an application that does
	// not exist is what its user has to hear of first.
	listeners, taken := s.listen()
	s.listeners = listeners
	defer closeAll(listeners)
	if err := who.become(listeners, logs.errors, logs.access); err != nil {
		return err
	}
	return errors.Join(s.run(config, taken), c.writeTimes())
}

// run loads the application, and serves it where no port is taken.
func (s *service) run(config front.Config, taken error) error {
	stopProfiles, err := s.flags.serveProfiles(s.log)
	if err != nil {
		return err
	}
	defer stopProfiles()
	node, stopHealth, err := serveHealth(s.flags.Health, s.log)
	if err != nil {
		return err
	}
	s.health = node
	defer stopHealth()
	config.Access = s.observed(config.Access)
	output, closeOutput, err := s.logs.errors.forWorkers()
	if err != nil {
		return err
	}
	defer closeOutput()
	options := s.flags.options(output, s.log)
	options.noDescriptor = s.giveWay
	if options.bell, err = s.flags.bell(); err != nil {
		return err
	}
	if s.flags.debugs() { // what else can be debugged with is asked here, too
		s.flags.hub = newHub(s.flags.Inspect != "")
		defer s.flags.stopDebugging()
		options.debugger = s.flags.hub.Debugger()
	}
	if stopped, err := s.load(options); err != nil || stopped {
		return err
	}
	defer kill(s.runtime())
	if taken != nil {
		return taken
	}
	return s.open(config)
}

// giveWay closes a connection, so that a worker that is started has a descriptor. It says whether there was one.
func (s *service) giveWay() bool {
	f := s.opened.Load()
	if f == nil {
		return false
	}
	g, ok := (*f).(interface{ GiveWay() bool })
	return ok && g.GiveWay()
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
	s.options, s.running = o, s.flags
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
			return false, s.loaded(got.runtime, got.err)
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
func (s *service) loaded(r runtime, err error) error {
	s.current.take(r)
	if !s.flags.Reload {
		return err
	}
	kind := s.flags.kind()
	switch {
	case len(kind.sources) == 0 && err == nil:
		s.log.Warn("--reload has nothing to watch: " + s.flags.shown() + " is a part of glass")
	case r != nil:
		s.explaining = &explaining{application: &s.current, name: s.flags.shown()}
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
	config.Application = &s.current
	if s.explaining != nil {
		config.Application = s.explaining
	}
	if s.mount != "" {
		config.Application = &mounted{config.Application, s.mount}
	}
	config.Bell = s.options.bell
	config.Multithread, config.Multiprocess = s.runtime().Concurrency()
	makeRoomForGarbage()
	s.front = s.flags.front().start(config)
	s.opened.Store(&s.front)
	if err := s.flags.debug(s.front, s.log); err != nil {
		return err
	}
	reached := s.listeners
	if s.certificate != nil {
		reached = nil // the page sends requests of its own, which are not encrypted
	}
	stopInspecting, err := s.flags.inspecting(s.runtime(), reached, s.log)
	if err != nil {
		return err
	}
	defer stopInspecting()
	if s.explaining != nil {
		extra := s.flags.ReloadExtraFile
		if file := s.flags.file(); file != "" {
			extra = append(extra, file)
		}
		stopWatching, err := watchChanges(s.flags.folders(), s.flags.kind().sources, extra, s.log, func(path string) {
			s.log.Info("a file changed", "changed", path)
			s.reloads.ask(wish{reload: true})
		})
		if err != nil {
			return err
		}
		defer stopWatching()
	}
	s.reloads.start(s.grant)
	return s.serve(stopInspecting)
}

// serve runs the accept loops, and obeys signals until one says stop.
func (s *service) serve(stopInspecting func()) error {
	accepting, stop := context.WithCancel(context.Background())
	defer stop()
	s.stopAccepting = stop
	failed := make(chan error, len(s.listeners))
	for _, listener := range s.certificate.secure(s.listeners) {
		s.log.Info("serving "+s.flags.shown(), "address", s.address(listener), "with", s.runtime().String(), "model", s.flags.front().name)
		go func() { failed <- s.front.Serve(accepting, listener) }()
	}
	s.beHealthy()
	s.tellManager(daemon.SdNotifyReady)
	watchdog := s.watchdog()
	defer watchdog.Stop()
	for {
		select {
		case err := <-failed:
			return err
		case <-watchdog.C:
			s.tellManager(daemon.SdNotifyWatchdog)
		case got := <-s.signals:
			if !s.obey(got) {
				stopInspecting()
				s.stop(got)
				return nil
			}
		}
	}
}

// address is where a browser finds the application.
func (s *service) address(listener net.Listener) string {
	address := front.Address(listener)
	if rest, ok := strings.CutPrefix(address, "http:"); ok && s.flags.Protocol != protocolHTTP {
		return s.flags.Protocol + ":" + rest
	}
	if plain, ok := strings.CutPrefix(address, "http:"); ok && s.certificate != nil {
		address = "https:" + plain
	}
	if s.mount != "" && strings.HasPrefix(address, "http") {
		address += s.mount + "/"
	}
	return address
}

// obey does what a signal asks for, unless that is to stop. It does not wait.
func (s *service) obey(got os.Signal) bool {
	switch orders[got] {
	case nudge:
		if n, ok := s.runtime().(nudger); ok {
			n.Nudge()
		}
	case reload: // while the application is loaded: once more after that; while glass stops: nothing
		s.withRoom(func() {
			s.logs.reopen()
			if err := s.certificate.reload(); err != nil {
				s.log.Error("the certificate that was there before goes on: " + err.Error())
			}
			s.reloads.ask(wish{reload: true})
		})
	case reopen:
		s.withRoom(s.logs.reopen)
	case more:
		s.reloads.ask(wish{more: 1})
	case fewer:
		s.reloads.ask(wish{more: -1})
	default:
		return false
	}
	s.log.Debug("obeyed a signal", "signal", got.String())
	return true
}
