package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// PackageFolder is where `glass pip` installs packages for the embedded Python: its PYTHONUSERBASE. It survives a new
// build of the same Python version, as the cache does not.
func PackageFolder() (string, error) {
	data, err := dataFolder()
	if err != nil {
		return "", fmt.Errorf("there is no folder for installed packages: %w; set HOME", err)
	}
	return filepath.Join(data, "glass", "python-3.14"), nil
}

// dataFolder is where the system wants a user's data.
func dataFolder() (string, error) {
	switch runtime.GOOS {
	case "windows", "darwin": // %AppData%, ~/Library/Application Support
		return os.UserConfigDir()
	}
	if folder := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(folder) {
		return folder, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share"), err
}
