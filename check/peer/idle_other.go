//go:build !linux

package peer

// Idle would say whether every thread of the process sleeps: there is no portable way to know.
func (p *Process) Idle() (idle, known bool) { return false, false }
