//go:build !linux

package bench

func (m *Machine) describe() {}

// Neither is known here.
func loadAverage() float64            { return 0 }
func cpuTimes() (all, stolen float64) { return 0, 0 }
