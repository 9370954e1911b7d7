package command

import (
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/coreos/go-systemd/v22/activation"

	"glasswsgi/server/front"
)

// defaultBind is where glass listens when nothing says where.
const defaultBind = "127.0.0.1:8888"

// listen opens the sockets that --bind names, or takes those that systemd hands over (sd_listen_fds(3)).
func (s *service) listen() (listeners []net.Listener, err error) {
	bind := s.flags.Bind
	if len(bind) == 0 {
		handed, err := activation.Listeners()
		if err != nil || len(handed) > 0 {
			return usable(handed, err)
		}
		bind = []string{defaultBind}
	}
	listening := front.Listening{Backlog: s.flags.Backlog, ReusePort: s.flags.ReusePort, Umask: os.FileMode(s.flags.Umask)}
	for _, address := range bind {
		more, err := listening.Listen(address)
		if err != nil {
			closeAll(listeners)
			return nil, err
		}
		listeners = append(listeners, more...)
	}
	return listeners, nil
}

// usable are the listeners among what was handed over: the place of a socket that is none is empty.
func usable(handed []net.Listener, err error) (listeners []net.Listener, _ error) {
	if err != nil {
		return nil, fmt.Errorf("a socket that was handed over by LISTEN_FDS cannot be used: %w", err)
	}
	for _, listener := range handed {
		if listener == nil {
			closeAll(listeners)
			return nil, errors.New("a socket that was handed over by LISTEN_FDS does not listen for connections: use ListenStream= in the .socket unit")
		}
		listeners = append(listeners, listener)
	}
	return listeners, nil
}

func closeAll(listeners []net.Listener) {
	for _, listener := range listeners {
		listener.Close()
	}
}
