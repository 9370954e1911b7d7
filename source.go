package main

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// goSource is the source of the packages that a request goes through, for whoever steps through one, and of the applications
// that the course compares its own with.
//
//go:embed parser/*.go runtime/wsgi/*.go server/*.go examples/hello.py examples/stream.py
var goSource embed.FS

// sourceCommand is `glass source`: what the binary knows of its own source.
type sourceCommand struct {
	File string `arg:"" optional:"" help:"The file, such as server/exchange.go. (all of their names)"`
}

// Run prints a file, or the names of all.
func (c *sourceCommand) Run() error {
	if c.File == "" {
		return fs.WalkDir(goSource, ".", func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && !strings.HasSuffix(name, "_test.go") {
				fmt.Println(name)
			}
			return err
		})
	}
	text, err := goSource.ReadFile(path.Clean(filepath.ToSlash(c.File)))
	if err != nil {
		return fmt.Errorf("there is no %s: glass source lists what there is", c.File)
	}
	_, err = os.Stdout.Write(text)
	return err
}
