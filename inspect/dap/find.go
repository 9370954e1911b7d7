package dap

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// dialTime is for a glass that is to be debugged to take the connection.
const dialTime = 10 * time.Second

// folder is where a glass listens that was given no address, a socket for each process. Only its owner may enter.
func folder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no folder for the debugger's socket (%w): name one, --dap=unix:PATH", err)
	}
	path := filepath.Join(cache, "glass", "dap")
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", err
	}
	if runtime.GOOS != "windows" {
		err = os.Chmod(path, 0o700) // which fails where it is another user's
	}
	return path, err
}

// DefaultAddress is where this process listens when it is given no address.
func DefaultAddress() (string, error) {
	path, err := folder()
	return "unix:" + filepath.Join(path, strconv.Itoa(os.Getpid())), err
}

// Dial connects to a glass. "" is the one of this user's that was given no address, if there is only one.
func Dial(address string) (net.Conn, error) {
	if address == "" {
		return dialOnly()
	}
	network, where := "tcp", address
	if path, isUnix := strings.CutPrefix(address, "unix:"); isUnix {
		network, where = "unix", path
	}
	conn, err := net.DialTimeout(network, where, dialTime)
	if err != nil {
		return nil, fmt.Errorf("no glass answers at %s: start it with --dap=%s (%w)", address, address, err)
	}
	return conn, nil
}

// dialOnly tries all sockets in the folder. One that a killed glass has left behind takes no connection, and goes.
func dialOnly() (net.Conn, error) {
	path, err := folder()
	if err != nil {
		return nil, err
	}
	sockets, err := filepath.Glob(filepath.Join(path, "[0-9]*"))
	if err != nil {
		return nil, err
	}
	var found net.Conn
	var names []string
	for _, socket := range sockets {
		conn, err := net.DialTimeout("unix", socket, dialTime)
		if err != nil {
			os.Remove(socket)
			continue
		}
		names = append(names, "unix:"+socket)
		if found != nil {
			conn.Close()
			continue
		}
		found = conn
	}
	switch len(names) {
	case 0:
		return nil, errors.New("no glass of this user waits for an editor: start one with glass serve --dap APP")
	case 1:
		return found, nil
	}
	found.Close()
	return nil, fmt.Errorf("several glasses wait for an editor, so say which in \"socket\": %s", strings.Join(names, ", "))
}
