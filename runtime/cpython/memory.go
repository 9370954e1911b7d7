package cpython

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
)

// statm is where Linux tells a process's memory, in pages: its size, and what of it is resident (proc_pid_statm(5)).
const statm = "/proc/%d/statm"

// checkMemoryIsKnown returns an error where Config.MaxMemory cannot be held.
func checkMemoryIsKnown() error {
	if _, err := os.Stat(fmt.Sprintf(statm, os.Getpid())); err != nil {
		return errors.New("the memory of a worker can be bounded on Linux only, where /proc tells it: leave out --max-worker-memory, or use --max-requests")
	}
	return nil
}

// resident is the memory of a process that is in RAM, in bytes; 0 where that is not known, for example because it is gone.
func resident(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf(statm, pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize())
}
