//go:build !unix

package front

import "net"

// peerWaits: Windows has no limit of descriptors that accept would meet before a peer is there.
func peerWaits(net.Listener) bool { return true }
