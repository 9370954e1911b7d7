//go:build unix

package front

import (
	"io/fs"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// setBacklog repeats listen(2) with the length that was asked for: package net takes the system's largest.
func setBacklog(listener net.Listener, backlog int) {
	socket, ok := listener.(syscall.Conn)
	if !ok {
		return
	}
	if raw, err := socket.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { syscall.Listen(int(fd), backlog) })
	}
}

// reusePort lets several sockets listen on one port (socket(7), SO_REUSEPORT).
func reusePort(_, _ string, socket syscall.RawConn) error {
	var failed error
	err := socket.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	})
	if err != nil {
		return err
	}
	return failed
}

// setUmask is for the whole process: only while it starts.
func setUmask(mask fs.FileMode) (restore func()) {
	before := syscall.Umask(int(mask))
	return func() { syscall.Umask(before) }
}
