package command

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"glasswsgi/health"
	"glasswsgi/runtime/cpython"
	"glasswsgi/server/front"
)

// serveHealth is --health. It opens before the application is loaded, and closes last, so that there is an answer at any
// time.
func (s *service) serveHealth() (stop func(), err error) {
	if s.flags.Health == "" {
		return func() {}, nil
	}
	address, err := healthAddress(s.flags.Health)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--health: %w", err)
	}
	s.log.Info("serving health", "health", "http://"+listener.Addr().String()+"/readyz")
	s.health = health.New(version)
	pages := s.health.Server(listener.Addr().(*net.TCPAddr).IP.IsLoopback())
	ctx, cancel := context.WithCancel(context.Background())
	go s.health.Watch(ctx)
	go pages.Serve(listener)
	return func() { cancel(); pages.Close() }, nil
}

// healthAddress is where --health listens: a port alone is one of loopback.
func healthAddress(flag string) (string, error) {
	if port, err := strconv.ParseUint(flag, 10, 16); err == nil {
		return net.JoinHostPort("127.0.0.1", strconv.FormatUint(port, 10)), nil
	}
	if _, err := netip.ParseAddrPort(flag); err != nil {
		return "", fmt.Errorf("--health %s: write a port, which is one of 127.0.0.1, or ADDRESS:PORT such as 0.0.0.0:9100", flag)
	}
	return flag, nil
}

// observed adds what --health counts to what the access log writes.
func (s *service) observed(access func(*front.AccessEntry)) func(*front.AccessEntry) {
	switch {
	case s.health == nil:
		return access
	case access == nil:
		return s.health.Observe
	}
	return func(e *front.AccessEntry) { s.health.Observe(e); access(e) }
}

// What --health asks of runtimes and fronts that know.
type (
	loaded     interface{ Load() cpython.Load }
	restarting interface{ Restarts() map[string]uint64 }
	resident   interface{ Memory() int64 }
	opener     interface{ Open() int }
)

// beHealthy says that glass serves.
func (s *service) beHealthy() {
	if s.health == nil {
		return
	}
	source := health.Source{
		Load: func() (health.Load, bool) {
			l, ok := s.runtime().(loaded)
			if !ok {
				return health.Load{}, false
			}
			return health.Load(l.Load()), true
		},
		Restarts: func() map[string]uint64 {
			if r, ok := s.runtime().(restarting); ok {
				return r.Restarts()
			}
			return nil
		},
		Memory: func() int64 {
			if r, ok := s.runtime().(resident); ok {
				return r.Memory()
			}
			return 0
		},
	}
	if s.explaining != nil {
		source.Broken = s.explaining.why
	}
	if o, ok := s.front.(opener); ok {
		source.Open = o.Open
	}
	s.health.Serving(source)
}
