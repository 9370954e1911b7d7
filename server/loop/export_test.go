//go:build linux

package loop

import (
	"os"

	"golang.org/x/sys/unix"
)

// Visit is visit.
func (l *Loop) Visit(until func() bool) bool { return l.visit(until) }

// GiveSpareTo has another file take the place of the spare descriptor, as after it was needed, and says which that is.
func (l *Loop) GiveSpareTo(file *os.File) (descriptor int, err error) {
	done := make(chan struct{})
	l.do(func() {
		descriptor = l.spare
		err = unix.Dup3(int(file.Fd()), descriptor, unix.O_CLOEXEC)
		l.keepSpare()
		close(done)
	})
	<-done
	return descriptor, err
}
