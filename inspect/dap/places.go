package dap

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-dap"

	"glasswsgi/inspect/hub"
)

// places gives numbers to what the editor may ask for later: frames, scopes and values, until the exchange goes on, and
// sources, for good.
type places struct {
	mu      sync.Mutex
	last    int
	frames  map[int]framePlace
	values  map[int]valuePlace
	sources []string // a sourceReference is an index, from 1
}

type framePlace struct {
	exchange uint64
	frame    int         // of the hub
	past     *hub.Moment // a moment that was recorded, in place of a frame
}

// valuePlace has the reference that the hub gave, or the values themselves.
type valuePlace struct {
	exchange  uint64
	reference int
	values    []dap.Variable
}

var errGone = errors.New("that is gone: the exchange went on")

// forget drops what belonged to an exchange; 0 is all of them.
func (p *places) forget(exchange uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if exchange == 0 {
		p.frames, p.values = map[int]framePlace{}, map[int]valuePlace{}
		return
	}
	for id, f := range p.frames {
		if f.exchange == exchange {
			delete(p.frames, id)
		}
	}
	for id, v := range p.values {
		if v.exchange == exchange {
			delete(p.values, id)
		}
	}
}

func (p *places) addFrame(f framePlace) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	p.frames[p.last] = f
	return p.last
}

func (p *places) frame(id int) (framePlace, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f, ok := p.frames[id]
	if !ok {
		return f, errGone
	}
	return f, nil
}

func (p *places) addValue(v valuePlace) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	p.values[p.last] = v
	return p.last
}

func (p *places) value(id int) (valuePlace, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, ok := p.values[id]
	if !ok {
		return v, errGone
	}
	return v, nil
}

// source is a file as the editor finds it: by its path, or, where it is not there, by a number under which glass gives it
// away.
func (s *session) source(file string) *dap.Source {
	if file == "" {
		return nil
	}
	if path := s.onDisk(file); path != "" {
		return &dap.Source{Name: filepath.Base(file), Path: path}
	}
	origin := "from the worker"
	if isGo(file) {
		origin = "from the glass binary"
	}
	return &dap.Source{Name: file, SourceReference: s.places.sourceNumber(file), Origin: origin}
}

// onDisk is where the editor can open a file; "" where it cannot, or a checkout has another text than what runs.
func (s *session) onDisk(file string) string {
	if !isGo(file) {
		if absolute, err := filepath.Abs(file); err == nil {
			if _, err := os.Stat(absolute); err == nil {
				return absolute
			}
		}
		return ""
	}
	if s.Checkout == "" {
		return ""
	}
	path := filepath.Join(s.Checkout, filepath.FromSlash(file))
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	if runs, err := s.Hub.SourceOf(file); err != nil || runs != string(text) {
		return ""
	}
	return path
}

// stepFiles are where the files lie that make steps.
var stepFiles = []string{"server/*.go", "runtime/wsgi/*.go"}

// loadedSources are the server's files in which a breakpoint can stop, and all that the editor was given a number for.
func (s *session) loadedSources() []dap.Source {
	var files []string
	if s.Source != nil {
		for _, pattern := range stepFiles {
			found, _ := fs.Glob(s.Source, pattern)
			files = append(files, found...)
		}
	}
	files = slices.DeleteFunc(files, func(file string) bool {
		lines, err := s.Hub.BreakpointLines(file)
		return err != nil || len(lines) == 0
	})
	s.places.mu.Lock()
	for _, file := range s.places.sources {
		if !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	s.places.mu.Unlock()
	sources := []dap.Source{}
	for _, file := range files {
		sources = append(sources, *s.source(file))
	}
	return sources
}

func isGo(file string) bool { return strings.HasSuffix(file, ".go") }

func (p *places) sourceNumber(file string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, known := range p.sources {
		if known == file {
			return i + 1
		}
	}
	p.sources = append(p.sources, file)
	return len(p.sources)
}

// file is the hub's name of a source that the editor names.
func (s *session) file(source dap.Source) string {
	s.places.mu.Lock()
	if n := source.SourceReference; n > 0 && n <= len(s.places.sources) {
		defer s.places.mu.Unlock()
		return s.places.sources[n-1]
	}
	s.places.mu.Unlock()
	if !isGo(source.Path) {
		return source.Path
	}
	if inside, err := filepath.Rel(s.Checkout, source.Path); s.Checkout != "" && err == nil && filepath.IsLocal(inside) {
		return filepath.ToSlash(inside)
	}
	path := filepath.ToSlash(source.Path) // another checkout: what matters is the package
	for _, folder := range []string{"server/", "parser/", "runtime/"} {
		if i := strings.LastIndex(path, "/"+folder); i >= 0 {
			return path[i+1:]
		}
	}
	return path
}
