package command

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"glasswsgi/inspect/health"
	"glasswsgi/runtime/remote"
	"glasswsgi/server/front"
)

// nodeCommand is `glass node`: it runs an application for fronts that reach it by NATS.
type nodeCommand struct {
	At string `arg:"" name:"nats" help:"Where front and nodes meet: nats://HOST[:PORT][,HOST...]/SUBJECT, or tls://... (docs/SCALE.md)."`

	application  `embed:""`
	Name         string `group:"listen" placeholder:"NAME" help:"What the front calls this node in its log and inspector; by default as the machine is called."`
	Health       string `group:"listen" placeholder:"ADDRESS" help:"Serve /livez, /readyz and /metrics at ADDRESS:PORT; a port alone is one of 127.0.0.1."`
	workerFlags  `embed:"" group:"concurrency"`
	callFlags    `embed:"" group:"timeouts"`
	messageFlags `embed:"" group:"logs"`
	parentFlags  `embed:""`
}

// nodeService is one run of `glass node`.
type nodeService struct {
	flags   *nodeCommand
	log     *slog.Logger
	signals chan os.Signal
	reloads chan struct{} // holds one
	current current

	leaving, hurried context.Context
	leave, hurry     context.CancelFunc
}

// Run takes calls until a signal says stop.
func (c *nodeCommand) Run() error {
	if isInit() {
		return beInit()
	}
	takeOverFromInit()
	broker, err := remote.ParseBroker(c.At)
	if err != nil {
		return err
	}
	s := &nodeService{flags: c, log: newLog(os.Stderr, c.LogFormat, c.LogLevel), signals: catchSignals(), reloads: make(chan struct{}, 1)}
	defer signal.Stop(s.signals)
	if c.WhileStdin {
		stopWithInput(s.signals)
	}
	s.leaving, s.leave = context.WithCancel(context.Background())
	s.hurried, s.hurry = context.WithCancel(context.Background())
	defer s.hurry()
	defer s.leave()
	pages, stopHealth, err := serveHealth(c.Health, s.log)
	if err != nil {
		return err
	}
	defer stopHealth()
	return s.run(broker, pages)
}

// run loads the application, and serves it.
func (s *nodeService) run(broker *remote.Broker, pages *health.Node) error {
	ended := make(chan struct{})
	defer close(ended)
	go s.obey(ended)
	runtime, err := s.flags.start(s.leaving, runtimeOptions(s.flags.workerFlags, s.flags.callFlags, os.Stderr, s.log))
	switch {
	case err != nil && s.leaving.Err() != nil:
		return nil
	case err != nil:
		return err
	}
	s.current.take(runtime)
	defer kill(runtime)
	go s.reload(runtime)
	node := remote.NewNode(broker, s.config(runtime, pages))
	s.log.Info("serving "+s.flags.shown(), "address", broker.String(), "node", node.Name, "with", runtime.String())
	if pages != nil {
		source := sourceOf(s.runtime)
		source.Unready = func() string {
			if s.leaving.Err() != nil {
				return "stopping"
			}
			return node.Unready()
		}
		pages.Serving(source)
	}
	if err := node.Serve(s.leaving, s.hurried); err != nil {
		return err
	}
	end(s.hurried, runtime)
	return nil
}

func (s *nodeService) runtime() runtime { return *s.current.runtime.Load() }

// config is what the flags say to the node.
func (s *nodeService) config(r runtime, pages *health.Node) remote.NodeConfig {
	name, _ := os.Hostname()
	config := remote.NodeConfig{
		Application: r, Name: cmp.Or(s.flags.Name, name, "node"), Threads: s.flags.Workers * s.flags.Threads, Errors: os.Stderr, Log: s.log,
	}
	config.Multithread, _ = r.Concurrency()
	if pages != nil {
		config.Answered = func(status int, took time.Duration, bytes int64) {
			pages.Observe(&front.AccessEntry{Status: status, Duration: took, BodyBytes: bytes})
		}
	}
	return config
}

// obey does what signals ask for. SIGTERM lets the calls in hand end, SIGINT and a second signal do not.
func (s *nodeService) obey(ended chan struct{}) {
	for {
		select {
		case <-ended:
			return
		case got := <-s.signals:
			switch orders[got] {
			case reload:
				select {
				case s.reloads <- struct{}{}:
				default:
				}
			case nudge:
				if r := s.current.runtime.Load(); r != nil {
					if n, ok := (*r).(nudger); ok {
						n.Nudge()
					}
				}
			case drain:
				s.stop(got, s.leaving.Err() != nil)
			case quit:
				s.stop(got, true)
			}
		}
	}
}

func (s *nodeService) stop(got os.Signal, atOnce bool) {
	s.log.Info("stopping", "signal", got.String())
	s.leave()
	if atOnce {
		s.hurry()
		return
	}
	time.AfterFunc(time.Duration(s.flags.GracefulTimeout), s.hurry)
}

// reload replaces the workers as often as SIGHUP asks for it.
func (s *nodeService) reload(r runtime) {
	for {
		select {
		case <-s.leaving.Done():
			return
		case <-s.reloads:
		}
		again, ok := r.(restarter)
		if !ok {
			s.log.Warn("there is nothing to reload: " + s.flags.shown() + " is a part of glass")
			continue
		}
		s.log.Info("replacing the workers")
		if err := again.Restart(s.leaving); err != nil && s.leaving.Err() == nil {
			s.log.Error("the workers were not replaced: " + err.Error())
		}
	}
}
