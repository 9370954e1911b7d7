package bench

import (
	"errors"
	"fmt"
	"time"

	"glasswsgi/bench/load"
)

// Options are what the command line says.
type Options struct {
	Glass       string   // the path of glass itself
	Version     string   // of it
	Python      string   // glass's --python
	Interpreter string   // the Python of wsgiref, by its path
	Environ     []string // what that Python needs: NAME=VALUE sets, NAME removes a variable
	Peers       []string // Pythons that may have the other servers: the first that has one runs it

	App       string // the user's application, instead of ours
	Path      string // its request-target
	Servers   []string
	Commands  []string // servers of the user: see own
	Workloads []string

	Rounds      int
	Duration    time.Duration
	Requests    int64 // ends a measurement sooner; 0: only the time does
	Connections int   // 0: as the workload has it
	Workers     int
	Threads     int
	Rate        float64 // of an open loop behind the closed one; 0: as the workload has it
	FileSize    int64   // of the workload "file"
	Steps       bool    // where the time goes, in a run of its own
	Targets     bool    // what glass should reach by its own developers' wish, and whether it does
}

// Bounds of what may be asked.
const (
	maxRounds  = 100
	maxWorkers = 256
	maxThreads = 1024
	maxFile    = 16 << 30
)

// Validate refuses what cannot be measured, or would hurt the machine.
func (o *Options) Validate() error {
	switch {
	case o.Rounds <= 0 || o.Rounds > maxRounds:
		return fmt.Errorf("--rounds must be from 1 to %d", maxRounds)
	case o.Duration <= 0 || o.Duration > load.MaxDuration:
		return fmt.Errorf("--duration must be more than 0, and at most %v", load.MaxDuration)
	case o.Connections < 0 || o.Connections > load.MaxConnections:
		return fmt.Errorf("--connections must be from 1 to %d", load.MaxConnections)
	case o.Workers <= 0 || o.Workers > maxWorkers || o.Threads <= 0 || o.Threads > maxThreads:
		return fmt.Errorf("--workers must be from 1 to %d, --threads from 1 to %d", maxWorkers, maxThreads)
	case o.Rate < 0 || o.Requests < 0 || o.FileSize <= 0 || o.FileSize > maxFile:
		return errors.New("--rate and --requests must not be less than 0, --file-size must be from 1 to 16 GB")
	}
	return nil
}

// interpreterName is what a reader types for the Python of wsgiref.
func (o *Options) interpreterName() string {
	if o.Python == "embedded" {
		return "python3.14"
	}
	return o.Interpreter
}

// settle gives a workload the numbers that the command line has for it.
func (o *Options) settle(w *Workload) {
	if w.Workers == 0 {
		w.Workers = o.Workers
	}
	if w.Threads == 0 {
		w.Threads = o.Threads
	}
	if o.Connections > 0 && w.Idle == 0 {
		w.Connections = o.Connections
	}
	if w.NeedsFile {
		w.Content = o.FileSize
	}
	if !o.Targets {
		w.Targets = nil
	}
}
