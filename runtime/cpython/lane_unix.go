//go:build unix

package cpython

import (
	"net"
	"syscall"
)

// writeNoWait writes as much as the system takes at once. An error is left to the next write.
func writeNoWait(channel net.Conn, b []byte) (n int) {
	unix, ok := channel.(*net.UnixConn)
	if near, ok := channel.(NearChannel); ok {
		n, _ = near.Put(b)
		return n
	}
	if !ok { // another host's, which takes all at once
		n, _ = channel.Write(b)
		return n
	}
	socket, err := unix.SyscallConn()
	if err != nil {
		return 0
	}
	socket.Write(func(descriptor uintptr) bool {
		if n, err = syscall.Write(int(descriptor), b); err != nil {
			n = 0
		}
		return true
	})
	return n
}
