package command

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

// settleTime is how long the files must be quiet before the workers are replaced: editors write in several steps.
const settleTime = 100 * time.Millisecond

// reloading is the Python runtime with --reload. While the application cannot be loaded, every request is told why.
type reloading struct {
	config  cpython.Config
	watcher *fsnotify.Watcher

	mu     sync.RWMutex
	pool   *cpython.Pool // nil while the application has never been loaded
	broken error         // why it cannot be loaded now
}

func startReloading(ctx context.Context, config cpython.Config) (*reloading, error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("--reload: %w", err)
	}
	r := &reloading{config: config, watcher: watcher}
	for _, dir := range r.folders() {
		r.watchBelow(dir)
	}
	if err := r.Restart(ctx); err != nil {
		config.Log.Error("waiting for a change, because the application cannot be loaded: " + err.Error())
	}
	go r.watch()
	return r, nil
}

// folders are where the application's own files can be.
func (r *reloading) folders() []string {
	dir := r.config.Dir
	if dir == "" {
		dir = "."
	}
	folders := append([]string{dir}, r.config.PythonPath...)
	if file, _, _ := strings.Cut(r.config.App, ".py"); file != r.config.App {
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		folders = append(folders, filepath.Dir(file))
	}
	return folders
}

// watchBelow watches a folder and those in it, without the ones that hold no code of the user's.
func (r *reloading) watchBelow(dir string) {
	filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return nil
		}
		name := entry.Name()
		if path != dir && (strings.HasPrefix(name, ".") || name == "__pycache__" || name == "node_modules" || name == "site-packages") {
			return fs.SkipDir
		}
		if err := r.watcher.Add(path); err != nil {
			r.config.Log.Warn("--reload cannot watch a folder", "folder", path, "error", err)
		}
		return nil
	})
}

// watch replaces the workers after each change of a Python file, when the files have settled.
func (r *reloading) watch() {
	settled := time.NewTimer(settleTime)
	settled.Stop()
	changed := ""
	for {
		select {
		case event, open := <-r.watcher.Events:
			if !open {
				return
			}
			if event.Has(fsnotify.Create) {
				r.watchBelow(event.Name) // does nothing for a file
			}
			if strings.HasSuffix(event.Name, ".py") && !event.Has(fsnotify.Chmod) {
				changed = event.Name
				settled.Reset(settleTime)
			}
		case err, open := <-r.watcher.Errors:
			if !open {
				return
			}
			r.config.Log.Warn("--reload: " + err.Error())
		case <-settled.C:
			r.config.Log.Info("replacing the workers", "changed", changed)
			if err := r.Restart(context.Background()); err != nil {
				r.config.Log.Error("the application cannot be loaded: " + err.Error())
			}
		}
	}
}

// Restart loads the application anew.
func (r *reloading) Restart(ctx context.Context) error {
	r.mu.RLock()
	pool := r.pool
	r.mu.RUnlock()
	var err error
	if pool == nil {
		pool, err = cpython.Start(ctx, r.config)
	} else {
		err = pool.Restart(ctx)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken = err
	if err == nil {
		r.pool = pool
	}
	return err
}

// Call implements wsgi.Application.
func (r *reloading) Call(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	r.mu.RLock()
	pool, broken := r.pool, r.broken
	r.mu.RUnlock()
	if broken == nil {
		return pool.Call(environ, startResponse)
	}
	text := []wsgi.Header{{Name: "Content-Type", Value: "text/plain; charset=utf-8"}}
	if _, err := startResponse("500 Internal Server Error", text, nil); err != nil {
		return nil, err
	}
	return native.Body(fmt.Sprintf("%s cannot be loaded; mend it, and load this page again.\n\n%v\n", r.config.App, broken)), nil
}

func (r *reloading) String() string {
	return (&pythonRuntime{config: r.config}).String() + ", reloading"
}

func (r *reloading) concurrency() (multithread, multiprocess bool) {
	return (&pythonRuntime{config: r.config}).concurrency()
}

func (r *reloading) Close(ctx context.Context) error {
	r.watcher.Close()
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.pool == nil {
		return nil
	}
	return r.pool.Close(ctx)
}

func (r *reloading) Kill() {
	r.watcher.Close()
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.pool != nil {
		r.pool.Kill()
	}
}

func (r *reloading) Findings() []cpython.Finding {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.pool == nil {
		return nil
	}
	return r.pool.Findings()
}

func (r *reloading) Nudge() {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.pool != nil {
		r.pool.Nudge()
	}
}
