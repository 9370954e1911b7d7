package peer

import (
	_ "embed"
	"os"
	"path/filepath"
)

//go:embed serve_apache.py
var apache []byte

// WriteApache writes serve_apache.py to a folder: `python3 {dir}/serve_apache.py PORT MODULE WORKERS THREADS` serves a
// module of that folder with Apache and mod_wsgi, which take no command line of their own.
func WriteApache(folder string) error {
	return os.WriteFile(filepath.Join(folder, "serve_apache.py"), apache, 0o644)
}
