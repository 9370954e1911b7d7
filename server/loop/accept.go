//go:build linux

package loop

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// listener is a socket that listens, under a descriptor of our own.
type listener struct {
	descriptor int
	local      net.Addr
	pause      time.Duration // before the next try, after an error
	warned     time.Time
}

func newListener(socket syscall.Conn, local net.Addr) (*listener, error) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil, err
	}
	l := &listener{local: local}
	var failed error
	err = raw.Control(func(descriptor uintptr) {
		l.descriptor, failed = unix.FcntlInt(descriptor, unix.F_DUPFD_CLOEXEC, 0)
	})
	return l, errors.Join(err, os.NewSyscallError("fcntl", failed))
}

// listen begins to accept. A descriptor belongs to the loop's thread from now on.
func (l *Loop) listen(s *listener) error {
	l.listeners = put(l.listeners, s.descriptor, s)
	l.sockets = put(l.sockets, s.descriptor, nil)
	return l.add(s.descriptor)
}

func (l *Loop) unlisten(s *listener) {
	if l.listeners[s.descriptor] == s {
		l.listeners[s.descriptor] = nil
		l.remove(s.descriptor)
		unix.Close(s.descriptor)
	}
}

func (l *Loop) unlistenAll() {
	for _, s := range l.listeners {
		if s != nil {
			l.unlisten(s)
		}
	}
}

// put sets an element of a table by descriptor, which grows.
func put[T any](table []T, descriptor int, value T) []T {
	if descriptor >= len(table) {
		table = slices.Grow(table, descriptor+1-len(table))[:descriptor+1]
	}
	table[descriptor] = value
	return table
}

// accept takes connections in, and reads what has come over them. None gives way to a peer that is not there.
func (l *Loop) accept(s *listener) {
	for range mostAccepts {
		if l.Connections().AtLimit() {
			if !front.PeerWaits(s.descriptor) {
				return
			}
			if l.Connections().Full() {
				l.refuse(s, front.ErrFull)
				return
			}
		}
		descriptor, from, err := unix.Accept4(s.descriptor, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		switch err {
		case nil:
			s.pause = 0
			l.begin(s, descriptor, from)
		case unix.EAGAIN:
			return
		case unix.ECONNABORTED, unix.EINTR:
		default:
			if !front.PeerWaits(s.descriptor) {
				return
			}
			l.Connections().GiveWay()
			l.refuse(s, os.NewSyscallError("accept4", err))
			return
		}
	}
}

// refuse looks away from a listener for a while, which has a connection that cannot be taken.
func (l *Loop) refuse(s *listener, why error) {
	s.pause = min(max(2*s.pause, front.AcceptBackoffMin), front.AcceptBackoffMax)
	if l.now.Sub(s.warned) > front.AcceptWarnings {
		s.warned = l.now
		l.Log.Warn("cannot accept a connection; waiting before the next try", "error", why)
	}
	l.remove(s.descriptor)
	time.AfterFunc(s.pause, func() {
		l.do(func() {
			if l.listeners[s.descriptor] == s {
				l.add(s.descriptor)
			}
		})
	})
}

// begin makes a connection of a socket that was accepted.
func (l *Loop) begin(s *listener, descriptor int, from unix.Sockaddr) {
	c := &connection{loop: l, descriptor: descriptor, memory: wsgi.Memory{Place: descriptor}}
	if c.presence = l.Connections().TakeHandle(handle{c}); c.presence == nil {
		return // the handle has closed it
	}
	peer := address(from)
	if peer != nil {
		unix.SetsockoptInt(descriptor, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
	c.facts = l.Facts(ends{localOf(descriptor, s.local), peer})
	l.sockets = put(l.sockets, descriptor, c)
	l.has++
	l.listeners = put(l.listeners, descriptor, nil)
	c.presence.WaitsForPeer()
	c.readable() // the request has often come with the connection
}

// ends are the addresses of a connection.
type ends struct{ local, remote net.Addr }

func (e ends) LocalAddr() net.Addr  { return e.local }
func (e ends) RemoteAddr() net.Addr { return e.remote }

// localOf is the address at which a connection has arrived, where its listener has several.
func localOf(descriptor int, local net.Addr) net.Addr {
	tcp, ok := local.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return local
	}
	if name, err := unix.Getsockname(descriptor); err == nil {
		if a := address(name); a != nil {
			return a
		}
	}
	return local
}

// address is nil for a Unix socket.
func address(a unix.Sockaddr) net.Addr {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port)))
	case *unix.SockaddrInet6:
		return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port)))
	}
	return nil
}
