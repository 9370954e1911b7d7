// Package suite runs the tests of a package. `go test ./...` uses nothing but Go, whatever the machine has, so that it finds the
// same everywhere, and soon. What uses more, as packages of Debian and npm, a browser or root's rights, is tested where CI is set.
package suite

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// sideBySide is how many tests run at the same time, unless -parallel says otherwise: more than there are cores, because most
// wait for a process that they have started, for an answer, or for one that does not come.
const sideBySide = 8

// Run runs the tests of a package side by side, as its TestMain.
func Run(m *testing.M) (code int) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		flag.Set("test.parallel", strconv.Itoa(sideBySide))
	}
	return m.Run()
}

// Whole says whether CI is set: then everything is tested, and what is missing fails.
func Whole() bool { return os.Getenv("CI") != "" }

// NeedsMore skips a test that uses more than Go, unless CI is set.
func NeedsMore(t testing.TB) {
	t.Helper()
	if !Whole() {
		t.Skip("uses more than Go: CI=true runs it, after .ci/packages")
	}
}

// oneOf is how many there are, of many alike, to each that is tried where CI is not set.
const oneOf = 12

// Sample says whether to try what stands at this place among many alike: in CI everything, elsewhere one of twelve.
func Sample(place int) bool { return Whole() || place%oneOf == 0 }

// Long skips a test that takes seconds, with -short.
func Long(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes seconds")
	}
}

// Program is the path of a program that a test uses, by its name or its path. Without CI the test is skipped.
func Program(t testing.TB, name string) (path string) {
	t.Helper()
	NeedsMore(t)
	for _, candidate := range []string{name, filepath.Join("/usr/sbin", name)} { // which is not in the PATH of every user
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	t.Fatalf("%s is missing: .ci/packages installs it", name)
	return ""
}
