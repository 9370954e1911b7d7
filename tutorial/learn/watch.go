package learn

import (
	"context"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"glasswsgi/tutorial"
)

const (
	settle       = 60 * time.Millisecond  // an editor saves in several steps
	pollInterval = 400 * time.Millisecond // where nobody tells of changes: network folders, WSL, some containers
)

// Watch tells which exercise has other files than before, until the context ends. It polls when it is asked to, and when
// the system cannot watch.
func (c *Course) Watch(ctx context.Context, poll bool) <-chan *tutorial.Exercise {
	changed := make(chan *tutorial.Exercise)
	digests := c.digests()
	var events <-chan fsnotify.Event
	var lost <-chan error // such as too many events at once: then all is looked at anew, as for any event
	var ticks <-chan time.Time
	watcher, err := c.watcher(poll)
	if err == nil && watcher != nil {
		events, lost = watcher.Events, watcher.Errors
	} else {
		ticker := time.NewTicker(pollInterval)
		context.AfterFunc(ctx, ticker.Stop)
		ticks = ticker.C
	}
	go func() {
		defer close(changed)
		if watcher != nil {
			defer watcher.Close()
		}
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks:
			case <-lost:
			case _, open := <-events:
				if !open {
					return
				}
				drain(ctx, events)
			}
			now := c.digests()
			for _, u := range c.Units {
				if e := u.Exercise; e != nil && now[e.Name()] != digests[e.Name()] {
					select {
					case changed <- e:
					case <-ctx.Done():
						return
					}
				}
			}
			digests = now
		}
	}()
	return changed
}

// drain waits until nothing more is heard for a moment.
func drain(ctx context.Context, events <-chan fsnotify.Event) {
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-events:
			if !open {
				return
			}
		case <-time.After(settle):
			return
		}
	}
}

// watcher watches the folders of all exercises; nil, if it is to poll.
func (c *Course) watcher(poll bool) (*fsnotify.Watcher, error) {
	if poll {
		return nil, nil
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	for _, u := range c.Units {
		if u.Exercise == nil {
			continue
		}
		err := filepath.WalkDir(c.Work(u.Exercise).Dir, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() && entry.Name() != "__pycache__" {
				err = w.Add(path)
			}
			return err
		})
		if err != nil {
			w.Close()
			return nil, err
		}
	}
	return w, nil
}

func (c *Course) digests() map[string]string {
	all := map[string]string{}
	for _, u := range c.Units {
		if u.Exercise != nil {
			all[u.Exercise.Name()] = digest(c.Work(u.Exercise).Dir)
		}
	}
	return all
}
