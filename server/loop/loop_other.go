//go:build !linux

package loop

import (
	"errors"
	"os"

	"glasswsgi/server"
)

// Available says that this system has what the loop needs: epoll.
const Available = false

// NewBell makes what wakes a loop.
func NewBell() (*os.File, error) { return nil, errors.ErrUnsupported }

// New makes a server without a loop.
func New(config server.Config) *server.Server { return server.New(config) }
