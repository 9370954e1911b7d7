package health

import (
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"glasswsgi/inspect/door"
)

// Load is what a runtime has to do.
type Load struct {
	Workers int // that take calls
	Busy    int // threads that are at a call
	Idle    int // threads that are at none
	Queued  int // calls that wait for a thread
}

// Source is where the numbers of a node that serves come from. What is nil is not known.
type Source struct {
	Load     func() (Load, bool)      // false: the runtime has no threads of its own
	Restarts func() map[string]uint64 // of workers, by cause
	Memory   func() int64             // bytes that the workers have in RAM; 0 is not known
	Open     func() int               // connections
	Unready  func() string            // why the application cannot be called; "": it can
}

// Node is one glass, as a proxy, an orchestrator or a scaler sees it.
type Node struct {
	meter
	source   atomic.Pointer[Source] // nil: the application is being loaded
	stopping atomic.Bool
}

// New makes a node that is not ready.
func New(version string) *Node {
	n := &Node{}
	n.meter.init(version, n)
	return n
}

// Serving says that the application is loaded, and where numbers come from.
func (n *Node) Serving(s Source) { n.source.Store(&s) }

// Stopping says that the node should get no more requests. It answers those that come.
func (n *Node) Stopping() { n.stopping.Store(true) }

// What /readyz says of a node that should get no requests.
const (
	loading  = "the application is being loaded"
	noWorker = "no worker is ready"
	leaving  = "stopping"
)

// unready is why the node should get no requests, or "".
func (n *Node) unready() string {
	source := n.source.Load()
	switch {
	case n.stopping.Load():
		return leaving
	case source == nil:
		return loading
	}
	if source.Unready != nil {
		if why := source.Unready(); why != "" {
			return why
		}
	}
	if load, known := n.load(); known && load.Workers == 0 {
		return noWorker
	}
	return ""
}

// load is what there is to do, where that is known.
func (n *Node) load() (Load, bool) {
	source := n.source.Load()
	if source == nil || source.Load == nil {
		return Load{}, false
	}
	return source.Load()
}

// Limits of the door: its answers are short, and no peer needs longer.
const (
	headTime  = 10 * time.Second // for the head of a request, and to take the answer
	idleTime  = 60 * time.Second // between two requests: scrapes and probes keep their connection
	headBytes = 16 << 10
)

// Server serves the node's pages. On loopback only this machine may ask; where others can reach it, Host may be any name. It
// needs no token, because kubelets and scrapers have none to give; no page of another site may ask in a browser.
func (n *Node) Server(loopback bool) *http.Server {
	guard := door.New(door.Options{Path: "/", Open: true, AnyName: !loopback})
	return &http.Server{Handler: guard.Guard(n.pages()), ReadHeaderTimeout: headTime, WriteTimeout: headTime, IdleTimeout: idleTime, MaxHeaderBytes: headBytes}
}

// pages are what the node tells.
func (n *Node) pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if why := n.unready(); why != "" {
			say(w, http.StatusServiceUnavailable, why)
			return
		}
		say(w, http.StatusOK, "ready")
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		n.write(w)
	})
	return mux
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	io.WriteString(w, text+"\n")
}
