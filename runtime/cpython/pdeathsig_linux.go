package cpython

import "syscall"

// dieWithParent makes the kernel kill the worker when our thread ends, even by SIGKILL.
func dieWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }
