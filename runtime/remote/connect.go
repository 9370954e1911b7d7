package remote

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"time"

	"github.com/nats-io/nats.go"
)

// mayPass says that another try to connect may succeed: nothing is wrong with the files of the address.
func mayPass(err error) bool {
	var network net.Error
	var path *fs.PathError
	switch {
	case errors.As(err, &path):
		return false
	case errors.As(err, &network):
		return true
	}
	return errors.Is(err, nats.ErrNoServers) || errors.Is(err, nats.ErrTimeout) || errors.Is(err, nats.ErrAuthorization) ||
		errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrMaxConnectionsExceeded)
}

// keepConnected has a session served, and makes a new one when it has ended, until ctx is done. The broker's loss and return
// are logged once each.
func keepConnected[S any](ctx context.Context, b *Broker, log *slog.Logger, s *S, err error, connect func() (*S, error), serve func(*S)) {
	pause, told := firstPause, false
	for {
		switch {
		case err == nil:
			log.Info("connected to NATS", "at", b.String())
			pause, told = firstPause, false
			serve(s)
			if ctx.Err() == nil {
				log.Warn("lost NATS; connecting again", "at", b.String())
				told = true
			}
		case !told:
			log.Warn("NATS is not reached; trying again", "at", b.String(), "error", err)
			told = true
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, lastPause)
		s, err = connect()
	}
}
