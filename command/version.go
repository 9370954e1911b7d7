package command

import (
	"fmt"
	goruntime "runtime"
	"runtime/debug"

	"glasswsgi/runtime/cpython/embedded"
)

// version is that of the CHANGELOG.
const version = "0.1.0"

// software names us in SERVER_SOFTWARE and in the Server field.
const software = "glass/" + version

// versionCommand is `glass version`.
type versionCommand struct{}

// Run prints what a bug report should say.
func (c *versionCommand) Run() error {
	fmt.Printf("glass %s%s\n", version, revision())
	fmt.Printf("%s, %s/%s\n", goruntime.Version(), goruntime.GOOS, goruntime.GOARCH)
	fmt.Printf("CPython %s, embedded\n", embedded.Version)
	return nil
}

// revision is the commit that the binary was built from, where the build knows it.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return " (" + setting.Value[:min(12, len(setting.Value))] + ")"
		}
	}
	return ""
}
