//go:build linux

package loop

import (
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The system calls of the loop. Those that cannot wait are made without telling Go's scheduler (RawSyscall): it would hand
// our processor to another thread, and take it back.

// wait waits until a descriptor is ready, or something is due. It says how many events there are.
func (l *Loop) wait() int {
	if n := l.look(); n > 0 {
		return n
	}
	timeout := l.timeout()
	if timeout == 0 {
		return 0
	}
	begun := time.Now()
	if l.eager > 0 && l.has <= spinConnections {
		for time.Since(begun) < spinTime {
			if n := l.look(); n > 0 {
				l.eager = spinTries
				return n
			}
			unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) // whoever is to answer may need this very processor
		}
		l.eager--
	}
	defer func() {
		if l.eager == 0 && time.Since(begun) < spinTime {
			l.eager = 1
		}
	}()
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT, uintptr(l.epoll), uintptr(unsafe.Pointer(&l.events[0])), mostEvents, uintptr(timeout), 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

// look is wait for what is ready already.
func (l *Loop) look() int {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(l.epoll), uintptr(unsafe.Pointer(&l.events[0])), mostEvents, 0, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

// timeout is after how many milliseconds something is due; -1 is never.
func (l *Loop) timeout() int {
	if l.isNew { // it came behind a request that was answered
		return 0
	}
	if l.lane.Pending() > 0 {
		return int(lookInterval / time.Millisecond)
	}
	due := time.Duration(-1)
	for _, at := range []time.Time{l.fresh.due(), l.kept.due(), l.last.due()} {
		if left := max(0, time.Until(at)); !at.IsZero() && (due < 0 || left < due) {
			due = left
		}
	}
	if len(l.waiting) > 0 && (due < 0 || due > patience) {
		due = patience
	}
	if due < 0 {
		return -1
	}
	return int(due/time.Millisecond) + 1
}

// add has epoll tell when a descriptor can be read.
func (l *Loop) add(descriptor int) error {
	err := unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, descriptor, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(descriptor)})
	return os.NewSyscallError("epoll_ctl", err)
}

func (l *Loop) remove(descriptor int) { unix.EpollCtl(l.epoll, unix.EPOLL_CTL_DEL, descriptor, nil) }

// read takes what a socket has. again: nothing is there.
func read(descriptor int, b []byte) (n int, again bool) {
	count, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(descriptor), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	switch errno {
	case 0:
		return int(count), false
	case unix.EAGAIN, unix.EINTR:
		return 0, true
	}
	return 0, false
}

// send gives a socket as much as it takes. gone: the peer is.
func send(descriptor int, b []byte) (n int, gone bool) {
	for n < len(b) {
		count, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(descriptor), uintptr(unsafe.Pointer(&b[n])), uintptr(len(b)-n), unix.MSG_NOSIGNAL|unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			n += int(count)
		case unix.EAGAIN:
			return n, false
		case unix.EINTR:
		default:
			return n, true
		}
	}
	return n, false
}
