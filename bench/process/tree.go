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
	Traced  int           // the process id of a debugger of one of them, or 0
}

// Times is the CPU time of programs: in their own code, and in the kernel on their behalf.
type Times struct{ User, System time.Duration }

// Add is the sum of two.
func (t Times) Add(other Times) Times { return Times{t.User + other.User, t.System + other.System} }

// Sub is what came to be after other.
func (t Times) Sub(other Times) Times { return Times{t.User - other.User, t.System - other.System} }

// All is the CPU time of both kinds.
func (t Times) All() time.Duration { return t.User + t.System }

// Parts is the CPU time of a tree by who used it: the first process, or the others, with those that have ended.
type Parts struct{ First, Others Times }

// ErrUnknown is the answer of systems that do not tell.
var ErrUnknown = errors.New("this system does not tell the CPU time and the memory of other processes in a way that glass knows; Linux does")
