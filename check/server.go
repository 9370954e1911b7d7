package check

import (
	"context"
	_ "embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"glasswsgi/check/peer"
)

//go:embed glass_probe.py
var application []byte

// Server is a server under test that was started by a command.
type Server struct {
	*peer.Process
	folder string
}

// Start runs a command with its placeholders filled in, and waits until the server accepts connections: {port} on the
// loopback interface, {app}, {dir} and {module} for the probe application. The folder of the application is in
// PYTHONPATH; the working directory stays the user's, to whom the command belongs.
func Start(ctx context.Context, command []string) (*Server, error) {
	folder, err := os.MkdirTemp("", "glass-check-")
	if err != nil {
		return nil, err
	}
	app, records := filepath.Join(folder, "glass_probe.py"), filepath.Join(folder, "records")
	// Apache serves as another user when root starts it: that one must read the application, and record what it does.
	if err := errors.Join(os.Chmod(folder, 0o755), os.WriteFile(app, application, 0o644), peer.WriteApache(folder),
		os.Mkdir(records, 0o700), os.Chmod(records, 0o777|fs.ModeSticky)); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	fill := map[string]string{"app": app, "dir": folder, "module": "glass_probe:application"}
	environ := append(os.Environ(), "GLASS_PROBE_DIR="+records,
		"PYTHONPATH="+folder+string(os.PathListSeparator)+os.Getenv("PYTHONPATH"))
	process, err := peer.Start(ctx, command, fill, environ)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	server := &Server{process, folder}
	if err := process.Stays(); err != nil {
		server.Stop()
		return nil, err
	}
	return server, nil
}

// Stop ends the server and the processes of its group, and removes the probe application.
func (s *Server) Stop() {
	s.Process.Stop()
	os.RemoveAll(s.folder)
}
