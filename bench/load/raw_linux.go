package load

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// System calls that Go's scheduler does not see. Told of each, it would look every 20 microseconds whether to give the
// loop's processor to another thread, which costs more than the loop does. They return at once, or soon.

func read(descriptor int, p []byte) (int, error) {
	return raw(unix.SYS_READ, descriptor, unsafe.Pointer(unsafe.SliceData(p)), len(p), 0)
}

func write(descriptor int, p []byte) (int, error) {
	return raw(unix.SYS_WRITE, descriptor, unsafe.Pointer(unsafe.SliceData(p)), len(p), 0)
}

func epollWait(epoll int, events []unix.EpollEvent, milliseconds int) (int, error) {
	return raw(unix.SYS_EPOLL_PWAIT, epoll, unsafe.Pointer(unsafe.SliceData(events)), len(events), milliseconds)
}

func raw(call uintptr, descriptor int, to unsafe.Pointer, length, wait int) (int, error) {
	n, _, err := unix.RawSyscall6(call, uintptr(descriptor), uintptr(to), uintptr(length), uintptr(wait), 0, 0)
	if err != 0 {
		return 0, err
	}
	return int(n), nil
}
