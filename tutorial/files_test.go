package tutorial

import (
	"io/fs"
	"testing"
	"testing/fstest"
)

// memory is a course in memory.
type memory map[string][]byte

func (m memory) Open(name string) (fs.File, error) {
	files := fstest.MapFS{}
	for path, text := range m {
		files[path] = &fstest.MapFile{Data: text}
	}
	return files.Open(name)
}

// copyOf takes a chapter of the course for a test to change.
func copyOf(t *testing.T, folder string) memory {
	t.Helper()
	m := memory{}
	err := fs.WalkDir(Files, folder, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			m[name], err = fs.ReadFile(Files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
