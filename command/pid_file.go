package command

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// pidFile is the file of --pid. It is locked for as long as glass runs, so that a second one sees that the first one
// lives, whatever the number in the file has come to mean; a file that a killed one left behind is taken over.
type pidFile struct {
	path string
	file *os.File
}

var errLocked = errors.New("another process holds its lock")

// claimPid writes our process id to a file that is ours until free.
func claimPid(path string) (*pidFile, error) {
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, fmt.Errorf("--pid: %w", err)
		}
		p := &pidFile{path, file}
		if err := lock(file); errors.Is(err, errLocked) {
			defer file.Close()
			return nil, fmt.Errorf("--pid %s: glass runs already, as process %s: stop it, or choose another file", path, p.content())
		} else if err != nil {
			file.Close()
			return nil, fmt.Errorf("--pid %s: %w", path, err)
		}
		if !p.isThere() { // another one has removed it since we opened it
			file.Close()
			continue
		}
		err = file.Truncate(0)
		if err == nil {
			_, err = file.WriteAt(fmt.Appendln(nil, os.Getpid()), 0)
		}
		if err != nil {
			file.Close()
			return nil, fmt.Errorf("--pid: %w", err)
		}
		return p, nil
	}
}

func (p *pidFile) content() string {
	text := make([]byte, 20) // of the longest number
	n, _ := p.file.ReadAt(text, 0)
	return strings.TrimSpace(string(text[:n]))
}

// isThere says whether the path still leads to our file.
func (p *pidFile) isThere() bool {
	ours, err := p.file.Stat()
	if err != nil {
		return false
	}
	now, err := os.Stat(p.path)
	return err == nil && os.SameFile(ours, now)
}

// free removes the file, unless the path leads to that of another by now. Where the folder does not let us, it is empty.
func (p *pidFile) free() {
	if p.isThere() && os.Remove(p.path) != nil {
		p.file.Truncate(0)
	}
	p.file.Close()
}
