package command

import (
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settleTime is how long the files must be quiet before the workers are replaced: editors write in several steps.
const settleTime = 100 * time.Millisecond

// changes watches the files of an application that is being written, for --reload.
type changes struct {
	watcher *fsnotify.Watcher
	sources string // how the names of those files end
	changed func(path string)
	log     *slog.Logger
}

// watchChanges calls changed after each change of a source file in the folders or below them, when the files have
// settled, until stop.
func watchChanges(folders []string, sources string, log *slog.Logger, changed func(path string)) (stop func(), err error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("--reload: %w", err)
	}
	c := &changes{watcher: watcher, sources: sources, changed: changed, log: log}
	for _, dir := range folders {
		c.watchBelow(dir)
	}
	go c.watch()
	return func() { watcher.Close() }, nil
}

// folders are where the application's own files can be.
func (a *application) folders() []string {
	dir := a.Chdir
	if dir == "" {
		dir = "."
	}
	folders := append([]string{dir}, a.Pythonpath...)
	if file, _, _ := strings.Cut(a.App, ".py"); file != a.App {
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		folders = append(folders, filepath.Dir(file))
	}
	return folders
}

// watchBelow watches a folder and those in it, without the ones that hold no code of the user's.
func (c *changes) watchBelow(dir string) {
	filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return nil
		}
		name := entry.Name()
		if path != dir && (strings.HasPrefix(name, ".") || name == "__pycache__" || name == "node_modules" || name == "site-packages") {
			return fs.SkipDir
		}
		if err := c.watcher.Add(path); err != nil {
			c.log.Warn("--reload cannot watch a folder", "folder", path, "error", err)
		}
		return nil
	})
}

func (c *changes) watch() {
	settled := time.NewTimer(settleTime)
	settled.Stop()
	latest := ""
	for {
		select {
		case event, open := <-c.watcher.Events:
			if !open {
				return
			}
			if event.Has(fsnotify.Create) {
				c.watchBelow(event.Name) // does nothing for a file
			}
			if strings.HasSuffix(event.Name, c.sources) && !event.Has(fsnotify.Chmod) {
				latest = event.Name
				settled.Reset(settleTime)
			}
		case err, open := <-c.watcher.Errors:
			if !open {
				return
			}
			c.log.Warn("--reload: " + err.Error())
		case <-settled.C:
			c.changed(latest)
		}
	}
}
