package process

import (
	"errors"
	"time"
)

// Usage is what a tree of processes costs.
type Usage struct {
	CPU     time.Duration // of all processes since they began, and of those that have ended and were waited for
	Memory  int64         // bytes: the proportional share of what is shared between processes, where the system tells it
	Root    int64         // of that, the first process
	Largest int64         // of that, the largest of the others
	Count   int           // processes
	Traced  int           // the process id of somebody who is debugging one of them, or 0
}

// ErrUnknown is the answer of systems that do not tell.
var ErrUnknown = errors.New("this system does not tell the CPU time and the memory of other processes in a way that glass knows; Linux does")
