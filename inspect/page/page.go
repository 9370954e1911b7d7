package page

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"glasswsgi/inspect/door"
	"glasswsgi/inspect/hub"
)

// Prefix is where the page lives. The cookie is for this path: it does not go to the application, which a browser may
// reach on the same host with another port.
const Prefix = "/glass/"

// Bounds of what a browser may ask.
const (
	maxCommand  = 1 << 20 // bytes of the body of a command
	maxSessions = 32      // pages open at a time
)

// Options say what the page shows beside the hub.
type Options struct {
	App      string // what is served, for the title
	Version  string // of glass
	Server   Server // where a replay goes; nil: replay to others only
	Token    string // empty: New makes one
	Anywhere bool   // allow other hosts than loopback
	Wsgiref  Peer   // nil: there is no Python to run it
	Framed   bool   // pages of the same origin may show it in a frame
	Address  string // where requests go: a URL, or unix:PATH; "": the page does not say
}

// Server is the address of the server to which an exchange can be replayed, HOST:PORT or unix:PATH, or "".
type Server func(*hub.Exchange) string

// Peer starts a server beside this one that runs the same application, once, and returns its address.
type Peer func() (address string, err error)

// Page is the http.Handler of `--inspect`.
type Page struct {
	hub     *hub.Hub
	options Options
	door    *door.Door
	guarded http.Handler
	mux     *http.ServeMux

	mu       sync.Mutex
	sessions map[string]*pageSession

	reloadTime time.Duration
}

// New makes a page for a hub.
func New(h *hub.Hub, options Options) *Page {
	p := &Page{hub: h, options: options, mux: http.NewServeMux(), sessions: map[string]*pageSession{}, reloadTime: reloadTime}
	p.door = door.New(door.Options{Path: Prefix, Cookie: "glass_inspect", Token: options.Token, Anywhere: options.Anywhere, Framed: options.Framed})
	p.guarded = p.door.Guard(p.mux)
	p.mux.HandleFunc("GET "+Prefix+"{$}", p.shell)
	p.mux.HandleFunc("GET "+Prefix+"static/{name}", p.static)
	p.mux.HandleFunc("GET "+Prefix+"api/exchanges", p.exchanges)
	p.mux.HandleFunc("GET "+Prefix+"api/find", p.find)
	p.mux.HandleFunc("GET "+Prefix+"api/exchanges/{id}", p.exchange)
	p.mux.HandleFunc("GET "+Prefix+"api/exchanges/{id}/{as}", p.export)
	p.mux.HandleFunc("GET "+Prefix+"api/source", p.source)
	p.mux.HandleFunc("GET "+Prefix+"api/events", p.events)
	p.mux.HandleFunc("POST "+Prefix+"api/command", p.command)
	p.mux.HandleFunc("POST "+Prefix+"api/replay", p.replay)
	p.mux.HandleFunc("POST "+Prefix+"api/draft", p.draft)
	return p
}

// Token opens the page: Prefix + "?token=" + Token.
func (p *Page) Token() string { return p.door.Token() }

// ServeHTTP implements http.Handler. Whatever is asked for passes the door first.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.guarded.ServeHTTP(w, r) }

// summary is an exchange in the list.
type summary struct {
	ID      uint64    `json:"id"`
	Number  uint64    `json:"number,omitempty"`
	Method  string    `json:"method,omitempty"`
	Target  string    `json:"target,omitempty"`
	Status  string    `json:"status,omitempty"`
	State   hub.State `json:"state"`
	Stage   string    `json:"stage,omitempty"` // where it is
	Reason  string    `json:"reason,omitempty"`
	Failure string    `json:"failure,omitempty"`
	Rule    string    `json:"rule,omitempty"` // that was broken
	Took    int64     `json:"took_ns"`        // stops not included

	Connection uint64        `json:"connection"`
	Began      int64         `json:"began_us"`  // since 1970
	Lasts      time.Duration `json:"lasts_ns"`  // stops included
	Before     time.Duration `json:"before_ns"` // until the application was called
	Call       time.Duration `json:"call_ns"`   // from there to its end; 0: it was not called

	Peer   string `json:"peer,omitempty"`
	Worker int    `json:"worker,omitempty"`
	Bytes  int    `json:"bytes"` // of the response
	Edited bool   `json:"edited,omitempty"`

	Outside *hub.Outside `json:"outside,omitempty"`
}

func summaryOf(x *hub.Exchange) summary {
	s := summary{ID: x.ID, Number: x.Number, Method: x.Method, Target: x.Target, State: x.State, Status: statusOf(x),
		Took: int64(runTime(x)), Peer: x.Connection.Peer, Bytes: x.Response.Length, Edited: len(x.Edits) > 0, Outside: x.Outside}
	s.Connection, s.Began, s.Lasts = x.Connection.ID, x.Began.UnixMicro(), x.Took
	s.Before, s.Call = callTime(x)
	if len(x.Steps) > 0 {
		s.Stage = x.Steps[len(x.Steps)-1].Stage
	}
	if x.Stop != nil {
		s.Reason = string(x.Stop.Reason)
	}
	if x.Failure != nil {
		s.Failure, s.Rule = x.Failure.Kind, x.Failure.Rule
	}
	if x.Worker != nil {
		s.Worker = x.Worker.PID
	}
	return s
}

// callTime is when the application was called, and how long it had the request: to close(), or as far as is known.
func callTime(x *hub.Exchange) (before, call time.Duration) {
	for _, step := range x.Steps {
		if step.Name == "call" {
			before = step.At
		}
		if before > 0 && step.Stage == "call" {
			call = step.At - before
		}
	}
	return before, call
}

func (p *Page) exchanges(w http.ResponseWriter, r *http.Request) {
	list := []summary{}
	for _, x := range p.hub.Exchanges() {
		list = append(list, summaryOf(x))
	}
	answer(w, list)
}

// find answers with the IDs of the exchanges in whose bytes a text is, of either message, without regard to case.
func (p *Page) find(w http.ResponseWriter, r *http.Request) {
	found := []uint64{}
	text := bytes.ToLower([]byte(r.URL.Query().Get("text")))
	for _, x := range p.hub.Exchanges() {
		if bytes.Contains(bytes.ToLower(x.Request.Bytes()), text) || bytes.Contains(bytes.ToLower(x.Response.Bytes()), text) {
			found = append(found, x.ID)
		}
	}
	answer(w, found)
}

// exchange answers null for one that is forgotten: on a busy server a page learns of them too late, and that is no error.
func (p *Page) exchange(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
	if err != nil {
		fail(w, http.StatusNotFound, hub.ErrNoExchange)
		return
	}
	var view *View
	if x, ok := p.hub.Exchange(id); ok {
		view = ViewOf(x)
	}
	answer(w, view)
}

// wanted is the exchange that the path names; nil, and 404, where there is none.
func (p *Page) wanted(w http.ResponseWriter, r *http.Request) *hub.Exchange {
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
	x, ok := p.hub.Exchange(id)
	if err != nil || !ok {
		fail(w, http.StatusNotFound, hub.ErrNoExchange)
		return nil
	}
	return x
}

// answer writes JSON.
func answer(w http.ResponseWriter, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		fail(w, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(text)
}

// fail writes an error as the commands report it.
func fail(w http.ResponseWriter, status int, err error) {
	text, _ := json.Marshal(map[string]string{"error": err.Error()})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(text)
}

// Close ends the sessions of all pages: what they stopped goes on.
func (p *Page) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.sessions {
		s.Close()
	}
	clear(p.sessions)
}

var errSession = errors.New("this page's session has ended; it is opened again when the connection is")
