package tutorial

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// goModule is the module of a learner's folder. Its Go version is old enough for any toolchain to build it without
// fetching another.
const goModule = "module course\n\ngo 1.21\n"

// Lay puts the stubs of a chapter's exercises into a learner's folder, in a language where they have it. A file that exists
// is left alone.
func (c *Chapter) Lay(dir, language string) error {
	if err := Put(dir, map[string][]byte{"go.mod": []byte(goModule)}, false); err != nil {
		return err
	}
	for _, e := range c.Exercises {
		stub, err := e.Stub(e.In(language))
		if err == nil {
			err = Put(filepath.Join(dir, filepath.FromSlash(e.Path())), stub, false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// LayServer puts the chapter's server there, where it has one. It solves the exercises, so a learner gets it after them.
func (c *Chapter) LayServer(dir string) error {
	if c.Server == nil {
		return nil
	}
	files, err := c.tree("server")
	if err != nil {
		return err
	}
	return Put(filepath.Join(dir, c.Folder, "server"), files, false)
}

// In is a language in which the exercise can be done: the one that is wished for, if it can be.
func (e *Exercise) In(language string) string {
	for _, l := range e.Languages {
		if l == language {
			return l
		}
	}
	return e.Languages[0]
}

// Put writes files below a folder; those that exist only if they are to be replaced.
func Put(dir string, files map[string][]byte, replace bool) error {
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if _, err := os.Lstat(path); err == nil && !replace {
			continue
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := writeWhole(path, text); err != nil {
			return err
		}
	}
	return nil
}

// writeWhole writes a file whole or not at all: half a stub would be taken for the learner's the next time.
func writeWhole(path string, text []byte) error {
	if err := os.WriteFile(path+".new", text, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
