package front

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
	"syscall"
)

// longestSocketPath is what the system's address of a Unix socket has room for, with a zero byte at its end.
const longestSocketPath = len(syscall.RawSockaddrUnix{}.Path) - 1

// listenUnix takes the place of a socket file that a killed server left behind, and never that of a live one.
func listenUnix(path string, umask fs.FileMode) (net.Listener, error) {
	switch {
	case path == "":
		return nil, errors.New("a Unix socket has a path: write unix:PATH")
	case len(path) > longestSocketPath:
		return nil, fmt.Errorf("the path of a Unix socket may have %d bytes, and this one has %d: choose a shorter one, such as in /run", longestSocketPath, len(path))
	}
	if info, err := os.Lstat(path); err == nil {
		if info.Mode()&fs.ModeSocket == 0 {
			return nil, errors.New("a file is in the way that is no socket: remove it, or choose another path")
		}
		peer, err := net.Dial("unix", path)
		if err == nil {
			peer.Close()
			return nil, syscall.EADDRINUSE
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			os.Remove(path)
		}
	}
	restore := setUmask(umask) // at bind, so that there is no moment with another mode
	listener, err := net.Listen("unix", path)
	restore()
	if err != nil {
		return nil, err
	}
	unix := listener.(*net.UnixListener)
	unix.SetUnlinkOnClose(false)
	file, err := os.Lstat(path)
	if err != nil { // an abstract socket (unix(7)) has no file
		return unix, nil
	}
	return &socketFile{UnixListener: unix, path: path, file: file}, nil
}

// socketFile is a listener that removes its own file when it is closed: a path may have been taken over by another server,
// which has removed the file and made one of its own.
type socketFile struct {
	*net.UnixListener
	path string
	file fs.FileInfo // by device and inode, which is in use until the socket is closed
	once sync.Once
}

// Close implements net.Listener.
func (s *socketFile) Close() error {
	s.once.Do(func() {
		if now, err := os.Lstat(s.path); err == nil && os.SameFile(now, s.file) {
			os.Remove(s.path)
		}
	})
	return s.UnixListener.Close()
}
