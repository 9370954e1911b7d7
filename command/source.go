package command

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// goSource has the source files of glass itself: see Run.
var goSource fs.FS

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
	text, err := fs.ReadFile(goSource, path.Clean(filepath.ToSlash(c.File)))
	if err != nil {
		return fmt.Errorf("there is no %s: glass source lists what there is", c.File)
	}
	_, err = os.Stdout.Write(text)
	return err
}
