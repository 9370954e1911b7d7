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
	s.log.Info("stopping", "signal", got.String())
	s.tellManager(daemon.SdNotifyStopping)
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
				s.retiring.hurry()
				kill(s.runtime())
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
	end(ctx, s.runtime())
	s.retiring.wait(ctx)
	s.tellFindings()
}
