package page

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"glasswsgi/inspect/hub"
)

// heartbeat finds out that a browser is gone, so that what it had stopped goes on.
const heartbeat = 10 * time.Second

// reloadTime is how long a page that is gone may be away: one that is loaded again finds what it had stopped, its control
// and its breakpoints as they were.
const reloadTime = 5 * time.Second

// restTime is how long a page is left alone after a message that says only how exchanges come along: what happens meanwhile
// comes together in the next one.
const restTime = 50 * time.Millisecond

// hello is the first message of a stream.
type hello struct {
	Session     string           `json:"session"`
	PauseNext   bool             `json:"pauseNext"`
	Steps       []string         `json:"steps"`   // where a breakpoint may be
	Address     string           `json:"address"` // of the server: a URL, or unix:PATH
	Name        string           `json:"name"`
	Controller  string           `json:"controller"`
	Breakpoints []hub.Breakpoint `json:"breakpoints"`
	App         string           `json:"app"`
	Version     string           `json:"version"`
	Server      bool             `json:"server"`  // there is one to replay to
	Wsgiref     bool             `json:"wsgiref"` // wsgiref can be started beside it
}

// events is a page's connection. Its session lives as long as the connection, and reloadTime longer: when the browser goes,
// what it had stopped goes on. A page that is loaded again names the session that it had.
func (p *Page) events(w http.ResponseWriter, r *http.Request) {
	id, session, err := p.open(r.URL.Query().Get("session"))
	if err != nil {
		fail(w, http.StatusServiceUnavailable, err)
		return
	}
	defer p.leave(id, session)
	w.Header().Set("Content-Type", "text/event-stream")
	stream := http.NewResponseController(w)
	send := func(name string, value any) error {
		text, err := json.Marshal(value)
		if err == nil {
			_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, text)
		}
		return errors.Join(err, stream.Flush())
	}
	err = send("hello", hello{Session: id, Name: session.Name(), Controller: p.hub.Controller(), Breakpoints: p.hub.Breakpoints(),
		PauseNext: p.hub.PausesNext(), Steps: hub.StepNames, Address: p.options.Address, App: p.options.App, Version: p.options.Version, Server: p.options.Server != nil, Wsgiref: p.options.Wsgiref != nil})
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for err == nil {
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
			err = send("beat", struct{}{})
		case e, open := <-session.Events():
			if !open {
				return
			}
			all := gather(e, session.Events())
			if isLost(all) {
				all = append(all, p.hub.Present()...)
			}
			if err = send("happened", all); isRoutine(all) {
				rest(r.Context())
			}
		}
	}
}

func isLost(all []hub.Event) bool {
	return slices.ContainsFunc(all, func(e hub.Event) bool { return e.Kind == hub.Resync })
}

// isRoutine says that nobody waits for what comes next.
func isRoutine(all []hub.Event) bool {
	return !slices.ContainsFunc(all, func(e hub.Event) bool {
		switch e.Kind {
		case hub.ExchangeBegan, hub.ExchangeChanged, hub.ExchangeEnded, hub.ExchangeForgotten, hub.Resync:
			return false
		}
		return true
	})
}

func rest(ctx context.Context) {
	late := time.NewTimer(restTime)
	defer late.Stop()
	select {
	case <-late.C:
	case <-ctx.Done():
	}
}

// gather takes what else has come already. Of the steps of one exchange only the latest is told.
func gather(first hub.Event, more <-chan hub.Event) []hub.Event {
	all := []hub.Event{first}
	at := map[uint64]int{}
	add := func(e hub.Event) {
		if i, ok := at[e.Exchange]; ok && e.Kind == hub.ExchangeChanged {
			all[i] = e
			return
		}
		if delete(at, e.Exchange); e.Kind == hub.ExchangeChanged {
			at[e.Exchange] = len(all)
		}
		all = append(all, e)
	}
	for {
		select {
		case e, open := <-more:
			if !open {
				return all
			}
			add(e)
		default:
			return all
		}
	}
}

// pageSession is a session, and what ends it where its page is gone: nil while there is a page.
type pageSession struct {
	*hub.Session
	ends *time.Timer
}

// open is for a page that comes, or comes back: wanted is the session that it had. Where another page has that, as the copy
// of a tab would, it gets one of its own.
func (p *Page) open(wanted string) (id string, s *hub.Session, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if kept := p.sessions[wanted]; kept != nil && kept.ends != nil && kept.ends.Stop() {
		kept.ends = nil
		return wanted, kept.Session, nil
	}
	if len(p.sessions) >= maxSessions {
		return "", nil, fmt.Errorf("%d pages are open: close one", maxSessions)
	}
	id = rand.Text()
	if s, err = p.hub.Attach("browser " + id[:4]); err != nil {
		return "", nil, err
	}
	p.sessions[id] = &pageSession{Session: s}
	return id, s, nil
}

// leave ends a session, if its page does not come back.
func (p *Page) leave(id string, s *hub.Session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if kept := p.sessions[id]; kept != nil {
		kept.ends = time.AfterFunc(p.reloadTime, func() {
			p.mu.Lock()
			delete(p.sessions, id)
			p.mu.Unlock()
			s.Close()
		})
	}
}

func (p *Page) session(id string) (*hub.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s, ok := p.sessions[id]; ok {
		return s.Session, nil
	}
	return nil, errSession
}
