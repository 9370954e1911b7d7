package cpython

import "maps"

// Why a worker was replaced, or its replacement did not come up: the keys of Pool.Restarts.
const (
	CauseDied        = "died"          // it ended, or broke the protocol
	CauseTimeout     = "timeout"       // a call in it was silent for too long
	CauseMaxRequests = "max-requests"  // Config.MaxRequests
	CauseMaxMemory   = "max-memory"    // Config.MaxMemory
	CauseReload      = "reload"        // Pool.Restart
	CauseNotStarted  = "did-not-start" // a new worker did not load the application, and is tried again
)

// Causes are all of them.
var Causes = []string{CauseDied, CauseTimeout, CauseMaxRequests, CauseMaxMemory, CauseReload, CauseNotStarted}

// Restarts is how often workers were replaced, by cause, since the pool was started.
func (p *Pool) Restarts() map[string]uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.restarts)
}

// count is for callers that hold mu.
func (p *Pool) count(cause string) { p.restarts[cause]++ }

// Load is what a pool has to do.
type Load struct {
	Workers int // that take calls
	Busy    int // their threads, and those of workers that are being replaced, that are at a call
	Idle    int // their threads that are at none
	Queued  int // calls that wait for a thread
}

// Load counts what the pool has to do now.
func (p *Pool) Load() (l Load) {
	l.Queued = int(p.waiting.Load())
	for _, w := range p.all() {
		w.mu.Lock()
		busy := min(len(w.calls), p.config.Threads)
		l.Busy += busy
		l.Queued += len(w.calls) - busy // sent ahead
		if w.state == ready {
			l.Workers++
			l.Idle += p.config.Threads - busy
		}
		w.mu.Unlock()
	}
	return l
}

// Memory is what the workers have in RAM, in bytes; 0 where that is not known. What they share is counted for each.
func (p *Pool) Memory() (bytes int64) {
	for _, w := range p.all() {
		bytes += resident(w.process.Pid)
	}
	return bytes
}
