//go:build unix

package front

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// PeerWaits says whether a peer waits to be accepted. That accept fails does not tell: accept(2) looks for a descriptor
// first, and then for a peer.
func PeerWaits(descriptor int) bool {
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(descriptor), Events: unix.POLLIN}}, 0)
	return n > 0 || err != nil
}

// peerWaits is PeerWaits for a listener. One without a descriptor is believed.
func peerWaits(listener net.Listener) (waits bool) {
	waits = true
	if socket, ok := listener.(syscall.Conn); ok {
		if raw, err := socket.SyscallConn(); err == nil {
			raw.Control(func(descriptor uintptr) { waits = PeerWaits(int(descriptor)) })
		}
	}
	return waits
}
