package front

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// DefaultPort is the port of an address that names none.
const DefaultPort = "8888"

// Listen opens what --bind names: HOST:PORT, HOST, [IPV6]:PORT, unix:PATH, or fd://N for a socket that was inherited.
// backlog is how many connections the system holds until they are accepted.
func Listen(bind string, backlog int) (net.Listener, error) {
	listener, err := listen(bind)
	if err != nil {
		return nil, explainListen(bind, err)
	}
	setBacklog(listener, backlog)
	return listener, nil
}

func listen(bind string) (net.Listener, error) {
	if path, ok := strings.CutPrefix(bind, "unix:"); ok {
		return listenUnix(path)
	}
	if fd, ok := strings.CutPrefix(bind, "fd://"); ok {
		return listenInherited(fd)
	}
	// Without TCP's keep-alive: each wait for a peer has a time-out of ours, and setting it up costs four system calls.
	config := net.ListenConfig{KeepAlive: -1}
	return config.Listen(context.Background(), "tcp", withPort(bind))
}

// withPort adds the default port to a host that stands alone.
func withPort(bind string) string {
	if _, _, err := net.SplitHostPort(bind); err == nil {
		return bind
	}
	return net.JoinHostPort(strings.Trim(bind, "[]"), DefaultPort)
}

// listenUnix takes the place of a socket file that a killed server left behind, and never that of a live one.
func listenUnix(path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSocket != 0 {
		peer, err := net.Dial("unix", path)
		if err == nil {
			peer.Close()
			return nil, syscall.EADDRINUSE
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			os.Remove(path)
		}
	}
	return net.Listen("unix", path)
}

// listenInherited takes over a listening socket that whoever started us has opened.
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
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		hint = "; another program listens there: stop it, or choose another address with --bind (port 0 takes a free one)"
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		hint = "; ports below 1024 and foreign folders need more rights: choose another address with --bind"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		hint = "; this machine has no such address: 127.0.0.1 is this machine alone, 0.0.0.0 all its addresses"
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
