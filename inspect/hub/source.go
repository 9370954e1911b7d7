package hub

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// SourceOf is the text of a source file by its Place.File: of Go, from the binary; of Python, from the worker that runs
// it, or from the disk.
func (h *Hub) SourceOf(file string) (string, error) {
	if !strings.HasSuffix(file, ".go") {
		return h.pythonSource(file)
	}
	if h.options.Source == nil {
		return "", fmt.Errorf("%s: this hub brings no Go source", file)
	}
	text, err := fs.ReadFile(h.options.Source, ownPath(file))
	return string(text), err
}

// ownPath is the path of one of our source files relative to the module, where it is named in a checkout.
func ownPath(file string) string {
	for _, folder := range []string{"/server/", "/parser/", "/runtime/"} {
		if i := strings.LastIndex(file, folder); i >= 0 {
			return file[i+1:]
		}
	}
	return file
}

func (h *Hub) pythonSource(file string) (string, error) {
	text, err := anyWorker[string](h, message{"command": "source", "file": file})
	if errors.Is(err, ErrNoPython) || errors.Is(err, ErrNoAnswer) {
		return readSource(file)
	}
	return text, err
}

// readSource reads a regular file, and no more of it than a source file has: a FIFO would wait for a writer, and a device
// has no end.
func readSource(path string) (string, error) {
	if at, err := os.Stat(path); err != nil {
		return "", err
	} else if !at.Mode().IsRegular() {
		return "", fmt.Errorf("%s is no regular file: only those are shown", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, MaxSource+1))
	if len(text) > MaxSource {
		return "", fmt.Errorf("%s has more than %d bytes: it is not shown", path, MaxSource)
	}
	return string(text), err
}

// sourceLine is one line of Go, without its indent; "" where it is not known.
func (h *Hub) sourceLine(at Place) string {
	text, err := h.SourceOf(at.File)
	if err != nil {
		return ""
	}
	lines := strings.Split(text, "\n")
	if at.Line < 1 || at.Line > len(lines) {
		return ""
	}
	return strings.TrimSpace(lines[at.Line-1])
}

// BreakpointLines are the lines of a source file where a breakpoint can stop, in order: of Go those that make a step,
// of Python those that have code.
func (h *Hub) BreakpointLines(file string) ([]int, error) {
	text, err := h.SourceOf(file)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(file, ".go") {
		return goLines(text)
	}
	return h.pythonLines(file)
}

func (h *Hub) pythonLines(file string) ([]int, error) {
	return anyWorker[[]int](h, message{"command": "lines", "file": file})
}

// goLines are the lines that make steps: they call a method of a field that is named watch.
func goLines(text string) ([]int, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var lines []int
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || method.Sel.Name == "Unseen" || method.Sel.Name == "Sent" {
			return true
		}
		if field, ok := method.X.(*ast.SelectorExpr); ok && field.Sel.Name == "watch" {
			lines = append(lines, files.Position(method.Sel.Pos()).Line)
		}
		return true
	})
	slices.Sort(lines)
	return slices.Compact(lines), nil
}

// setBreakpoints replaces all breakpoints, and returns what waits for a worker to say where they lie. The caller holds
// the lock, and waits without it.
func (h *Hub) setBreakpoints(list []Breakpoint) (wait func() []placed) {
	h.breakpoints = nil
	for _, b := range list {
		if b.ID == 0 {
			h.lastBP++
			b.ID = h.lastBP
		}
		h.lastBP = max(h.lastBP, b.ID)
		h.verify(&b)
		h.breakpoints = append(h.breakpoints, &b)
	}
	return h.tellBreakpoints()
}

// placeBreakpoints takes note of where breakpoints in Python have come to lie. The caller holds the lock.
func (h *Hub) placeBreakpoints(where []placed) {
	for _, at := range where {
		for _, b := range h.breakpoints {
			if b.ID == at.ID {
				b.Verified, b.Message = at.Message == "", at.Message
				if b.Verified {
					b.File, b.Line = at.File, at.Line
				}
			}
		}
	}
}

// verify says whether a breakpoint can ever stop anything, and moves it to the line where it will.
func (h *Hub) verify(b *Breakpoint) {
	b.Verified, b.Message = true, ""
	if err := b.check(h.hasStep); err != nil {
		b.Verified, b.Message = false, err.Error()
		return
	}
	if b.Kind != AtLine || !strings.HasSuffix(b.File, ".go") {
		if b.Kind != AtStage && !h.python.enabled {
			b.Verified, b.Message = false, ErrNoPython.Error()
		}
		return
	}
	lines, err := h.BreakpointLines(b.File)
	if err != nil {
		b.Verified, b.Message = false, err.Error()
		return
	}
	for _, line := range lines {
		if line >= b.Line {
			b.Line = line
			return
		}
	}
	b.Verified, b.Message = false, fmt.Sprintf("no line from %d on makes a step: the server stops where it tells its watch", b.Line)
}
