package embedded

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"glasswsgi/check/suite"
)

func TestUnpack(t *testing.T) {
	t.Setenv("PYTHONHOME", "/nowhere")
	var progress bytes.Buffer
	interpreter, err := Unpack(&progress)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(interpreter.Path, "-c", "import sys, site; print(sys.version.split()[0], site.ENABLE_USER_SITE)")
	command.Env = interpreter.Environ()
	out, err := command.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != Version+" True" {
		t.Errorf("got %s, %v", out, err)
	}
	progress.Reset()
	if _, err := Unpack(&progress); err != nil || progress.Len() > 0 {
		t.Errorf("the second time it says %q, %v", progress.String(), err)
	}
}

// Two first starts at the same time get the same Python. This unpacks 144 MB.
func TestUnpackAtTheSameTime(t *testing.T) {
	suite.Long(t)
	folder := filepath.Join(t.TempDir(), "glass")
	if err := ownFolder(folder); err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	var progress bytes.Buffer
	paths := make([]string, 2)
	for i := range paths {
		both.Go(func() {
			var out *bytes.Buffer
			if i == 0 {
				out = &progress
			}
			interpreter, err := unpackInto(folder, writerOrNil(out))
			if err != nil {
				t.Error(err)
			}
			paths[i] = interpreter.Path
		})
	}
	both.Wait()
	if paths[0] == "" || paths[0] != paths[1] {
		t.Errorf("got %q", paths)
	}
	if out, err := exec.Command(paths[0], "-c", "print(1)").CombinedOutput(); err != nil || string(out) != "1\n" {
		t.Errorf("got %s, %v", out, err)
	}
	if got := progress.String(); !strings.HasPrefix(got, "unpacking embedded CPython 3.14.6, once: 144 MB into ") {
		t.Errorf("progress: %q", got)
	}
}

// writerOrNil keeps a nil pointer from becoming a writer that is not nil.
func writerOrNil(b *bytes.Buffer) interface{ Write([]byte) (int, error) } {
	if b == nil {
		return nil
	}
	return b
}

// A folder that somebody else could have filled is refused.
func TestForeignFolders(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("access rights are not checked on Windows")
	}
	dir := t.TempDir()
	open := filepath.Join(dir, "open")
	os.Mkdir(open, 0o700)
	os.Chmod(open, 0o777)
	link := filepath.Join(dir, "link")
	os.Symlink(dir, link)
	file := filepath.Join(dir, "file")
	os.WriteFile(file, nil, 0o600)
	for folder, want := range map[string]string{
		open: "others may write to it", link: "symbolic link", filepath.Join(file, "glass"): "XDG_CACHE_HOME",
	} {
		if err := ownFolder(folder); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", folder, err, want)
		}
	}
	if os.Geteuid() == 0 {
		foreign := filepath.Join(dir, "foreign")
		os.Mkdir(foreign, 0o700)
		os.Chown(foreign, 12345, 12345)
		if err := ownFolder(foreign); err == nil || !strings.Contains(err.Error(), "belongs to user 12345") {
			t.Errorf("got %v", err)
		}
	}
}

func TestNoHome(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no HOME")
	}
	t.Setenv("HOME", "")
	t.Setenv("XDG_CACHE_HOME", "")
	if _, err := Unpack(nil); err == nil || !strings.Contains(err.Error(), "set HOME or XDG_CACHE_HOME") {
		t.Errorf("got %v", err)
	}
}
