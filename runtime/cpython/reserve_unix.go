//go:build unix

package cpython

import (
	"errors"
	"os"
	"syscall"
)

// reserve holds descriptors back, so that a worker can be replaced when connections have taken all others. Only the
// spawner's goroutine touches it.
type reserve []*os.File

func (r *reserve) fill() {
	for len(*r) < spawnDescriptors {
		file, err := os.Open(os.DevNull)
		if err != nil { // there are none: the next one who starts a worker tries again
			return
		}
		*r = append(*r, file)
	}
}

func (r *reserve) release() {
	for _, file := range *r {
		file.Close()
	}
	*r = nil
}

// isNoDescriptor says that the process, or the system, has as many open files as it may have.
func isNoDescriptor(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}
