package command

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"testing"

	"glasswsgi/check/suite"
)

// TestUSBWithoutGo: where there is no Go, the folder gets the binary that runs, and says so. It works from there.
func TestUSBWithoutGo(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	folder := filepath.Join(t.TempDir(), "usb")
	make := command(t, "learn", "usb", folder)
	make.Env = append(make.Env, "PATH="+t.TempDir())
	out, err := make.CombinedOutput()
	name := binaryName(goruntime.GOOS, goruntime.GOARCH)
	if err != nil || !strings.Contains(string(out), "there is no Go on this machine") || !strings.Contains(string(out), name) {
		t.Fatalf("%v\n%s", err, out)
	}
	checkUSB(t, folder, name)

	list := exec.CommandContext(t.Context(), filepath.Join(folder, name), "learn", "--dir", t.TempDir(), "--lang", "zh", "list")
	list.Env = command(t).Env
	if out, err := list.CombinedOutput(); err != nil || !strings.Contains(string(out), "两个角色") {
		t.Errorf("the binary in the folder: %v\n%s", err, out)
	}

	again := command(t, "learn", "usb", folder) // the folder is its own
	again.Env = append(again.Env, "PATH="+t.TempDir())
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("a second time: %v\n%s", err, out)
	}
	checkUSB(t, folder, name)
}

// checkUSB looks for what a room needs, and compares every file with its checksum.
func checkUSB(t *testing.T, folder string, binaries ...string) {
	t.Helper()
	for _, name := range append(binaries, "BEGIN.en.md", "BEGIN.zh.md", "documents/README.md", "documents/docs/TRACE.md",
		"course/PLAN.txt", "course/python/02-socket/always-the-same/server.py", "course/go/02-socket/always-the-same/main.go") {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
	begin, _ := os.ReadFile(filepath.Join(folder, "BEGIN.zh.md"))
	list, err := os.ReadFile(filepath.Join(folder, sumsFile))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(list)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		content, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		if hash := sha256.Sum256(content); !ok || err != nil || hex.EncodeToString(hash[:]) != sum {
			t.Errorf("%s: %v, or another checksum", name, err)
		}
		listed[name] = true
	}
	for _, name := range binaries {
		if !listed[name] || !strings.Contains(string(begin), name) {
			t.Errorf("%s is not in %s, or not in BEGIN.zh.md:\n%s", name, sumsFile, begin)
		}
	}
}

// TestUSBBuilds: with Go and the source, there is a binary for what is asked for; what cannot be built is said and left out.
func TestUSBBuilds(t *testing.T) {
	t.Parallel()
	folder, source := filepath.Join(t.TempDir(), "usb"), t.TempDir() // the module's name is all that counts, and this one builds in a second
	for name, text := range map[string]string{"go.mod": "module glasswsgi\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() {}\n"} {
		if err := os.WriteFile(filepath.Join(source, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	here := goruntime.GOOS + "/" + goruntime.GOARCH
	got := glass(t, "", "learn", "usb", folder, "--source", source, "--target", here+",none/none")
	name := binaryName(goruntime.GOOS, goruntime.GOARCH)
	if got.code != 0 || !strings.Contains(got.out, "building "+name) || !strings.Contains(got.err, "glass-none-none is left out") {
		t.Fatalf("%+v", got)
	}
	checkUSB(t, folder, name)
	if info, err := os.Stat(filepath.Join(folder, name)); err != nil || goruntime.GOOS != "windows" && info.Mode()&0o111 == 0 {
		t.Errorf("%v, or it cannot be run", err)
	}
}

// TestUSBRefuses: a folder with other files is left alone.
func TestUSBRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "mine"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	got := glass(t, "", "learn", "usb", folder)
	entries, _ := os.ReadDir(folder)
	if got.code == 0 || !strings.Contains(got.err, "holds other files") || len(entries) != 1 {
		t.Errorf("%+v, %d entries", got, len(entries))
	}
}
