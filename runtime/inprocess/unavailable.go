//go:build !linux || !(amd64 || arm64) || static

package inprocess

import (
	"errors"
	"net"
	"time"

	"glasswsgi/runtime/cpython"
)

// Available says that this program can do it.
const Available = false

// Python is not there.
type Python struct{}

// New says why.
func New(Config) (*Python, error) {
	return nil, errors.New("this glass has no --in-process: that needs Linux on amd64 or arm64, and a build without the tag static")
}

// Start implements cpython.Host.
func (*Python) Start(cpython.Guest) (channel, lifeline net.Conn, wait func() string, err error) {
	return nil, nil, nil, errors.New("there is no Python in this process")
}

// Finish does nothing.
func (*Python) Finish(time.Duration) error { return nil }
