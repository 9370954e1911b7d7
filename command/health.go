package command

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"

	"glasswsgi/inspect/health"
	"glasswsgi/runtime/cpython"
	"glasswsgi/server/front"
)

// serveHealth is --health. It opens before the application is loaded, and closes last, so that there is an answer at any
// time. Without the flag the node is nil.
func serveHealth(flag string, log *slog.Logger) (n *health.Node, stop func(), err error) {
	if flag == "" {
		return nil, func() {}, nil
	}
	address, err := healthAddress(flag)
	if err != nil {
		return nil, nil, err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, nil, fmt.Errorf("--health: %w", err)
	}
	log.Info("serving health", "health", "http://"+listener.Addr().String()+"/readyz")
	n = health.New(version)
	pages := n.Server(listener.Addr().(*net.TCPAddr).IP.IsLoopback())
	ctx, cancel := context.WithCancel(context.Background())
	go n.Watch(ctx)
	go pages.Serve(listener)
	return n, func() { cancel(); pages.Close() }, nil
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
	queueing   interface{ Waiting() int } // requests that the runtime has not been asked to answer
)

// sourceOf is what --health asks of a runtime.
func sourceOf(now func() runtime) health.Source {
	return health.Source{
		Load: func() (health.Load, bool) {
			l, ok := now().(loaded)
			if !ok {
				return health.Load{}, false
			}
			return health.Load(l.Load()), true
		},
		Restarts: func() map[string]uint64 {
			if r, ok := now().(restarting); ok {
				return r.Restarts()
			}
			return nil
		},
		Memory: func() int64 {
			if r, ok := now().(resident); ok {
				return r.Memory()
			}
			return 0
		},
	}
}

// beHealthy says that glass serves.
func (s *service) beHealthy() {
	if s.health == nil {
		return
	}
	source := sourceOf(s.runtime)
	if q, ok := s.front.(queueing); ok {
		inRuntime := source.Load
		source.Load = func() (health.Load, bool) {
			l, known := inRuntime()
			l.Queued += q.Waiting()
			return l, known
		}
	}
	if s.explaining != nil {
		source.Unready = s.explaining.unready
	}
	if o, ok := s.front.(opener); ok {
		source.Open = o.Open
	}
	s.health.Serving(source)
}
