package compare

import (
	"bufio"
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

//go:embed recorder.py
var recorderSource []byte

const startPatience = 60 * time.Second // for a Python to start and to import the application

// Python says how to run a Python program.
type Python struct {
	Path    string
	Environ []string
	Dir     string   // the working directory; empty: ours
	Import  []string // more folders to import from
}

// Recorder is the file that runs an application behind the recorder, in a folder of its own.
type Recorder struct {
	File    string   // FILE.py, with the callable `application`
	Environ []string // what it needs
	folder  string
}

// NewRecorder writes the recorder to a folder. app is MODULE:CALLABLE or FILE.py[:CALLABLE]; port is a Listener's, or
// 0: nothing is recorded.
func NewRecorder(app string, port int) (*Recorder, error) {
	folder, err := os.MkdirTemp("", "glass-compare-")
	if err != nil {
		return nil, err
	}
	r := &Recorder{File: filepath.Join(folder, "glass_recorder.py"), folder: folder, Environ: []string{"GLASS_COMPARE_APP=" + app}}
	if port != 0 {
		r.Environ = append(r.Environ, fmt.Sprintf("GLASS_COMPARE_PORT=%d", port))
	}
	if err := os.WriteFile(r.File, recorderSource, 0o600); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Close removes the folder.
func (r *Recorder) Close() { os.RemoveAll(r.folder) }

// Wsgiref is a wsgiref that serves the application.
type Wsgiref struct {
	Address string
	process *exec.Cmd
	ended   chan struct{}
	stop    sync.Once
}

// StartWsgiref starts one, and returns when it listens.
func StartWsgiref(p Python, r *Recorder) (*Wsgiref, error) {
	process := exec.Command(p.Path, r.File)
	process.Dir = p.Dir
	path := strings.Join(append([]string{dir(p.Dir)}, p.Import...), string(os.PathListSeparator))
	process.Env = append(append(p.Environ, r.Environ...), "PYTHONPATH="+path)
	var complaint bytes.Buffer
	process.Stderr = &complaint
	out, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if _, err := process.StdinPipe(); err != nil { // it ends when this closes: nothing outlives us
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("cannot start wsgiref: %w", err)
	}
	w := &Wsgiref{process: process, ended: make(chan struct{})}
	ready := make(chan error, 1)
	go func() {
		line, err := bufio.NewReader(out).ReadString('\n')
		if err == nil {
			w.Address = "127.0.0.1:" + strings.TrimSpace(line)
			ready <- nil
			io.Copy(io.Discard, out) // what the application prints
		}
		process.Wait()
		if err != nil {
			ready <- fmt.Errorf("wsgiref did not start:\n%s", strings.TrimSpace(complaint.String()))
		}
		close(w.ended)
	}()
	select {
	case err = <-ready:
	case <-time.After(startPatience):
		err = errors.New("wsgiref did not start in time")
	}
	if err != nil {
		w.Stop()
		return nil, err
	}
	return w, nil
}

func dir(d string) string {
	if absolute, err := filepath.Abs(d); err == nil {
		return absolute
	}
	return d
}

// Stop ends it.
func (w *Wsgiref) Stop() {
	w.stop.Do(func() {
		w.process.Process.Kill()
		<-w.ended
	})
}
