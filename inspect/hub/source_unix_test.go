//go:build unix

package hub

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSourceOfFiles: only regular files are read, and none that is larger than source is.
func TestSourceOfFiles(t *testing.T) {
	h := New(Options{})
	defer h.Close()
	dir := t.TempDir()
	name := func(name string) string { return filepath.Join(dir, name) }
	if err := syscall.Mkfifo(name("fifo.py"), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"zero.py": "/dev/zero", "folder.py": dir, "good.py": name("source")} {
		if err := os.Symlink(to, name(link)); err != nil {
			t.Fatal(err)
		}
	}
	for file, size := range map[string]int{"source": 10, "large.py": MaxSource + 1, "full.py": MaxSource} {
		if err := os.WriteFile(name(file), []byte(strings.Repeat("#", size)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for file, wrong := range map[string]string{
		"fifo.py": "no regular file", "zero.py": "no regular file", "folder.py": "no regular file", "large.py": "more than 1048576 bytes",
		"absent.py": "no such file", "good.py": "", "full.py": "",
	} {
		text, err := h.SourceOf(name(file))
		if wrong == "" && (err != nil || text == "") || wrong != "" && (err == nil || !strings.Contains(err.Error(), wrong)) {
			t.Errorf("%s: %d bytes, %v", file, len(text), err)
		}
	}
}
