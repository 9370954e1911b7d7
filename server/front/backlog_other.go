//go:build !unix

package front

import "net"

// setBacklog leaves the backlog to the system, which allows no second listen(2).
//
// Simplified: the backlog of a listening socket is the system's choice on Windows.
func setBacklog(net.Listener, int) {}
