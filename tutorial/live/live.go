package live

import (
	"context"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"sync"

	"glasswsgi/inspect/hub"
	"glasswsgi/inspect/page"
	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
	"glasswsgi/tutorial"
	"glasswsgi/tutorial/learn"
)

// Options say what main knows.
type Options struct {
	Version string
	Source  fs.FS // Go source of glass, to show the lines of its steps
	Start   Start
}

// Start runs an application, FILE.py:CALLABLE in a folder, in Python, with a debugger in it.
type Start func(ctx context.Context, dir, app string, debugger cpython.Debugger) (wsgi.Application, func(), error)

// Inspector is the http.Handler of the page, at page.Prefix.
type Inspector struct {
	course  *learn.Course
	options Options
	hub     *hub.Hub
	page    *page.Page
	glass   *glass
	ctx     context.Context
	stop    context.CancelFunc

	mu      sync.Mutex
	places  map[string]*place // by the name of the exercise
	attempt map[string]shown  // the last one that was recorded, by the same
}

// place is where an exercise can be reached.
type place struct {
	exercise *tutorial.Exercise
	relay    *relay       // to the learner's server, if the exercise is one
	glass    net.Listener // of glass itself
}

// New makes the inspector of a course, which follows its attempts until it is closed.
func New(course *learn.Course, o Options) *Inspector {
	i := &Inspector{course: course, options: o, places: map[string]*place{}, attempt: map[string]shown{}}
	i.ctx, i.stop = context.WithCancel(context.Background())
	i.hub = hub.New(hub.Options{Source: o.Source, Record: true})
	i.glass = &glass{inspector: i}
	i.glass.server = server.New(i.glass.config(o.Version))
	i.hub.Watch(i.glass.server)
	i.page = page.New(i.hub, page.Options{App: "glass learn", Version: o.Version, Server: i.beside, Framed: true})
	events, stop := course.Listen()
	context.AfterFunc(i.ctx, stop)
	go func() {
		for {
			select {
			case <-i.ctx.Done():
				return
			case e := <-events:
				if e.Attempt != nil {
					i.Show(e.Attempt)
				}
			}
		}
	}()
	return i
}

// ServeHTTP implements http.Handler.
func (i *Inspector) ServeHTTP(w http.ResponseWriter, r *http.Request) { i.page.ServeHTTP(w, r) }

// Path opens the page; the token is in it.
func (i *Inspector) Path() string { return page.Prefix + "?token=" + i.page.Token() }

// Address is where the learner's own requests go, to be seen: to the learner's server, or to glass with the learner's
// application; "" where the exercise is neither.
func (i *Inspector) Address(e *tutorial.Exercise) string {
	p, err := i.place(e)
	switch {
	case err != nil:
		return ""
	case p.relay != nil:
		return p.relay.listener.Addr().String()
	case e.App() != "":
		return p.glass.Addr().String()
	}
	return ""
}

// place opens the ports of an exercise, when they are first asked for.
func (i *Inspector) place(e *tutorial.Exercise) (*place, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if p := i.places[e.Name()]; p != nil {
		return p, nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &place{exercise: e, glass: listener}
	if e.Server() {
		if p.relay, err = i.newRelay(e); err != nil {
			listener.Close()
			return nil, err
		}
		go p.relay.serve()
	}
	go i.glass.server.Serve(i.ctx, listener)
	i.places[e.Name()] = p
	return p, nil
}

// placeOf finds the place of glass by its port.
func (i *Inspector) placeOf(port string) *place {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, p := range i.places {
		if strings.HasSuffix(p.glass.Addr().String(), ":"+port) {
			return p
		}
	}
	return nil
}

// beside is where glass answers the same bytes: with the application of the exercise, if there is one.
func (i *Inspector) beside(x *hub.Exchange) string {
	if x.Outside != nil {
		for _, u := range i.course.Units {
			if u.Exercise != nil && u.ID() == x.Outside.Server {
				if p, err := i.place(u.Exercise); err == nil {
					return p.glass.Addr().String()
				}
			}
		}
	}
	for _, v := range x.Environ {
		if v.Name == "SERVER_PORT" {
			return net.JoinHostPort("127.0.0.1", v.Value)
		}
	}
	return ""
}

// Close ends what the inspector started.
func (i *Inspector) Close() {
	i.stop()
	i.page.Close()
	i.hub.Close() // what is stopped goes on, so that it can end
	i.mu.Lock()
	for _, p := range i.places {
		p.glass.Close()
		if p.relay != nil {
			p.relay.close()
		}
	}
	i.mu.Unlock()
	i.glass.close()
}
