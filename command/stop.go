package command

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// stop ends at once after SIGINT, and after SIGTERM when the requests in progress have ended, or their time has. A second
// such signal is an impatient one.
func (s *service) stop(got os.Signal) {
	s.reloads.cancel() // before anyone can know of it
	s.log.Info("stopping", "signal", got.String())
	s.tellManager(daemon.SdNotifyStopping)
	if s.health != nil {
		s.health.Stopping()
	}
	patient := orders[got] != quit && s.drain()
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(s.flags.GracefulTimeout))
	defer cancel()
	if !patient {
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
				s.retiring.hurry()
				kill(s.runtime())
			}
		}
	}
}

// drainer is a front that can say in its responses that they are the last ones on their connection.
type drainer interface{ Drain() }

// drain is --drain: who sends requests sees that the node will go, and is served meanwhile. A signal that says stop ends it;
// then it returns false.
func (s *service) drain() (patient bool) {
	if s.flags.Drain == 0 {
		return true
	}
	if d, ok := s.front.(drainer); ok {
		d.Drain()
	}
	s.log.Info("draining", "for", time.Duration(s.flags.Drain))
	over := time.NewTimer(time.Duration(s.flags.Drain))
	defer over.Stop()
	watchdog := s.watchdog()
	defer watchdog.Stop()
	for {
		select {
		case <-over.C:
			return true
		case <-watchdog.C:
			s.tellManager(daemon.SdNotifyWatchdog)
		case got := <-s.signals:
			if !s.obey(got) {
				s.log.Info("stopping at once", "signal", got.String())
				return false
			}
		}
	}
}

// end closes the ports, lets the requests in progress end until ctx is done, and ends the runtime.
func (s *service) end(ctx context.Context) {
	s.stopAccepting()
	closeAll(s.listeners)
	if s.flags.hub != nil {
		s.flags.hub.Close() // a request that is stopped has to go on, so that it can end
	}
	if err := s.front.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("some requests did not end in time", "graceful-timeout", time.Duration(s.flags.GracefulTimeout))
	}
	s.reloads.end()
	end(ctx, s.runtime())
	s.retiring.wait(ctx)
	s.tellFindings()
}
