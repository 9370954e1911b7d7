package bench

import (
	"embed"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"glasswsgi/check/peer"
)

//go:embed apps/*.py apps/*.ru apps/*.psgi apps/*.js
var applications embed.FS

// scene is a folder with the applications, and what they need, for as long as servers run.
type scene struct {
	folder string
	file   string // the large one, or empty
}

// newScene writes the applications. The folder can be read by others: Apache serves as another user when root starts it.
func newScene() (s *scene, err error) {
	s = &scene{}
	if s.folder, err = os.MkdirTemp("", "glass-bench-"); err != nil {
		return nil, err
	}
	files, err := fs.Glob(applications, "apps/*")
	if err == nil {
		err = os.Chmod(s.folder, 0o755)
	}
	for _, path := range files {
		text, readErr := applications.ReadFile(path)
		err = errors.Join(err, readErr, os.WriteFile(filepath.Join(s.folder, filepath.Base(path)), text, 0o644))
	}
	err = errors.Join(err, peer.WriteApache(s.folder))
	if err != nil {
		return nil, errors.Join(err, s.remove())
	}
	return s, nil
}

// largeFile makes the file of wsgi.file_wrapper, which takes no room on the disk: it is one hole. It is read once: the
// first server to send it would otherwise wait for pages that all others find in memory.
func (s *scene) largeFile(size int64) error {
	s.file = filepath.Join(s.folder, "large.bin")
	file, err := os.Create(s.file)
	if err != nil {
		return err
	}
	err = file.Truncate(size)
	if err == nil {
		_, err = io.Copy(io.Discard, file)
	}
	return errors.Join(err, file.Close())
}

func (s *scene) remove() error { return os.RemoveAll(s.folder) }

// environ is what a server's process gets, which is run by a Python or, where it is empty, is something else.
func (s *scene) environ(o *Options, python string) []string {
	path := s.folder
	if user := os.Getenv("PYTHONPATH"); user != "" { // where a server may be
		path += string(os.PathListSeparator) + user
	}
	return o.environ(python, "PYTHONPATH="+path, "GLASS_BENCH_FILE="+s.file, "GLASS_BENCH_APP="+o.App, "PYTHONDONTWRITEBYTECODE=1")
}

// environ is ours with some variables set, and with what a Python needs.
func (o *Options) environ(python string, set ...string) (environ []string) {
	if python != "" && python == o.Interpreter {
		set = append(set, o.Environ...)
	}
	changed := map[string]bool{}
	for _, entry := range set {
		name, _, _ := strings.Cut(entry, "=")
		changed[name] = true
	}
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); !changed[name] {
			environ = append(environ, entry)
		}
	}
	for _, entry := range set {
		if strings.Contains(entry, "=") {
			environ = append(environ, entry)
		}
	}
	return environ
}

// fill are the placeholders of a server's command for a workload.
func (s *scene) fill(w *Workload) map[string]string {
	module := "bench_" + w.App
	return map[string]string{"module": module, "dir": s.folder, "file": filepath.Join(s.folder, module+".py"),
		"workers": itoa(w.Workers), "threads": itoa(w.Threads)}
}
