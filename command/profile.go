package command

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"os"
	"time"

	"glasswsgi/inspect"
	"glasswsgi/inspect/door"
	"glasswsgi/server/front"
)

// serveProfiles is --pprof. Profiles tell what the process does and knows, so only this machine may ask for them, and
// they never share a port with the application.
func (c *serveCommand) serveProfiles(log *slog.Logger) (stop func(), err error) {
	if c.Pprof == "" {
		return func() {}, nil
	}
	address, err := netip.ParseAddrPort(c.Pprof)
	if err != nil || !address.Addr().IsLoopback() {
		return nil, fmt.Errorf("--pprof %s: profiles are for this machine only; write 127.0.0.1:PORT or [::1]:PORT", c.Pprof)
	}
	listener, err := net.Listen("tcp", c.Pprof)
	if err != nil {
		return nil, fmt.Errorf("--pprof: %w", err)
	}
	log.Info("serving profiles", "pprof", "http://"+listener.Addr().String()+"/debug/pprof/")
	profiles := &http.Server{Handler: profileDoor(), ReadHeaderTimeout: profileHead}
	go profiles.Serve(listener)
	return func() { profiles.Close() }, nil
}

// profileHead is how long a request for a profile may take to come.
const profileHead = 10 * time.Second

// profileDoor needs no token, because go tool pprof has none to give: whoever is on this machine may ask, but no browser
// for another site.
func profileDoor() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return door.New(door.Options{Path: "/debug/pprof/", Open: true}).Guard(mux)
}

// stopwatch is the observer of --step-times.
func (c *serveCommand) stopwatch() front.Observer {
	c.watch = inspect.NewStopwatch()
	return c.watch.Observe
}

// writeTimes is the end of --step-times.
func (c *serveCommand) writeTimes() error {
	if c.watch == nil {
		return nil
	}
	text, err := json.Marshal(c.watch.Times())
	if err == nil {
		err = os.WriteFile(c.StepTimes, text, 0o644)
	}
	return err
}
