//go:build unix

package embedded

import (
	"fmt"
	"os"
	"syscall"
)

// checkOwner refuses what another user could have planted or changed.
func checkOwner(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if info.Mode()&os.ModeSymlink != 0 {
		return refuse(path, "it is a symbolic link", "rm "+path)
	}
	if owner := int(info.Sys().(*syscall.Stat_t).Uid); owner != os.Geteuid() {
		return refuse(path, fmt.Sprintf("it belongs to user %d, and you are %d", owner, os.Geteuid()), "rm -r "+path)
	}
	if info.Mode().Perm()&0o022 != 0 {
		return refuse(path, fmt.Sprintf("others may write to it (%v)", info.Mode()), "chmod go-w "+path)
	}
	return nil
}

func refuse(path, why, remedy string) error {
	return fmt.Errorf("will not run Python from %s: %s; try: %s", path, why, remedy)
}
