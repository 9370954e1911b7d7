package live

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
	"glasswsgi/tutorial"
)

// glassPatience is what a request to glass has, where it is not the learner who holds it up.
const glassPatience = 10 * time.Second

// glass is this server itself, with the application of the exercise whose port was asked: one application at a time, in
// one Python.
type glass struct {
	inspector *Inspector
	server    *server.Server

	mu       sync.Mutex
	exercise *tutorial.Exercise
	app      string // what runs; "" nothing
	running  wsgi.Application
	stop     func()
	chosen   map[string]string // by the name of an exercise: the application of it that a check was about
}

func (g *glass) config(version string) server.Config {
	return server.Config{
		Application: g, Software: "glass/" + version, Limits: parser.DefaultLimits,
		ReadTimeout: glassPatience, WriteTimeout: glassPatience, KeepAlive: glassPatience, MaxConnections: 64,
		Errors: io.Discard, Log: slog.New(slog.DiscardHandler),
	}
}

// Call implements wsgi.Application.
func (g *glass) Call(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	app, err := g.application(environ.Value("SERVER_PORT"))
	if err != nil {
		return nil, err
	}
	return app.Call(environ, startResponse)
}

// application is the one that the port is for.
func (g *glass) application(port string) (wsgi.Application, error) {
	if p := g.inspector.placeOf(port); p != nil {
		return g.start(p)
	}
	return native.Callable(alwaysTheSame), nil
}

// start is the application of an exercise, started if it does not run.
func (g *glass) start(p *place) (wsgi.Application, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	app := p.exercise.App()
	if chosen := g.chosen[p.exercise.Name()]; chosen != "" {
		app = chosen
	}
	switch {
	case app == "" || g.inspector.options.Start == nil:
		return native.Callable(alwaysTheSame), nil
	case g.running != nil && g.exercise == p.exercise && g.app == app:
		return g.running, nil
	}
	g.end()
	dir := g.inspector.course.Work(p.exercise).Dir
	running, stop, err := g.inspector.options.Start(g.inspector.ctx, dir, app, g.inspector.hub.Debugger())
	if err != nil {
		return nil, err
	}
	g.exercise, g.app, g.running, g.stop = p.exercise, app, running, stop
	return running, nil
}

// alwaysTheSame is for exercises that have no application: it answers what chapter 2 has its servers answer.
func alwaysTheSame(_ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	_, err := startResponse("200 OK", []wsgi.Header{{Name: "Content-Type", Value: "text/html;charset=utf-8"}}, nil)
	return native.Body("<h1>你好</h1>"), err
}

// choose says which application of an exercise is meant.
func (g *glass) choose(e *tutorial.Exercise, app string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.chosen == nil {
		g.chosen = map[string]string{}
	}
	g.chosen[e.Name()] = app
}

// forget ends the application of an exercise: the next request starts what is there now.
func (g *glass) forget(e *tutorial.Exercise) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.exercise == e {
		g.end()
	}
}

// end is for callers that hold the lock.
func (g *glass) end() {
	if g.running != nil {
		g.stop()
	}
	g.running, g.exercise, g.app = nil, nil, ""
}

func (g *glass) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	g.server.Shutdown(ctx)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.end()
}
