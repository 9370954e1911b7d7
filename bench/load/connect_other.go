//go:build !linux

package load

import "runtime"

// Cores are those that the generator can use.
func Cores() int { return runtime.NumCPU() }

// connect makes the connections of a plan, which are opened when they are first needed.
func connect(p *Plan) (connections, error) { return newGoroutines(p), nil }
