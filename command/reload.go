package command

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/coreos/go-systemd/v22/daemon"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

// reloads changes the workers beside the loop that obeys signals: new code may take long to load, or hang. It does so once
// at a time. What is asked for meanwhile comes after it, since the files that changed may have been read already.
type reloads struct {
	asked  chan struct{} // holds one
	cancel context.CancelFunc
	ended  chan struct{}

	mu   sync.Mutex
	wish wish
}

// wish is what has been asked for since the latest change.
type wish struct {
	reload bool
	more   int // workers; negative: fewer
}

func newReloads() *reloads {
	return &reloads{asked: make(chan struct{}, 1), ended: make(chan struct{})}
}

// start begins with what was asked for before.
func (r *reloads) start(grant func(ctx context.Context, w wish)) {
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(context.Background())
	go func() {
		defer close(r.ended)
		for {
			select {
			case <-ctx.Done():
				return
			case <-r.asked:
				grant(ctx, r.take())
			}
		}
	}()
}

// ask never waits.
func (r *reloads) ask(w wish) {
	r.mu.Lock()
	if w.reload { // it takes the number of workers from the flags again, whatever was asked for before
		r.wish = w
	} else {
		r.wish.more += w.more
	}
	r.mu.Unlock()
	select {
	case r.asked <- struct{}{}:
	default:
	}
}

func (r *reloads) take() (w wish) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w, r.wish = r.wish, wish{}
	return w
}

// end gives up the one that is under way, and returns when it has ended.
func (r *reloads) end() {
	r.cancel()
	<-r.ended
}

// grant is what signals and --reload ask for. A reload takes the number of workers from the flags again, as gunicorn's does.
func (s *service) grant(ctx context.Context, w wish) {
	s.makeRoom()
	if w.reload {
		s.reload(ctx)
	}
	if w.more != 0 && ctx.Err() == nil {
		s.resize(ctx, w.more)
	}
}

// resize is what SIGTTIN and SIGTTOU ask for: a runtime with more workers, or with fewer, takes the place of this one.
func (s *service) resize(ctx context.Context, more int) {
	flags := *s.running
	flags.Workers = max(1, flags.Workers+more)
	switch _, canRestart := s.runtime().(restarter); {
	case !canRestart:
		s.log.Warn("there are no workers to add or to end: " + flags.shown() + " is a part of glass")
		return
	case flags.Workers == s.running.Workers:
		s.log.Warn("one worker is the least")
		return
	}
	if err := s.replace(ctx, &flags); err != nil && ctx.Err() == nil {
		s.log.Error("the number of workers did not change: " + err.Error())
	}
}

// reload is what SIGHUP and --reload ask for.
func (s *service) reload(ctx context.Context) {
	flags, err := s.flags.reread()
	if err != nil {
		s.log.Error("nothing was reloaded: " + err.Error())
		return
	}
	r, canRestart := s.runtime().(restarter)
	changed, needRestart := s.running.differences(flags)
	if len(needRestart) > 0 {
		s.log.Warn("glass has to be started again for what has changed in the configuration file", "flags", strings.Join(needRestart, " "))
	}
	if !changed && !canRestart {
		s.log.Warn("there is nothing to reload: " + s.flags.shown() + " is a part of glass")
		return
	}
	s.log.Info("replacing the workers")
	s.tellManager(reloading())
	if changed {
		err = s.replace(ctx, s.running.taking(flags))
	} else {
		err = r.Restart(ctx)
	}
	if ctx.Err() != nil {
		return
	}
	s.tellManager(daemon.SdNotifyReady)
	s.explaining.note(err)
	if err != nil {
		s.log.Error("the workers were not replaced: " + err.Error())
	}
}

// explaining is an application that is being written: while it cannot be loaded, every request is told why.
type explaining struct {
	application wsgi.Application
	name        string
	broken      atomic.Pointer[error] // nil: it is loaded
}

// note keeps why the application cannot be loaded, or that it has been. It may be nil: without --reload the code that
// was loaded before goes on.
func (e *explaining) note(err error) {
	switch {
	case e == nil:
	case err == nil:
		e.broken.Store(nil)
	default:
		e.broken.Store(&err)
	}
}

// unready is why every request is told something else.
func (e *explaining) unready() string {
	if e.broken.Load() != nil {
		return "the application cannot be loaded"
	}
	return ""
}

// Call implements wsgi.Application.
func (e *explaining) Call(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	broken := e.broken.Load()
	if broken == nil {
		return e.application.Call(environ, startResponse)
	}
	text := []wsgi.Header{{Name: "Content-Type", Value: "text/plain; charset=utf-8"}}
	if _, err := startResponse("500 Internal Server Error", text, nil); err != nil {
		return nil, err
	}
	return native.Body(fmt.Sprintf("%s cannot be loaded; mend it, and load this page again.\n\n%v\n", e.name, *broken)), nil
}
