//go:build !unix

package command

import (
	"errors"
	"net"
	"os"
)

// lock: here a lock would keep others from reading the file.
func lock(*os.File) error { return nil }

type identity struct{}

func (f *listenFlags) identity() (*identity, error) {
	if f.User != "" || f.Group != "" {
		return nil, errors.New("--user and --group: this system has no setuid")
	}
	return nil, nil
}

func (who *identity) become([]net.Listener, ...*logFile) error { return nil }
