//go:build unix

package load

import (
	"io"
	"syscall"
)

// peek says EAGAIN for a connection that is open and silent, and io.EOF for one that the peer has closed.
func peek(raw syscall.RawConn) (err error) {
	var n int
	control := raw.Control(func(descriptor uintptr) {
		n, _, err = syscall.Recvfrom(int(descriptor), make([]byte, 1), syscall.MSG_PEEK)
	})
	switch {
	case control != nil:
		return control
	case err == nil && n == 0:
		return io.EOF
	}
	return err
}
