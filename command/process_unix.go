//go:build unix

package command

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// lock takes the file's lock, which ends with this process.
func lock(file *os.File) error {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errLocked
	}
	return err
}

// identity is whom --user and --group name.
type identity struct {
	uid, gid int
	groups   []int
	user     *user.User // nil: --group alone
}

// identity looks the user and the group up; nil is to stay who we are.
func (f *listenFlags) identity() (*identity, error) {
	if f.User == "" && f.Group == "" {
		return nil, nil
	}
	who := &identity{uid: os.Getuid(), gid: os.Getgid()}
	if f.User != "" {
		found, err := user.Lookup(f.User)
		if err != nil {
			found, err = user.LookupId(f.User)
		}
		if err != nil {
			return nil, fmt.Errorf("--user: there is no user %s", f.User)
		}
		who.user = found
		who.uid, _ = strconv.Atoi(found.Uid)
		who.gid, _ = strconv.Atoi(found.Gid)
		groups, err := found.GroupIds()
		if err != nil {
			return nil, fmt.Errorf("--user: the groups of %s: %w", f.User, err)
		}
		for _, group := range groups {
			gid, _ := strconv.Atoi(group)
			who.groups = append(who.groups, gid)
		}
	}
	if f.Group != "" {
		found, err := user.LookupGroup(f.Group)
		if err != nil {
			found, err = user.LookupGroupId(f.Group)
		}
		if err != nil {
			return nil, fmt.Errorf("--group: there is no group %s", f.Group)
		}
		who.gid, _ = strconv.Atoi(found.Gid)
	}
	if os.Geteuid() != 0 && (who.uid != os.Getuid() || who.gid != os.Getgid()) {
		return nil, errors.New("--user and --group need root's rights: start glass as root, or leave them out")
	}
	return who, nil
}

// become gives up root's rights for good. The files, and the sockets that nothing else can open, go with us.
func (who *identity) become(listeners []net.Listener, files ...*logFile) error {
	if who == nil || who.uid == os.Getuid() && who.gid == os.Getgid() {
		return nil
	}
	for _, listener := range listeners {
		if address, ok := listener.Addr().(*net.UnixAddr); ok && address.Name != "" && address.Name[0] != '@' {
			if err := os.Chown(address.Name, who.uid, who.gid); err != nil {
				return fmt.Errorf("--user: %w", err)
			}
		}
	}
	for _, file := range files {
		if file != nil && file.path != "-" {
			if err := os.Chown(file.path, who.uid, who.gid); err != nil {
				return fmt.Errorf("--user: %w", err)
			}
		}
	}
	if err := errors.Join(syscall.Setgroups(who.groups), syscall.Setgid(who.gid), syscall.Setuid(who.uid)); err != nil {
		return fmt.Errorf("--user, --group: root's rights cannot be given up: %w", err)
	}
	if who.user != nil { // as systemd's User= does
		os.Setenv("HOME", who.user.HomeDir)
		os.Setenv("USER", who.user.Username)
		os.Setenv("LOGNAME", who.user.Username)
	}
	return nil
}
