package dap

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	"glasswsgi/inspect/hub"
)

// Listen opens an address for editors: HOST:PORT, which must be this machine's loopback, or unix:PATH, which becomes a
// socket of mode 0600.
func Listen(address string) (net.Listener, error) {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		return listenUnix(path)
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("--dap %s: write HOST:PORT or unix:PATH", address)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("--dap %s: a client that can connect can run any code, so glass listens on loopback addresses only, such as 127.0.0.1:0; from another machine, use ssh -L", address)
	}
	return net.Listen("tcp", address)
}

// listenUnix makes the socket where no other user can reach it, and moves it to its place when its mode is right.
func listenUnix(path string) (net.Listener, error) {
	if old, err := os.Lstat(path); err == nil {
		if old.Mode().Type() != os.ModeSocket {
			return nil, fmt.Errorf("--dap unix:%s: there is a file that is no socket: remove it, or name another path", path)
		}
		if c, err := net.Dial("unix", path); err == nil {
			c.Close()
			return nil, fmt.Errorf("--dap unix:%s: another process listens there: name another path", path)
		}
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".glass-dap-")
	if err != nil {
		return nil, fmt.Errorf("--dap unix:%s: %w", path, err)
	}
	defer os.RemoveAll(dir)
	private := filepath.Join(dir, "s")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: private, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("--dap unix:%s: %w", path, err)
	}
	listener.SetUnlinkOnClose(false)
	if err = os.Chmod(private, 0o600); err == nil {
		err = os.Rename(private, path)
	}
	if err != nil {
		listener.Close()
		return nil, fmt.Errorf("--dap unix:%s: %w", path, err)
	}
	return &socketFile{listener, path}, nil
}

// socketFile removes its path when it is closed.
type socketFile struct {
	net.Listener
	path string
}

func (s *socketFile) Close() error {
	os.Remove(s.path)
	return s.Listener.Close()
}

// Options say what editors find.
type Options struct {
	Hub *hub.Hub
	// Checkout is the folder of glass's own source, where there is one: editors then open these files. "" shows the source
	// from the binary.
	Checkout string
	// Source is the source of glass that the binary has, by the hub's names of files.
	Source fs.FS
	Log    *slog.Logger
}

// Serve answers editors until the listener is closed. Of several, the first to attach has control.
func Serve(ctx context.Context, listener net.Listener, o Options) error {
	stop := context.AfterFunc(ctx, func() { listener.Close() })
	defer stop()
	places := make(chan struct{}, maxEditors)
	for {
		conn, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case places <- struct{}{}:
		default:
			o.Log.Warn("an editor was turned away: too many are connected", "most", maxEditors)
			conn.Close()
			continue
		}
		go func() {
			defer func() { conn.Close(); <-places }()
			leave := context.AfterFunc(ctx, func() { conn.Close() })
			defer leave()
			if err := converse(conn, o); err != nil && ctx.Err() == nil {
				o.Log.Warn("the connection of an editor has ended", "because", err)
			}
		}()
	}
}
