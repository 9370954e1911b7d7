package cpython

import (
	"os"

	"golang.org/x/sys/unix"
)

// newOutbox makes the memory. It belongs to no file system, so that no full or read-only disk is in its way.
func newOutbox() (*outbox, error) {
	descriptor, err := unix.MemfdCreate("glass outbox", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	file := os.NewFile(uintptr(descriptor), "outbox")
	if err := file.Truncate(outboxHead + outboxRing); err != nil {
		file.Close()
		return nil, err
	}
	return &outbox{file: file, ask: make(chan struct{}, 1)}, nil
}

// comeNear maps the memory of a worker in this process.
func (o *outbox) comeNear() {
	memory, err := unix.Mmap(int(o.file.Fd()), 0, outboxHead+outboxRing, unix.PROT_READ, unix.MAP_SHARED)
	if err == nil { // else the file is read, as with any worker
		o.near = memory
	}
}

func (o *outbox) leaveNear() { unix.Munmap(o.near) }
