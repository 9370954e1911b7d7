package command

import (
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settleTime is how long the files must be quiet before the workers are replaced: editors write in several steps.
const settleTime = 100 * time.Millisecond

// changes watches the files of an application that is being written, for --reload.
type changes struct {
	watcher *fsnotify.Watcher
	sources []string        // how the names of those files end
	extra   map[string]bool // absolute paths of others
	changed func(path string)
	log     *slog.Logger
}

// watchChanges calls changed after each change of a source file in the folders or below them, when the files have
// settled, until stop.
func watchChanges(folders, sources, extra []string, log *slog.Logger, changed func(path string)) (stop func(), err error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("--reload: %w", err)
	}
	c := &changes{watcher: watcher, sources: sources, extra: map[string]bool{}, changed: changed, log: log}
	for _, file := range extra {
		if err := c.watchFile(file); err != nil {
			watcher.Close()
			return nil, fmt.Errorf("--reload-extra-file %s: %w", file, err)
		}
	}
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
	for _, end := range a.kind().sources {
		file, _, isFile := strings.Cut(a.App, end)
		if !isFile {
			continue
		}
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		folders = append(folders, filepath.Dir(file))
	}
	return folders
}

// file is the application's own, whatever its name: site.wsgi. It is "" for a module.
func (a *application) file() string {
	for _, name := range []string{a.App, a.App[:max(0, strings.LastIndexByte(a.App, ':'))]} { // without the callable
		if !filepath.IsAbs(name) {
			name = filepath.Join(a.Chdir, name)
		}
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			return name
		}
	}
	return ""
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

// watchFile watches the folder of a file: editors put a new file in the place of the old one.
func (c *changes) watchFile(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return err
	}
	c.extra[path] = true
	return c.watcher.Add(filepath.Dir(path))
}

// concerns says whether a file is the application's.
func (c *changes) concerns(path string) bool {
	if slices.ContainsFunc(c.sources, func(end string) bool { return strings.HasSuffix(path, end) }) {
		return true
	}
	path, err := filepath.Abs(path)
	return err == nil && c.extra[path]
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
			if c.concerns(event.Name) && !event.Has(fsnotify.Chmod) {
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
