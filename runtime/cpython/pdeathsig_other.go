//go:build unix && !linux

package cpython

import "syscall"

// dieWithParent has nothing to do: the worker's lifeline thread sees our end.
func dieWithParent(*syscall.SysProcAttr) {}
