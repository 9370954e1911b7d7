// Package embedded brings a CPython along in the binary (36 MB), from github.com/kluctl/go-embed-python. In goes
// nothing; out comes a cpython.Interpreter, unpacked into the user's cache folder when it is first asked for. It
// refuses to run from a folder that another user could have written to. Only programs that want those 36 MB import it.
//
// Start reading at Unpack.
package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/kluctl/go-embed-python/python"

	"glasswsgi/runtime/cpython"
)

const (
	// Version is that of the Python inside.
	Version = "3.14.6"
	name    = "embedded CPython " + Version
	build   = "python-3.14.6-20260610-1" // names the folder; the library adds a hash of the contents

	unpackedSize     = 144 << 20
	quietTime        = 300 * time.Millisecond // nothing is said about an unpacking that is over sooner
	progressInterval = 200 * time.Millisecond
)

// Unpack makes the embedded Python ready to run. The first time takes one or two seconds, and progress is told how far
// it is (nil: nobody is); later it takes some milliseconds and is silent. Several processes may do so at once.
func Unpack(progress io.Writer) (cpython.Interpreter, error) {
	folder, err := Folder()
	if err != nil {
		return cpython.Interpreter{}, err
	}
	return unpackInto(folder, progress)
}

func unpackInto(folder string, progress io.Writer) (cpython.Interpreter, error) {
	stop := report(folder, progress)
	unpacked, err := python.NewEmbeddedPythonWithTmpDir(filepath.Join(folder, build), true)
	stop(err == nil)
	if err != nil {
		return cpython.Interpreter{}, fmt.Errorf("unpacking the embedded Python into %s: %w; %s", folder, err, advice)
	}
	home := unpacked.GetExtractedPath()
	executable, err := unpacked.GetExePath()
	if err != nil {
		return cpython.Interpreter{}, err
	}
	for _, path := range []string{home, filepath.Dir(executable), executable} {
		if err := checkOwner(path); err != nil {
			return cpython.Interpreter{}, err
		}
	}
	environment, err := environment()
	if err != nil {
		return cpython.Interpreter{}, err
	}
	return cpython.Interpreter{Path: executable, Env: environment, Name: name, Pip: "glass pip", Code: folder}, nil
}

// environment keeps the user's settings for other Pythons away, and adds the folder for installed packages.
func environment() ([]string, error) {
	packages, err := PackageFolder()
	if err != nil {
		return nil, err
	}
	return []string{"PYTHONHOME", "PYTHONNOUSERSITE", "PYTHONPLATLIBDIR", "PYTHONUSERBASE=" + packages}, nil
}

const advice = "set HOME or XDG_CACHE_HOME to a folder of yours with 150 MB to spare, or choose another Python with --python PATH"

// Folder is glass's own folder in the user's cache, and no other user's.
func Folder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no cache folder to unpack the embedded Python into: %w; %s", err, advice)
	}
	folder := filepath.Join(cache, "glass")
	return folder, ownFolder(folder)
}

// ownFolder makes sure that the folder exists, is ours, and cannot be written to by others.
func ownFolder(folder string) error {
	if err := os.MkdirAll(filepath.Dir(folder), 0o700); err != nil {
		return fmt.Errorf("%w; %s", err, advice)
	}
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%w; %s", err, advice)
	}
	return checkOwner(folder)
}
