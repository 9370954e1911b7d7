package front

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// DefaultPort is the port of an address that names none.
const DefaultPort = "8888"

// Listening says how sockets are opened.
type Listening struct {
	Backlog   int         // how many connections the system holds until they are accepted
	ReusePort bool        // let other servers listen on the same port; the system spreads connections over them
	Umask     os.FileMode // bits that the mode of a Unix socket, 0777, goes without
}

// Listen opens what --bind names: HOST:PORT, HOST, [IPV6]:PORT, unix:PATH, or fd://N for a socket that was inherited. A
// name may stand for several addresses, as localhost does; then there is a listener for each.
func (l Listening) Listen(bind string) ([]net.Listener, error) {
	listeners, err := l.open(bind)
	if err != nil {
		return nil, explainListen(bind, err)
	}
	for _, listener := range listeners {
		setBacklog(listener, l.Backlog)
	}
	return listeners, nil
}

func (l Listening) open(bind string) ([]net.Listener, error) {
	if path, ok := strings.CutPrefix(bind, "unix:"); ok {
		return one(listenUnix(path, l.Umask))
	}
	if fd, ok := strings.CutPrefix(bind, "fd://"); ok {
		return one(listenInherited(fd))
	}
	host, port, err := splitBind(bind)
	if err != nil {
		return nil, err
	}
	if host == "" { // all addresses of both families
		return one(l.listenTCP("tcp", net.JoinHostPort("", port)))
	}
	addresses, err := addressesOf(host)
	if err != nil {
		return nil, err
	}
	return l.listenAll(addresses, port)
}

func one(listener net.Listener, err error) ([]net.Listener, error) {
	return []net.Listener{listener}, err
}

// splitBind adds the default port to a host that stands alone.
func splitBind(bind string) (host, port string, err error) {
	if host, port, err := net.SplitHostPort(bind); err == nil {
		return host, port, nil
	}
	host = strings.Trim(bind, "[]")
	if _, err := strconv.ParseUint(host, 10, 64); err == nil {
		return "", "", fmt.Errorf("a number alone is no address: write 127.0.0.1:%s for this machine alone, or :%s for all its addresses", host, host)
	}
	return host, DefaultPort, nil
}

// addressesOf are those that a host name stands for, or the one that is written.
func addressesOf(host string) ([]netip.Addr, error) {
	if address, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{address}, nil
	}
	if strings.EqualFold(host, "localhost") { // whatever /etc/hosts lacks (RFC 6761 §6.3)
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, nil
	}
	addresses, err := net.DefaultResolver.LookupNetIP(context.Background(), "ip", host)
	if err != nil {
		return nil, err
	}
	for i, address := range addresses {
		addresses[i] = address.Unmap()
	}
	slices.SortFunc(addresses, netip.Addr.Compare)
	return slices.Compact(addresses), nil
}

// portTries is how often a free port is looked for that is free at every address.
const portTries = 20

// listenAll listens at one port of all addresses. Those that this machine lacks are left out, as ::1 where there is no
// IPv6, as long as it has one.
func (l Listening) listenAll(addresses []netip.Addr, port string) (listeners []net.Listener, err error) {
	for range portTries {
		if listeners, err = l.tryAll(addresses, port); port != "0" || !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
	}
	return listeners, err
}

func (l Listening) tryAll(addresses []netip.Addr, port string) (listeners []net.Listener, err error) {
	var missing error
	for _, address := range addresses {
		network := "tcp4" // 0.0.0.0 is IPv4 alone, and :: is IPv6 alone
		if address.Is6() {
			network = "tcp6"
		}
		listener, err := l.listenTCP(network, net.JoinHostPort(address.String(), port))
		switch {
		case err == nil:
			listeners = append(listeners, listener)
			port = strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
		case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EAFNOSUPPORT):
			missing = err
		default:
			for _, listener := range listeners {
				listener.Close()
			}
			return nil, err
		}
	}
	if len(listeners) == 0 {
		return nil, missing
	}
	return listeners, nil
}

func (l Listening) listenTCP(network, address string) (net.Listener, error) {
	// Without TCP's keep-alive: each wait for a peer has a time-out of ours, and setting it up costs four system calls.
	config := net.ListenConfig{KeepAlive: -1}
	if l.ReusePort {
		config.Control = reusePort
	}
	return config.Listen(context.Background(), network, address)
}

// listenInherited takes over a listening socket that the program which started glass has opened.
func listenInherited(fd string) (net.Listener, error) {
	n, err := strconv.ParseUint(fd, 10, 31)
	if err != nil {
		return nil, fmt.Errorf("%q is not the number of a file descriptor", fd)
	}
	file := os.NewFile(uintptr(n), "fd://"+fd)
	defer file.Close()
	return net.FileListener(file)
}

// explainListen says what to do about the usual reasons.
func explainListen(bind string, err error) error {
	hint := ""
	var name *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		hint = "; another program listens there: stop it, or choose another address with --bind (port 0 takes a free one)"
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		hint = "; ports below 1024 and foreign folders need more rights: choose another address with --bind"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		hint = "; this machine has no such address: 127.0.0.1 is this machine alone, 0.0.0.0 all its addresses"
	case errors.As(err, &name):
		hint = "; write HOST:PORT with a name or an address of this machine, or unix:PATH"
	}
	return fmt.Errorf("cannot listen on %s: %w%s", bind, err, hint)
}

// Address writes a listener's address the way a user would type it into a client.
func Address(listener net.Listener) string {
	if tcp, ok := listener.Addr().(*net.TCPAddr); ok {
		return "http://" + tcp.String()
	}
	return "unix:" + listener.Addr().String()
}
