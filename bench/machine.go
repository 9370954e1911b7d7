package bench

import (
	goruntime "runtime"
)

// Machine is where it was measured.
type Machine struct {
	System string  `json:"system"` // with the version of its kernel, where it is known
	CPU    string  `json:"cpu"`
	Cores  int     `json:"cores"`
	Memory float64 `json:"memory"` // bytes
	Go     string  `json:"go"`
}

func thisMachine() Machine {
	m := Machine{System: goruntime.GOOS + "/" + goruntime.GOARCH, Cores: goruntime.NumCPU(), Go: goruntime.Version()}
	m.describe()
	return m
}
