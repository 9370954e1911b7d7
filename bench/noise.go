package bench

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"glasswsgi/bench/load"
)

// Noise tells how quiet the machine was.
type Noise struct {
	Load        float64   `json:"load"`        // the load average when it began
	Calibration []float64 `json:"calibration"` // seconds that the same work took, before each round
	Variation   float64   `json:"variation"`   // of these: the coefficient of variation
	Steal       float64   `json:"steal"`       // the share of CPU time that the hypervisor gave to others
}

// What is called noisy.
const (
	busyShare      = 0.25 // of the cores, as load average
	noisyVariation = 0.05
	noisySteal     = 0.01
	fullyUsed      = 0.9 // of the cores that the load generator can use
)

var work = sync.OnceValue(func() []byte { return make([]byte, 8<<20) })

// calibrate does the same work every time, and returns how long it took.
func calibrate() float64 {
	data := work()
	begun := time.Now()
	for range 4 {
		sum := sha256.Sum256(data)
		data[0] = sum[0] // so that nothing is left out
	}
	return time.Since(begun).Seconds()
}

// remarks say in words what the figures of noise mean.
func (n *Noise) remarks(cores int) (remarks []string) {
	if n.Load > busyShare*float64(cores) {
		remarks = append(remarks, fmt.Sprintf("The machine was busy when it began: load average %.2f on %d cores. Measure on an idle one.", n.Load, cores))
	}
	if n.Variation > noisyVariation {
		remarks = append(remarks, fmt.Sprintf("The machine is noisy: the same work took between rounds times that vary by %.1f %% (coefficient of variation; above %.0f %% small differences mean nothing).", 100*n.Variation, 100*noisyVariation))
	}
	if n.Steal > noisySteal {
		remarks = append(remarks, fmt.Sprintf("The hypervisor gave %.1f %% of the CPU time to other machines.", 100*n.Steal))
	}
	return remarks
}

// unsureRemarks explain the word, where it stands in a table.
func (r *Report) unsureRemarks() []string {
	for _, w := range r.Workloads {
		for _, row := range w.Body() {
			if slices.ContainsFunc(row, func(cell string) bool { return strings.HasSuffix(cell, unsure) }) {
				return []string{fmt.Sprintf("%s stands where no interval of confidence would tell anything: there are fewer than %d rounds, or the rounds differ so much that it would reach beyond twice the mean. More rounds (--rounds), longer ones (--duration) and a quiet machine help.",
					strings.TrimSpace(unsure), leastRounds)}
			}
		}
	}
	return nil
}

// heldBack names the servers for which the load generator had no time to spare.
func (r *Report) heldBack() (remarks []string) {
	for _, w := range r.Workloads {
		for _, server := range w.Servers {
			used, cores := w.generator(server), load.Cores()
			if used >= fullyUsed*float64(cores) {
				remarks = append(remarks, fmt.Sprintf("%s, %s: the load generator used %.2f of the %d cores that it can use: it is the limit, and the server may be faster.",
					w.Title, server, used, cores))
			}
		}
	}
	return remarks
}

// generator is how many cores the load generator used, or 0 where that is not known.
func (w *WorkloadResult) generator(server string) float64 {
	var used []float64
	for _, m := range w.Measurements {
		if m.Server == server && m.Failed == "" && m.Generator > 0 {
			used = append(used, m.Generator)
		}
	}
	if len(used) == 0 {
		return 0
	}
	return Estimated(used).Mean
}
