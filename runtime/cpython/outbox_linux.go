package cpython

import (
	"os"

	"golang.org/x/sys/unix"
)

// newOutbox makes the memory. It belongs to no file system, so that no full or read-only disk is in its way, and it is sealed: a
// worker that cut it off would end us by SIGBUS.
func newOutbox() (*outbox, error) {
	descriptor, err := unix.MemfdCreate("glass outbox", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	file := os.NewFile(uintptr(descriptor), "outbox")
	if err := file.Truncate(outboxSize); err != nil {
		file.Close()
		return nil, err
	}
	if _, err := unix.FcntlInt(file.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL); err != nil {
		file.Close()
		return nil, os.NewSyscallError("fcntl", err)
	}
	memory, err := unix.Mmap(int(file.Fd()), 0, outboxSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		file.Close()
		return nil, os.NewSyscallError("mmap", err)
	}
	o := &outbox{file: file, memory: memory, unmap: func() { unix.Munmap(memory) }, ask: make(chan struct{}, 1)}
	o.users.Store(1)
	return o, nil
}
