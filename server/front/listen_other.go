//go:build !unix

package front

import (
	"errors"
	"io/fs"
	"net"
	"syscall"
)

// setBacklog leaves the backlog to the system, which allows no second listen(2).
//
// Simplified: the backlog of a listening socket is the system's choice on Windows.
func setBacklog(net.Listener, int) {}

func reusePort(_, _ string, _ syscall.RawConn) error {
	return errors.New("--reuse-port: this system has no SO_REUSEPORT")
}

func setUmask(fs.FileMode) (restore func()) { return func() {} }
