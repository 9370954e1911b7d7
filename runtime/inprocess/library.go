package inprocess

import (
	"fmt"
	"strings"

	"glasswsgi/runtime/cpython"
)

// librarySource prints the name that the shared library has, and where it is.
const librarySource = `
import os, sys, sysconfig
name = sysconfig.get_config_var("INSTSONAME") or "?"
print(name)
for folder in os.path.join(sys.base_prefix, "lib"), sysconfig.get_config_var("LIBDIR"):
    path = os.path.join(folder or "/", name)
    if ".so" in name and os.path.isfile(path):
        print(path)
`

// findLibrary asks an interpreter for its shared library.
func findLibrary(i cpython.Interpreter) (path string, err error) {
	answer, err := i.Ask(librarySource)
	if err != nil {
		return "", err
	}
	lines := strings.Split(strings.TrimSpace(answer), "\n")
	switch name := strings.TrimSpace(lines[0]); {
	case len(lines) > 1:
		return strings.TrimSpace(lines[1]), nil
	case strings.Contains(name, ".so"):
		package_, _, _ := strings.Cut(name, ".so")
		return "", fmt.Errorf("--in-process needs the library %s of %s, which is not installed: on Debian it is in the package %s", name, i.Path, package_)
	}
	return "", fmt.Errorf("--in-process needs a Python with a shared library, and %s was built without one (--enable-shared): take another with --python, or the embedded one", i.Path)
}
