//go:build unix

package front

import (
	"net"
	"syscall"
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
